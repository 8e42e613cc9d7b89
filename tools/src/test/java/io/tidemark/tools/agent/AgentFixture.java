package io.tidemark.tools.agent;

import io.tidemark.plugin.ConfigurationSource;
import io.tidemark.plugin.LiveConfiguration;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tdengine.tmq.TopicAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/** A data directory with generated vnodes, and agents that follow it with short intervals. */
final class AgentFixture {
  private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

  final Path data;
  final Path stores;
  final Path configuration;
  final List<String> log = new CopyOnWriteArrayList<>();
  private BackupJob job = new NoBackup();
  private final Map<String, String> values = new LinkedHashMap<>();

  AgentFixture(Path directory) throws IOException {
    data = Files.createDirectories(directory.resolve("taos").resolve("vnode"));
    stores = directory.resolve("stores");
    configuration = directory.resolve("agent.json");
    Files.writeString(configuration, "{}");
    values.put("agent.data_directory", data.toString());
    values.put("bitmap_engine.persistence_path", stores.toString());
    values.put("agent.poll_interval_ms", "1");
    values.put("agent.idle_poll_interval_ms", "10");
    values.put("agent.discovery_interval_ms", "20");
    values.put("agent.refresh_interval_ms", "20");
    values.put("agent.retry_interval_ms", "5");
    values.put("agent.retry_interval_max_ms", "20");
    values.put("event_interceptor.callback_threads", "2");
    values.put("http.port", "0");
    // What the generated server writes bears the time of a day long ago.
    values.put("alarms.consumer_lag_ms.raise_at", "none");
  }

  /** Gives the command line's value of a key. */
  AgentFixture with(String path, String value) {
    values.put(path, value);
    return this;
  }

  /** Gives the backup that is taken by order. */
  AgentFixture with(BackupJob backup) {
    job = backup;
    return this;
  }

  /** Refuses. */
  private static final class NoBackup implements BackupJob {
    @Override
    public void run(Stores stores, Listener listener) throws IOException {
      throw new IOException("no backup here");
    }

    @Override
    public void cancel() {}
  }

  GeneratedVnode vnode(int vgroupId) throws IOException {
    return GeneratedVnode.create(data, vgroupId, "power", 3600);
  }

  Agent start() throws IOException {
    return start(log::add);
  }

  /** Starts one that tells its log something else than {@link #log}. */
  Agent start(Consumer<String> lines) throws IOException {
    return Agent.start(live(), clocks(), lines, job);
  }

  /** Starts one whose topic is another than a server's. */
  Agent start(TopicAccess topic, Map<String, String> environment) throws IOException {
    AgentTopics topics =
        new AgentTopics(settings -> topic, environment, SystemNanoClock.INSTANCE, log::add);
    return Agent.start(live(), clocks(), log::add, job, topics);
  }

  private LiveConfiguration live() throws IOException {
    return LiveConfiguration.read(new ConfigurationSource(configuration, Map.of(), values));
  }

  private static VnodeFollower.Clocks clocks() {
    return new VnodeFollower.Clocks(SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE);
  }

  /** Waits until something is so; fails if it does not become so in a minute. */
  static void await(String what, BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("never happened: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Waits until a vgroup is complete through a version. */
  static void awaitThrough(Agent agent, int vgroupId, long version) {
    awaitThrough(agent, "vnode" + vgroupId, version);
  }

  /** Waits until a log is complete through a version. */
  static void awaitThrough(Agent agent, String name, long version) {
    await(name + " through " + version, () -> completeThrough(agent, name) >= version);
  }

  static long completeThrough(Agent agent, String name) {
    for (FollowedVgroup.Status status : agent.statuses()) {
      VnodeFollower.Standing standing = status.standing();
      if (status.name().equals(name) && standing != null) {
        return standing.completeThrough();
      }
    }
    return -1;
  }
}
