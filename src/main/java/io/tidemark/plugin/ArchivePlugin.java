package io.tidemark.plugin;

import static io.tidemark.plugin.PluginStage.ENDED;
import static io.tidemark.plugin.PluginStage.INITIALISED;
import static io.tidemark.plugin.PluginStage.MADE;
import static io.tidemark.plugin.PluginStage.STARTED;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.archive.ArchiveVerifier;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.KeySource;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupProgress;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.BackupStatistics;
import io.tidemark.block.Verdict;
import io.tidemark.errors.ConfigurationException;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.ingest.BlockReader;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.restore.ArchiveReport;
import io.tidemark.restore.NewEngineTarget;
import io.tidemark.restore.Restore;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.BlockIds;
import io.tidemark.tracker.BlockPage;
import io.tidemark.tracker.ChangeRange;
import io.tidemark.tracker.ChangedIds;
import io.tidemark.tracker.PageCursor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The plugin that comes with the library: a coordinator that copies into an archive. */
final class ArchivePlugin implements BackupPlugin {

  /*
   * Stages change under the lock of this object; what takes long runs outside of it, on what it found in
   * force. So a run goes on until stop has cancelled it, and stop does not wait for it.
   */

  /** What there is from initialisation on. */
  private record Parts(
      PluginContext context, Archive archive, BackupOptions options, ArchiveTool tool) {}

  private PluginStage stage = MADE; // Guarded by this.
  private @Nullable Parts parts; // Guarded by this.
  private @Nullable BackupCoordinator coordinator; // Guarded by this; null unless started.
  private BackupStatistics earlier = BackupStatistics.NOTHING; // Guarded by this.

  @Override
  public synchronized void init(PluginContext context) {
    stage.check("init", MADE);
    Configuration configuration = context.configuration();
    boolean isEncrypted = configuration.flag(ConfigurationKeys.ENCRYPTION);
    KeySource keys = context.keys();
    if (isEncrypted && keys == null) {
      throw new ConfigurationException(
          "backups are to be encrypted and there is no key: "
              + ConfigurationKeys.ENCRYPTION.path()
              + "=true");
    }
    Archive archive = new Archive(FileStorageIO.INSTANCE, context.backups());
    ArchiveOptions options = BackupSettings.archive(configuration, keys);
    BackupOptions backup = BackupSettings.runs(configuration, batchSize(configuration));
    parts = new Parts(context, archive, backup, new ArchiveTool(archive, options));
    stage = INITIALISED;
  }

  private static int batchSize(Configuration configuration) {
    long size = configuration.number(ConfigurationKeys.BATCH_SIZE);
    if (size > BackupOptions.MAX_BATCH_SIZE) {
      throw new ConfigurationException(
          "batches are too large: max="
              + BackupOptions.MAX_BATCH_SIZE
              + ", "
              + ConfigurationKeys.BATCH_SIZE.path()
              + "="
              + size);
    }
    return (int) size;
  }

  @Override
  public synchronized void start() throws IOException {
    Parts own = parts("start", INITIALISED);
    PluginContext context = own.context;
    coordinator =
        BackupCoordinator.open(
            context.store(), context.engine(), own.tool, context.storeRoot(), own.options);
    stage = STARTED;
  }

  @Override
  public synchronized void stop() {
    BackupCoordinator running = coordinator("stop");
    running.cancel();
    earlier = earlier.plus(running.statistics());
    coordinator = null;
    stage = INITIALISED;
  }

  @Override
  public synchronized void shutdown() {
    if (stage == STARTED) {
      stop();
    }
    parts = null;
    stage = ENDED;
  }

  private synchronized Parts parts(String operation, PluginStage... allowed) {
    Parts own = parts;
    stage.check(operation, allowed);
    if (own == null) {
      throw new IllegalStateException("plugin has no parts: stage=" + stage);
    }
    return own;
  }

  private Parts partsForQuestion(String operation) {
    return parts(operation, INITIALISED, STARTED);
  }

  private synchronized BackupCoordinator coordinator(String operation) {
    BackupCoordinator running = coordinator;
    stage.check(operation, STARTED);
    if (running == null) {
      throw new IllegalStateException("plugin has no coordinator: stage=" + stage);
    }
    return running;
  }

  @Override
  public BackupResult backup(BackupRequest request, BackupProgress.Listener listener)
      throws IOException {
    BackupCoordinator running = coordinator("backup");
    running.resume(request.chain(), listener);
    return running.run(request, listener);
  }

  @Override
  public VerifyReport verify(@Nullable String runId) throws IOException {
    Parts own = parts("verify", STARTED);
    ArchivedRun only = runId == null ? null : own.archive.run(runId);
    ArchiveReport report =
        ArchiveReport.of(own.archive, only, ArchiveVerifier.Level.FULL, own.context.keys());
    return new VerifyReport(
        report.runs().stream().map(ArchivedRun::runId).toList(),
        report.findings().stream()
            .map(finding -> finding.message() + ": run=" + finding.runId())
            .toList());
  }

  @Override
  public RestoreReport restore(String runId, Path target) throws IOException {
    Parts own = parts("restore", STARTED);
    ArchivedRun run = own.archive.run(runId);
    try (NewEngineTarget made =
        new NewEngineTarget(FileStorageIO.INSTANCE, target, EmbeddedOptions.defaults())) {
      Restore.Content content =
          new Restore(own.archive, own.context.keys()).run(run, made, blocks -> {});
      return new RestoreReport(
          content.runs().stream().map(ArchivedRun::runId).toList(),
          content.blocks(),
          content.bytes());
    }
  }

  @Override
  public IncrementalBlocks detectIncrementalBlocks(
      String database, long sinceNs, int maxCount, boolean withData) throws IOException {
    PluginContext context = partsForQuestion("detectIncrementalBlocks").context;
    if (!database.equals(context.database())) {
      throw new IllegalArgumentException(
          "not the plugin's database: expected=" + context.database() + ", actual=" + database);
    }
    ChangeRange range = ChangeRange.timestamps(sinceNs, Long.MAX_VALUE);
    return page(changedIn(context, range, maxCount), withData, context);
  }

  @Override
  public IncrementalBlocks dirtyBlocks(long firstWalOffset, long lastWalOffset, int maxCount)
      throws IOException {
    PluginContext context = partsForQuestion("dirtyBlocks").context;
    ChangeRange range = ChangeRange.offsets(firstWalOffset, lastWalOffset);
    try {
      return page(context.store().dirtyBlocks(range, maxCount, 0), false, context);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public IncrementalBlocks incrementalBlocks(
      long firstWalOffset, long lastWalOffset, int maxCount, boolean withData) throws IOException {
    PluginContext context = partsForQuestion("incrementalBlocks").context;
    ChangeRange range = ChangeRange.offsets(firstWalOffset, lastWalOffset);
    return page(changedIn(context, range, maxCount), withData, context);
  }

  private static BlockPage changedIn(PluginContext context, ChangeRange range, int maxCount)
      throws IOException {
    try {
      return context.store().changedIn(range, maxCount, 0);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static InterruptedIOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    InterruptedIOException failure = new InterruptedIOException("question was interrupted");
    failure.initCause(e);
    return failure;
  }

  @Override
  public IncrementalBlocks nextBlocks(PageCursor next, int maxCount, boolean withData)
      throws IOException {
    PluginContext context = partsForQuestion("nextBlocks").context;
    return page(context.store().nextPage(next, maxCount), withData, context);
  }

  private static IncrementalBlocks page(BlockPage page, boolean withData, PluginContext context)
      throws IOException {
    BlockReader reader = context.engine().blocks();
    List<IncrementalBlock> blocks = new ArrayList<>();
    for (BlockChange change : page.changes()) {
      ByteBuffer data = withData ? read(change.blockId(), reader) : null;
      int length = data == null ? reader.length(change.blockId()) : data.remaining();
      blocks.add(
          new IncrementalBlock(
              change.blockId(),
              change.last().walOffset(),
              change.timestampNs(),
              change.kind(),
              Math.max(length, 0),
              data));
    }
    return new IncrementalBlocks(
        blocks, page.next(), page.totalBlocks(), page.verdict(), page.holes());
  }

  private static @Nullable ByteBuffer read(long blockId, BlockReader reader) throws IOException {
    ByteBuffer[] found = new ByteBuffer[1];
    boolean isThere =
        reader.read(
            blockId,
            content ->
                found[0] =
                    ByteBuffer.allocate(content.remaining())
                        .put(content)
                        .flip()
                        .asReadOnlyBuffer());
    return isThere ? found[0] : null;
  }

  @Override
  public long estimateBackupSize(long firstWalOffset, long lastWalOffset) throws IOException {
    PluginContext context = partsForQuestion("estimateBackupSize").context;
    ChangeRange range = ChangeRange.offsets(firstWalOffset, lastWalOffset);
    ChangedIds changed;
    try {
      changed = context.store().changedIdsIn(range, 0);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    if (changed.verdict() == Verdict.FULL_REQUIRED) {
      throw new FullBackupRequiredException(
          "full backup required: changes are not known in " + changed.holes().get(0));
    }
    long bytes = 0;
    BlockIds.Cursor ids = changed.ids().cursor();
    while (ids.next()) {
      bytes += Math.max(context.engine().blocks().length(ids.blockId()), 0);
    }
    return bytes;
  }

  @Override
  public synchronized BackupStatistics statistics() {
    partsForQuestion("statistics");
    BackupCoordinator running = coordinator;
    return running == null ? earlier : earlier.plus(running.statistics());
  }

  @Override
  public synchronized void resetStatistics() {
    partsForQuestion("resetStatistics");
    earlier = BackupStatistics.NOTHING;
    if (coordinator != null) {
      coordinator.resetStatistics();
    }
  }
}
