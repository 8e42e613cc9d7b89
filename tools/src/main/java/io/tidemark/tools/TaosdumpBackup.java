package io.tidemark.tools;

import io.tidemark.block.Verdict;
import io.tidemark.errors.TidemarkException;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.storage.Directories;
import io.tidemark.tdengine.taosdump.AlteredObjects;
import io.tidemark.tdengine.taosdump.CallCosts;
import io.tidemark.tdengine.taosdump.Connection;
import io.tidemark.tdengine.taosdump.DumpCall;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tdengine.taosdump.GoneObjects;
import io.tidemark.tdengine.taosdump.IncrementalSet;
import io.tidemark.tdengine.taosdump.PlanOptions;
import io.tidemark.tdengine.taosdump.RunListener;
import io.tidemark.tdengine.taosdump.RunOptions;
import io.tidemark.tdengine.taosdump.RunProgress;
import io.tidemark.tdengine.taosdump.TaosdumpException;
import io.tidemark.tdengine.taosdump.TaosdumpPlan;
import io.tidemark.tdengine.taosdump.TaosdumpRunner;
import io.tidemark.tools.agent.BackupJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The backup of an agent: what {@code script --run --since last} does, into a directory of its own.
 *
 * <p>Goes on with the chain of {@code script}, and with its own last one if that did not come to
 * its end. Copies everything where part of the log is unknown.
 */
final class TaosdumpBackup implements BackupJob {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'").withZone(ZoneOffset.UTC);

  private static final String WAL = "wal";

  private final InstantSource clock;
  private final @Nullable String password;
  private volatile @Nullable TaosdumpRunner runner;
  private volatile boolean isCancelled;

  /**
   * Takes what the configuration does not hold.
   *
   * @param environment holds the password
   */
  TaosdumpBackup(InstantSource clock, Map<String, String> environment) {
    this.clock = clock;
    String given = environment.get(ScriptTarget.PASSWORD_VARIABLE);
    this.password = given == null || given.isEmpty() ? null : given;
  }

  @Override
  public void run(Stores stores, Listener listener) throws IOException {
    Configuration configuration = stores.configuration();
    String configured = configuration.text(ConfigurationKeys.BACKUP_DIRECTORY);
    if (configured.isEmpty()) {
      throw new IOException("no directory for backups is configured: key=backup.directory");
    }
    Path backups = Path.of(configured);
    DatabaseExport interrupted = interrupted(backups, stores);
    DatabaseExport export = interrupted == null ? begin(backups, stores) : interrupted;
    ExportTask task = export.task();
    listener.onPlan(
        String.valueOf(export.output().getFileName()),
        interrupted != null,
        task.isFull(),
        task.plan().calls().size());
    GoneObjects gone = new LaterDrops(() -> stores.lend(export::laterDrops));
    export(
        new TaosdumpRunner(
            task.plan(), export.output(), options(configuration), gone, progress(listener)));
    stores.lend(
        () -> {
          export.acknowledge();
          return true;
        });
  }

  /** Returns the newest export if it can be gone on with; null if there is none, or it cannot. */
  private static @Nullable DatabaseExport interrupted(Path backups, Stores stores)
      throws IOException {
    List<Path> directories = new ArrayList<>(Directories.list(backups));
    Collections.reverse(directories);
    for (Path directory : directories) {
      ExportTask task = readable(directory);
      if (task != null) {
        DatabaseExport export = new DatabaseExport(task, directory, vgroups(stores));
        return task.movesCursors() && export.obstacle().isEmpty() ? export : null;
      }
    }
    return null;
  }

  /** A task that cannot be read is no reason not to back up: it is begun anew. */
  private static @Nullable ExportTask readable(Path directory) throws IOException {
    try {
      return Files.isDirectory(directory) ? ExportTask.read(directory) : null;
    } catch (TidemarkException e) {
      return null;
    }
  }

  private DatabaseExport begin(Path backups, Stores stores) throws IOException {
    List<VgroupPlace> vgroups = vgroups(stores);
    Detection detection = stores.lend(() -> detect(vgroups));
    checkComplete(detection);
    String database = databaseOf(detection);
    Instant now = clock.instant();
    Path output = backups.resolve(database + "-" + TIME.format(now));
    boolean isFull = detection.verdict() == Verdict.FULL_REQUIRED;
    TaosdumpPlan plan;
    try {
      plan = isFull ? full(database) : TaosdumpPlan.of(set(detection), planOptions());
    } catch (TaosdumpException | CommandFailedException e) {
      // What the log names too little of for calls one by one, a dump of everything has.
      isFull = true;
      plan = full(database);
    }
    ExportTask task = DatabaseExport.task(now, detection, plan, isFull, true);
    DatabaseExport export = new DatabaseExport(task, output, vgroups);
    export.write(List.of("Taken by the agent."));
    return export;
  }

  /** Returns the vgroups; the agent has read into their stores what it reads by a topic. */
  private static List<VgroupPlace> vgroups(Stores stores) {
    boolean isByWal = stores.configuration().text(ConfigurationKeys.SOURCE).equals(WAL);
    return isByWal
        ? VgroupPlace.of(stores.vnodes(), stores.directory())
        : VgroupPlace.asTheyAre(stores.vnodes(), stores.directory());
  }

  private static Detection detect(List<VgroupPlace> vgroups) throws IOException {
    Since last = new Since.Last();
    try (OpenDetection open = OpenDetection.of(vgroups, last, ScriptCommand.CHAIN, unused -> {})) {
      return open.result("last", last);
    }
  }

  private static void checkComplete(Detection detection) throws IOException {
    if (!detection.failures().isEmpty()) {
      Detection.VgroupFailure first = detection.failures().get(0);
      throw new IOException(first.vgroup() + ": " + first.message());
    }
    if (detection.answers().isEmpty()) {
      throw new IOException("no vnode is followed: there is nothing to back up");
    }
    if (detection.verdict() == Verdict.NOT_READY) {
      throw new IOException("logs are not read far enough yet: try again");
    }
  }

  private static String databaseOf(Detection detection) throws IOException {
    TreeSet<String> databases = new TreeSet<>();
    detection.answers().forEach(answer -> databases.add(answer.config().database()));
    if (databases.size() != 1) {
      throw new IOException(
          "a backup is of one database: choose one with agent.database: there="
              + String.join(",", databases));
    }
    return databases.first();
  }

  private static IncrementalSet set(Detection detection) {
    return IncrementalSets.of(detection, TableNames.NONE);
  }

  private static PlanOptions planOptions() {
    return new PlanOptions(CallCosts.DEFAULTS, AlteredObjects.RELOAD);
  }

  private static TaosdumpPlan full(String database) throws TaosdumpException {
    return TaosdumpPlan.full(database, CallCosts.DEFAULTS);
  }

  private RunOptions options(Configuration configuration) {
    String host = configuration.text(ConfigurationKeys.BACKUP_HOST);
    String user = configuration.text(ConfigurationKeys.BACKUP_USER);
    String configDirectory = configuration.text(ConfigurationKeys.BACKUP_CONFIG_DIRECTORY);
    long port = configuration.number(ConfigurationKeys.BACKUP_PORT);
    return new RunOptions(
        configuration.text(ConfigurationKeys.BACKUP_TAOSDUMP),
        new Connection(
            host.isEmpty() ? null : host,
            port == 0 ? null : (int) port,
            user.isEmpty() ? null : user,
            password,
            configDirectory.isEmpty() ? null : Path.of(configDirectory)),
        (int) configuration.number(ConfigurationKeys.RETRY_COUNT),
        configuration.number(ConfigurationKeys.RETRY_INTERVAL_MS));
  }

  private static RunListener progress(Listener listener) {
    return new RunListener() {
      @Override
      public void onCall(RunProgress progress, DumpCall call, long rows) {
        listener.onProgress(progress.callsDone(), progress.rows(), progress.remainingMs());
      }
    };
  }

  private void export(TaosdumpRunner started) throws IOException {
    runner = started;
    try {
      if (isCancelled) {
        started.cancel();
      }
      started.export();
    } finally {
      runner = null;
    }
  }

  @Override
  public void cancel() {
    isCancelled = true;
    TaosdumpRunner running = runner;
    if (running != null) {
      running.cancel();
    }
  }
}
