package io.tidemark.tools;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.archive.KeySource;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupProgress;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.LiveEngine;
import io.tidemark.errors.BackupCancelledException;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.errors.WrongKeyException;
import io.tidemark.plugin.BackupSettings;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.plugin.StoreSettings;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tools.agent.BackupJob;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.Chains;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The backup of an agent that follows embedded engines: what {@code backup --full-if-required}
 * does, of one engine after another, into one archive and beside the engines.
 *
 * <p>Goes on with a run that was interrupted first, or gives it up if that cannot be. An engine
 * that fails does not keep the others from being copied.
 */
final class ArchiveBackup implements BackupJob {
  private final String passPhrase;
  private volatile @Nullable BackupCoordinator running;
  private volatile boolean isCancelled;

  /**
   * Takes what the configuration does not hold.
   *
   * @param environment holds the pass phrase
   */
  ArchiveBackup(Map<String, String> environment) {
    this.passPhrase = environment.getOrDefault(PASS_PHRASE_VARIABLE, "");
  }

  @Override
  public void run(Stores stores, Listener listener) throws IOException {
    String directory = stores.configuration().text(ConfigurationKeys.BACKUP_DIRECTORY);
    if (directory.isEmpty()) {
      throw new IOException("no directory for backups is configured: key=backup.directory");
    }
    List<Engine> engines = stores.engines();
    if (engines.isEmpty()) {
      throw new IOException("no engine is followed: there is nothing to back up");
    }
    ArchiveTool tool =
        new ArchiveTool(
            new Archive(FileStorageIO.INSTANCE, Path.of(directory)),
            archiveOptions(stores.configuration()));
    IOException failure = null;
    Told told = new Told(listener, engines.size());
    for (Engine engine : engines) {
      try {
        stores.lend(engine, () -> copy(engine, tool, stores.configuration(), told));
      } catch (BackupCancelledException e) {
        throw e;
      } catch (IOException | TidemarkException e) {
        failure = failed(failure, engine, e);
      }
      told.enginesDone++;
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static IOException failed(@Nullable IOException before, Engine engine, Exception why) {
    IOException failure = new IOException(engine.name() + ": " + why.getMessage(), why);
    if (before == null) {
      return failure;
    }
    before.addSuppressed(failure);
    return before;
  }

  private BackupResult copy(Engine engine, ArchiveTool tool, Configuration configuration, Told told)
      throws IOException {
    String shard = LiveEngine.shard(FileStorageIO.INSTANCE, engine.directory());
    try (BitmapEngine store =
            BitmapEngine.open(
                engine.store(),
                shard,
                StoreSettings.options(configuration, engine.openEventsMax()));
        LiveEngine live = LiveEngine.open(FileStorageIO.INSTANCE, engine.directory(), store)) {
      BackupCoordinator coordinator =
          BackupCoordinator.open(store, live, tool, engine.store(), options(configuration));
      running = coordinator;
      try {
        if (isCancelled) {
          throw new BackupCancelledException("backup was cancelled: engine=" + engine.name());
        }
        return copy(coordinator, engine, told.of(live));
      } finally {
        running = null;
      }
    }
  }

  private static BackupResult copy(BackupCoordinator coordinator, Engine engine, Told.Copying told)
      throws IOException {
    told.begins(engine.name(), coordinator.interrupted(Chains.DEFAULT) != null, false);
    BackupResult resumed = resume(coordinator, engine, told);
    if (resumed != null) {
      return resumed;
    }
    try {
      return coordinator.run(BackupRequest.incremental(Chains.DEFAULT), told);
    } catch (FullBackupRequiredException e) {
      told.begins(engine.name(), false, true);
      return coordinator.run(BackupRequest.full(Chains.DEFAULT), told);
    }
  }

  /**
   * Goes on with a run that was interrupted. One whose files are not as they were left, or were
   * encrypted otherwise, would fail for ever: it is given up, and what it was to copy is copied by
   * the next.
   *
   * @return null if there is none to go on with
   */
  private static @Nullable BackupResult resume(
      BackupCoordinator coordinator, Engine engine, Told.Copying told) throws IOException {
    try {
      return coordinator.resume(Chains.DEFAULT, told);
    } catch (CorruptFileException | WrongKeyException e) {
      coordinator.abort(Chains.DEFAULT);
      told.begins(engine.name(), false, false);
      return null;
    }
  }

  private ArchiveOptions archiveOptions(Configuration configuration) throws IOException {
    boolean isEncrypted = configuration.flag(ConfigurationKeys.ENCRYPTION);
    if (isEncrypted && passPhrase.isEmpty()) {
      throw new IOException(
          "backups are to be encrypted and no pass phrase is given: variable="
              + PASS_PHRASE_VARIABLE
              + ", path="
              + ConfigurationKeys.ENCRYPTION.path());
    }
    return BackupSettings.archive(
        configuration, isEncrypted ? KeySource.passPhrase(passPhrase) : null);
  }

  private static BackupOptions options(Configuration configuration) {
    long batchSize =
        Math.min(configuration.number(ConfigurationKeys.BATCH_SIZE), BackupOptions.MAX_BATCH_SIZE);
    return BackupSettings.runs(configuration, (int) batchSize);
  }

  @Override
  public void cancel() {
    isCancelled = true;
    BackupCoordinator coordinator = running;
    if (coordinator != null) {
      coordinator.cancel();
    }
  }

  /** Tells the agent how it gets on: engines are its calls, blocks its rows. */
  private static final class Told {
    private final Listener listener;
    private final int engines;
    private int enginesDone;
    private long blocksDone;

    Told(Listener listener, int engines) {
      this.listener = listener;
      this.engines = engines;
    }

    Copying of(LiveEngine live) {
      return new Copying(live);
    }

    /** The copying of one engine; its store is fed meanwhile, so that nothing is recycled. */
    private final class Copying implements BackupProgress.Listener {
      private final LiveEngine live;
      private final long blocksBefore = blocksDone;

      Copying(LiveEngine live) {
        this.live = live;
      }

      void begins(String name, boolean isResumed, boolean isFull) {
        listener.onPlan(name, isResumed, isFull, engines);
        listener.onProgress(enginesDone, blocksDone, -1);
      }

      @Override
      public void onProgress(BackupProgress progress) {
        blocksDone = blocksBefore + progress.doneBlocks();
        boolean isOver = progress.phase() == BackupProgress.Phase.COMMIT;
        listener.onProgress(enginesDone + (isOver ? 1 : 0), blocksDone, progress.remainingMs());
        live.follow();
      }
    }
  }
}
