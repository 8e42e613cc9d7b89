package io.tidemark.archive;

import io.tidemark.backup.CopyKind;
import io.tidemark.backup.RunEnd;
import io.tidemark.backup.RunKind;
import io.tidemark.backup.RunPlan;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes a full run that stands for an incremental one and all those it needs.
 *
 * <p>Used by one thread. Its name follows from the other's, so one that was interrupted is begun
 * again.
 */
public final class CombinedRunWriter implements Closeable {
  private static final String SUFFIX = "-combined";

  private final Archive archive;
  private final ArchivedRun last;
  private final RunPlan plan;
  private final RunEncoding encoding;
  private final int batchSize;
  private final List<ManifestFile> files = new ArrayList<>();
  private @Nullable RunFileWriter file;

  /**
   * Begins a run.
   *
   * @param last the run that it stands for
   * @param batchSize blocks of a file
   */
  public CombinedRunWriter(Archive archive, ArchivedRun last, ArchiveOptions options, int batchSize)
      throws IOException {
    this.archive = archive;
    this.last = last;
    this.batchSize = batchSize;
    this.plan = plan(last.manifest().plan());
    this.encoding = RunEncoding.of(options, last.manifest().encryption(), plan.runId());
    archive.io().deleteTree(archive.directory(plan.runId()));
    archive.io().createDurably(archive.directory(plan.runId()));
  }

  /** Returns the name of the run that stands for another one. */
  public static String runIdFor(String runId) {
    return runId + SUFFIX;
  }

  private static RunPlan plan(RunPlan of) {
    return new RunPlan(
        runIdFor(of.runId()),
        of.chain(),
        RunKind.FULL,
        of.storeId(),
        of.shard(),
        of.createdMs(),
        of.base(),
        of.end(),
        null,
        of.verdict(),
        of.surplus(),
        of.holes(),
        of.completeThrough(),
        of.covered(),
        of.changes(),
        of.allChanges());
  }

  /** Writes the content of a block; ids ascend. */
  public void write(long blockId, ByteBuffer content) throws IOException {
    RunFileWriter out = file;
    if (out == null) {
      out = new RunFileWriter(archive, plan.runId(), files.size() + 1, encoding);
      file = out;
    }
    out.write(blockId, CopyKind.NEW, content);
    if (out.records() == batchSize) {
      completeFile(out);
    }
  }

  private void completeFile(RunFileWriter out) throws IOException {
    files.add(out.complete());
    out.close();
    file = null;
  }

  /** Makes the run whole, durable and visible. */
  public ArchivedRun seal() throws IOException {
    RunFileWriter out = file;
    if (out != null) {
      completeFile(out);
    }
    MessageDigest set = Sha256.digest();
    for (ManifestFile written : files) {
      set.update(written.idsSha256().getBytes(StandardCharsets.US_ASCII));
    }
    RunEnd of = last.manifest().end();
    RunEnd end =
        new RunEnd(
            of.journalPosition(),
            of.completeThrough(),
            of.isQuiet(),
            of.finishedMs(),
            HexFormat.of().formatHex(set.digest()));
    return archive.seal(
        new RunManifest(
            plan,
            end,
            encoding.compression().name(),
            encoding.parameters(),
            new RunPlan.Parent(last.runId(), last.digest()),
            files),
        encoding.key());
  }

  @Override
  public void close() throws IOException {
    RunFileWriter out = file;
    if (out != null) {
      out.close();
    }
  }
}
