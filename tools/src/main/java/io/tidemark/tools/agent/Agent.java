package io.tidemark.tools.agent;

import io.tidemark.errors.TidemarkException;
import io.tidemark.metrics.Alarm;
import io.tidemark.metrics.AlarmBoard;
import io.tidemark.metrics.Metric;
import io.tidemark.metrics.MetricSample;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKey;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.plugin.LiveConfiguration;
import io.tidemark.plugin.StoreSettings;
import io.tidemark.storage.Directories;
import io.tidemark.storage.StoreLock;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tdengine.tmq.DriverTopic;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows every vnode of a data directory, or every embedded engine, each into a store of its own,
 * until it is stopped.
 *
 * <p>Thread-safe. One agent for a directory of stores: an operating-system lock sees to that.
 */
public final class Agent implements AutoCloseable {
  /*
   * Threads. Workers give each vgroup its turns, one at a time. One more thread, the watch, looks for
   * vnodes, for another configuration, and compares alarms. It never touches a store.
   *
   * Memory. What is not sealed, of all stores: the configuration's limit, divided evenly. A store that
   * has its share seals what it has, and waits for that if it must: nothing is dropped.
   */

  private static final String LOCK_NAME = "AGENT.LOCK";

  private final LiveConfiguration live;
  private final VnodeFollower.Clocks clocks;
  private final Consumer<String> log;
  private final long startedMs;
  private final StoreLock lock;
  private final AlarmHook hook;
  private final AgentTopics topics;
  private final AgentContext context;
  private final BackupRunner backups;
  private final AlarmBoard alarms = new AlarmBoard();
  private final FollowedLogs logs;
  private final ScheduledThreadPoolExecutor workers;
  private final Turns turns;
  private final ScheduledThreadPoolExecutor watch;
  private final ScheduledThreadPoolExecutor background;
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private volatile boolean isPausedByHand;
  private volatile String configurationTrouble = "";
  private volatile String watchTrouble = "";
  private volatile long beatMs;
  private boolean isClosed; // Guarded by this.

  private Agent(
      LiveConfiguration live,
      VnodeFollower.Clocks clocks,
      Consumer<String> log,
      BackupJob job,
      AgentTopics topics,
      StoreLock lock) {
    this.live = live;
    this.topics = topics;
    this.clocks = clocks;
    this.log = log;
    this.lock = lock;
    this.startedMs = clocks.epoch().time();
    this.beatMs = startedMs;
    this.hook = new AlarmHook(log);
    this.context = context();
    Configuration configuration = live.current();
    this.workers =
        executor(
            (int) configuration.number(ConfigurationKeys.CALLBACK_THREADS), "tidemark-follow-");
    this.turns = new Turns(workers);
    this.logs = new FollowedLogs(context, turns, log);
    this.backups = new BackupRunner(job, new LentStores(context, logs), clocks.epoch(), log);
    this.watch = executor(1, "tidemark-watch-");
    this.background = executor(1, "tidemark-names-");
  }

  private AgentContext context() {
    return new AgentContext() {
      @Override
      public Configuration configuration() {
        return live.current();
      }

      @Override
      public VnodeFollower.Clocks clocks() {
        return clocks;
      }

      @Override
      public Executor background() {
        return background;
      }

      @Override
      public AgentTopics topics() {
        return topics;
      }

      @Override
      public long startedMs() {
        return startedMs;
      }

      @Override
      public boolean isPaused() {
        return Agent.this.isPaused();
      }

      @Override
      public int openEventsMax() {
        return StoreSettings.openEvents(live.current(), logs.count());
      }
    };
  }

  private static ScheduledThreadPoolExecutor executor(int threads, String name) {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory factory =
        work -> {
          Thread thread = new Thread(work, name + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        };
    ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(threads, factory);
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return executor;
  }

  /**
   * Starts an agent; it follows from then on.
   *
   * @param live the configuration, which may be reloaded at any time
   * @param log takes lines for people
   * @param job the backup that is taken by order
   * @throws io.tidemark.errors.StoreLockedException if another agent has the directory of stores
   */
  public static Agent start(
      LiveConfiguration live, VnodeFollower.Clocks clocks, Consumer<String> log, BackupJob job)
      throws IOException {
    AgentTopics topics = new AgentTopics(DriverTopic::new, System.getenv(), clocks.nano(), log);
    return start(live, clocks, log, job, topics);
  }

  /** Starts an agent that may read from a topic. */
  static Agent start(
      LiveConfiguration live,
      VnodeFollower.Clocks clocks,
      Consumer<String> log,
      BackupJob job,
      AgentTopics topics)
      throws IOException {
    Path stores = stores(live.current());
    Directories.create(stores);
    StoreLock lock = StoreLock.acquire(stores.resolve(LOCK_NAME));
    Agent agent = new Agent(live, clocks, log, job, topics, lock);
    try {
      agent.discover();
    } catch (IOException | RuntimeException e) {
      agent.close();
      throw e;
    }
    agent.watch(agent::discover, ConfigurationKeys.DISCOVERY_INTERVAL_MS);
    agent.watch(agent::look, ConfigurationKeys.REFRESH_INTERVAL_MS);
    return agent;
  }

  /** Returns the directory of stores of a configuration. */
  public static Path stores(Configuration configuration) {
    return Path.of(configuration.text(ConfigurationKeys.PERSISTENCE_PATH));
  }

  // ---- the watch

  /** Looks for logs that appeared or vanished. */
  private void discover() throws IOException {
    logs.look();
    watchTrouble = "";
  }

  /** What the watch does again and again. */
  @FunctionalInterface
  private interface Round {
    void run() throws IOException;
  }

  /** Takes a round after an interval, and then again and again; a failure ends one round only. */
  private void watch(Round round, ConfigurationKey interval) {
    try {
      Future<?> unused =
          watch.schedule(
              () -> {
                try {
                  round(round);
                } finally {
                  watch(round, interval);
                }
              },
              live.current().number(interval),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // The agent is stopping.
    }
  }

  private void round(Round round) {
    try {
      round.run();
    } catch (IOException | RuntimeException | Error e) {
      logOnce(e instanceof IOException ? String.valueOf(e.getMessage()) : e.toString());
    }
  }

  private void logOnce(String trouble) {
    if (!trouble.equals(watchTrouble)) {
      log.accept("watch failed: " + trouble);
    }
    watchTrouble = trouble;
  }

  private void look() throws IOException {
    beatMs = clocks.epoch().time();
    try {
      reloadIfChanged();
    } finally {
      watchAlarms();
    }
  }

  private void reloadIfChanged() throws IOException {
    if (live.isFileChanged()) {
      try {
        reload();
      } catch (IOException | TidemarkException e) {
        // Told by health and in the log.
      }
    }
  }

  private void watchAlarms() {
    Configuration configuration = live.current();
    // Before its first refresh a vgroup has no values to judge by.
    List<MetricSample> known =
        samples().stream().filter(one -> one.value(Metric.LAST_UPDATE_TIME) > 0).toList();
    List<Alarm> changes = alarms.update(ConfigurationKeys.alarmRules(configuration), known, beatMs);
    for (Alarm alarm : changes) {
      log.accept(alarm.message());
      hook.run(alarm, configuration);
    }
  }

  // ---- what others may ask and order

  /** Returns the metrics of all vgroups, in the order of their names. */
  public List<MetricSample> samples() {
    return logs.all().stream().map(FollowedVgroup::sample).toList();
  }

  /** Returns the alarms that are raised. */
  public List<Alarm> alarms() {
    return alarms.raised();
  }

  /** Returns how every vgroup is. */
  List<FollowedVgroup.Status> statuses() {
    return logs.all().stream().map(FollowedVgroup::status).toList();
  }

  /** Returns what is in force. */
  public Configuration configuration() {
    return live.current();
  }

  /** Returns the age of a heartbeat from which on a writer counts as silent, ms. */
  public long silentAfterMs() {
    return 10 * live.current().number(ConfigurationKeys.REFRESH_INTERVAL_MS);
  }

  /** Returns the clock of the agent: ms since the epoch. */
  public long nowMs() {
    return clocks.epoch().time();
  }

  /** Returns when it began to follow, ms since the epoch. */
  public long startedMs() {
    return startedMs;
  }

  /** Returns whether logs are not read at present. */
  public boolean isPaused() {
    return isPausedByHand || !live.current().flag(ConfigurationKeys.ENABLE);
  }

  /** Returns whether it does what it is there for. */
  public Health health() {
    List<String> reasons = new ArrayList<>();
    boolean isLive = nowMs() - beatMs <= silentAfterMs();
    if (!isLive) {
      reasons.add("watch gave no sign: sinceMs=" + (nowMs() - beatMs));
    }
    boolean isReady = isLive && !isPaused();
    if (isPausedByHand) {
      reasons.add("paused by hand");
    }
    if (!live.current().flag(ConfigurationKeys.ENABLE)) {
      reasons.add("paused: event_interceptor.enable=false");
    }
    if (!configurationTrouble.isEmpty()) {
      reasons.add("reload refused, the configuration before is in force: " + configurationTrouble);
    }
    reasons.addAll(logs.troubles());
    if (!watchTrouble.isEmpty()) {
      reasons.add(watchTrouble);
    }
    long idleMs = live.current().number(ConfigurationKeys.IDLE_POLL_INTERVAL_MS);
    for (FollowedVgroup.Status status : statuses()) {
      boolean isSilent = Health.isSilent(status, nowMs(), idleMs);
      isReady &= Health.isReady(status) && !isSilent;
      reasons.addAll(Health.reasons(status));
      if (isSilent) {
        reasons.add(status.name() + ": gave no sign: sinceMs=" + status.sinceHeartbeatMs(nowMs()));
      }
    }
    if (logs.count() == 0) {
      reasons.add(EnginePlace.areWanted(live.current()) ? "no engine found" : "no vnode found");
    }
    alarms().forEach(alarm -> reasons.add(alarm.message()));
    BackupRunner.Status backup = backups.status();
    if (backup != null && backup.state() == BackupRunner.State.FAILED) {
      reasons.add("backup failed: " + backup.error());
    }
    return new Health(isLive, isReady, reasons);
  }

  /**
   * Begins a backup; its progress is part of the status.
   *
   * @throws IOException if one runs already
   */
  public void backup() throws IOException {
    backups.start();
  }

  /** Returns how the last backup is; null before the first. */
  BackupRunner.@Nullable Status backupStatus() {
    return backups.status();
  }

  /** Stops reading logs, or goes on; stores stay open. */
  public void pause(boolean isPause) {
    isPausedByHand = isPause;
    log.accept(isPause ? "paused" : "resumed");
  }

  /**
   * Publishes everything of every vgroup.
   *
   * @return what failed, by vgroup
   */
  public Map<String, String> checkpoint() {
    Map<String, String> failures = new TreeMap<>();
    for (FollowedVgroup vgroup : logs.all()) {
      try {
        vgroup.checkpoint();
      } catch (IOException | TidemarkException e) {
        failures.put(vgroup.name(), String.valueOf(e.getMessage()));
      }
    }
    return failures;
  }

  /**
   * Puts the configuration in force as its source has it now.
   *
   * @return one line for each value that changed
   */
  public List<String> reload() throws IOException {
    try {
      List<String> changes = live.reload().stream().map(Configuration.Change::message).toList();
      configurationTrouble = "";
      changes.forEach(change -> log.accept("reloaded: " + change));
      discoverSoon();
      return changes;
    } catch (IOException | TidemarkException e) {
      configurationTrouble = String.valueOf(e.getMessage());
      log.accept("reload refused: " + e.getMessage());
      throw e;
    }
  }

  /** What is to be followed may be something else now. */
  private void discoverSoon() {
    try {
      watch.execute(() -> round(this::discover));
    } catch (RejectedExecutionException e) {
      // The agent is stopping.
    }
  }

  /** Asks whoever waits to close it. */
  public void requestStop() {
    stopRequested.countDown();
  }

  /** Waits until somebody asks for the end. */
  public void awaitStopRequest() throws InterruptedException {
    stopRequested.await();
  }

  /** Publishes everything, closes every store and gives the directory back; waits for all that. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
    }
    requestStop();
    watch.shutdownNow();
    background.shutdownNow();
    backups.close();
    List<Future<?>> closing = new ArrayList<>();
    for (FollowedVgroup vgroup : logs.all()) {
      closing.add(workers.submit(vgroup::stop));
    }
    workers.shutdown();
    try {
      for (Future<?> one : closing) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IOException("cannot close a store: " + e.getCause(), e);
    } finally {
      turns.close();
      hook.close();
      lock.close();
    }
  }
}
