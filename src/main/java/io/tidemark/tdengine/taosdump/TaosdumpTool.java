package io.tidemark.tdengine.taosdump;

import io.tidemark.backup.BackupTool;
import io.tidemark.backup.BatchReceipt;
import io.tidemark.backup.RunKind;
import io.tidemark.backup.RunPlan;
import io.tidemark.backup.RunWriter;
import io.tidemark.backup.SealedRun;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.MissingRunException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.ingest.BlockReader;
import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The backup tool that has taosdump export what changed, a directory for each run.
 *
 * <p>A run's directory is one of the scripts too: {@code restore.sh} in it restores it, after the
 * runs that it builds on.
 */
public final class TaosdumpTool implements BackupTool {

  /*
   * root/
   *   20261127T031500Z-default-5f0c9e1a/     see TaosdumpScript for what else is in it
   *     plan.json        what is to be called; there before the first call
   *     calls/000001/    the output of a call
   *     restore.sh       ..., when all calls are done
   *     manifest.json    comes last: without it the run is unfinished
   *
   * The whole run is planned when it begins, because what one block needs, say that a stable is dropped and
   * loaded again, depends on all others. A batch makes the calls that its blocks need and that are not done.
   * A call that is done stays done, with or without a receipt, as long as its run has receipts at all: it
   * was made after the run was prepared. A full run is one call of the whole database.
   *
   * What the server does not have any more is reported as gone; whether that is loss the coordinator decides,
   * from the journal.
   */

  static final String PLAN = "plan.json";
  static final String MANIFEST = ExportManifest.FILE_NAME;

  private static final String RUN_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,199}";

  private final Path root;
  private final DatabaseBlocks blocks;
  private final PlanOptions planOptions;
  private final RunOptions runOptions;
  private final Pause pause;

  /**
   * Writes to a directory, which is created with its first run.
   *
   * @param blocks knows what the blocks of the coordinator's store are
   */
  public TaosdumpTool(
      Path root, DatabaseBlocks blocks, PlanOptions planOptions, RunOptions runOptions) {
    this(root, blocks, planOptions, runOptions, Pause.REAL);
  }

  TaosdumpTool(
      Path root,
      DatabaseBlocks blocks,
      PlanOptions planOptions,
      RunOptions runOptions,
      Pause pause) {
    this.root = root.toAbsolutePath().normalize();
    this.blocks = blocks;
    this.planOptions = planOptions;
    this.runOptions = runOptions;
    this.pause = pause;
  }

  @Override
  public String location() {
    return "taosdump:" + root;
  }

  private Path directory(String runId) {
    if (!runId.matches(RUN_ID)) {
      throw new MissingRunException("not the name of a run: run=" + runId);
    }
    return root.resolve(runId);
  }

  /**
   * Returns a sealed run; null if there is none of this name.
   *
   * @throws CorruptFileException if a byte of its manifest is wrong
   */
  public @Nullable TaosdumpRun find(String runId) throws IOException {
    Path directory = directory(runId);
    Path file = directory.resolve(MANIFEST);
    byte[] bytes = DumpDirectory.readIfThere(file);
    if (bytes == null) {
      return null;
    }
    TaosdumpRun run = TaosdumpRunFormat.run(bytes, directory, file.toString());
    if (!run.runId().equals(runId)) {
      throw new CorruptFileException(
          "corrupt file: manifest is of another run: run=" + run.runId() + ", file=" + file);
    }
    return run;
  }

  /** Returns the sealed runs whose manifests can be read, by name. */
  public List<TaosdumpRun> runs() throws IOException {
    List<TaosdumpRun> runs = new ArrayList<>();
    for (Path path : Directories.list(root)) {
      TaosdumpRun run = Files.isDirectory(path) ? readable(path.getFileName().toString()) : null;
      if (run != null) {
        runs.add(run);
      }
    }
    return runs;
  }

  private @Nullable TaosdumpRun readable(String name) throws IOException {
    try {
      return name.matches(RUN_ID) ? find(name) : null;
    } catch (TidemarkException e) {
      return null;
    }
  }

  /** {@inheritDoc} A run whose manifest is damaged is not sealed. */
  @Override
  public @Nullable SealedRun sealed(String runId) throws IOException {
    directory(runId);
    TaosdumpRun run = readable(runId);
    return run == null ? null : run.sealed();
  }

  @Override
  public @Nullable SealedRun endingAt(long storeId, String chain, long journalPosition)
      throws IOException {
    for (TaosdumpRun run : runs()) {
      RunPlan plan = run.plan();
      if (plan.storeId() == storeId
          && plan.chain().equals(chain)
          && plan.end() == journalPosition) {
        return run.sealed();
      }
    }
    return null;
  }

  /**
   * {@inheritDoc} Calls that are done are kept if any batch has a receipt.
   *
   * @throws TaosdumpException if the set cannot be copied with taosdump, or there is no taosdump
   */
  @Override
  public RunWriter open(RunPlan plan, BlockReader unused, List<BatchReceipt> done)
      throws IOException {
    DumpDirectory directory = new DumpDirectory(directory(plan.runId()));
    if (done.isEmpty()) {
      directory.delete();
    }
    TaosdumpPlan dump = done.isEmpty() ? begin(plan, directory) : begun(directory);
    TaosdumpCalls calls = new TaosdumpCalls(dump, directory, runOptions, RunListener.NONE, pause);
    String version = calls.version();
    TaosdumpRunWriter writer =
        new TaosdumpRunWriter(
            plan,
            dump,
            directory,
            calls,
            version,
            new CallIndex(dump, blocks.fileSets()),
            blocks.names());
    writer.take(done);
    return writer;
  }

  private TaosdumpPlan begin(RunPlan plan, DumpDirectory directory) throws IOException {
    TaosdumpPlan dump =
        plan.kind() == RunKind.FULL
            ? TaosdumpPlan.full(blocks.database(), planOptions.costs())
            : TaosdumpPlan.of(blocks.changes(plan), planOptions);
    directory.claim(TaosdumpScript.digest(dump));
    directory.write(PLAN, TaosdumpRunFormat.plan(dump));
    return dump;
  }

  private static TaosdumpPlan begun(DumpDirectory directory) throws IOException {
    Path file = directory.root().resolve(PLAN);
    try {
      TaosdumpPlan dump = TaosdumpRunFormat.plan(Files.readAllBytes(file), file.toString());
      directory.claim(TaosdumpScript.digest(dump));
      return dump;
    } catch (NoSuchFileException e) {
      throw new CorruptFileException(
          "corrupt run: what was to be exported is not there: file=" + file);
    }
  }

  @Override
  public void discard(String runId) throws IOException {
    if (sealed(runId) != null) {
      throw new IllegalStateException("run is sealed: run=" + runId);
    }
    Path directory = directory(runId);
    Files.deleteIfExists(directory.resolve(MANIFEST));
    new DumpDirectory(directory).delete();
    if (Files.isDirectory(root)) {
      Directories.force(root);
    }
  }
}
