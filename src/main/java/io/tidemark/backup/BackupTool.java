package io.tidemark.backup;

import io.tidemark.ingest.BlockReader;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that keeps backups: what a {@link BackupCoordinator} drives.
 *
 * <p>Its runs become visible when they are sealed and not before. Used by one coordinator at a
 * time.
 */
public interface BackupTool {

  /**
   * Returns the tool's name and where it writes to: a run that was begun with one tool is not gone
   * on with by another.
   */
  String location();

  /** Returns a sealed run; null if there is none of this name. */
  @Nullable SealedRun sealed(String runId) throws IOException;

  /**
   * Returns the sealed run of a chain that ends at a journal position: what the next incremental
   * run builds on; null if there is none.
   */
  @Nullable SealedRun endingAt(long storeId, String chain, long journalPosition) throws IOException;

  /**
   * Begins a run, or goes on with one that was interrupted. What was written of it and has no
   * receipt is dropped.
   *
   * @param blocks gives the content of blocks, for tools that do not fetch it themselves
   * @param done receipts of the batches that were written, in order
   */
  RunWriter open(RunPlan plan, BlockReader blocks, List<BatchReceipt> done) throws IOException;

  /** Deletes a run that is not sealed; does nothing if there is none. */
  void discard(String runId) throws IOException;
}
