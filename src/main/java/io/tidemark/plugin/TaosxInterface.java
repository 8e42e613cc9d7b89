package io.tidemark.plugin;

import io.tidemark.backup.BackupStatistics;
import io.tidemark.tracker.PageCursor;
import java.io.IOException;

/**
 * What the specification lets taosX ask of a plugin: which blocks changed, what they hold, and what
 * was done so far.
 *
 * <p>Thread-safe. Ranges are closed and unsigned. Where the C interface returns a number of blocks,
 * an answer here says what it is worth: a page of FULL_REQUIRED is not everything that changed.
 */
public interface TaosxInterface {

  /**
   * Returns the blocks that changed at or after a time: {@code detect_incremental_blocks}.
   *
   * @param database what the plugin was given as its database
   * @param sinceNs ns since the epoch, by the timestamps of changes
   * @param maxCount blocks of a page, at least 1
   * @param withData whether their contents are read too
   * @throws IllegalArgumentException if it is another database
   */
  IncrementalBlocks detectIncrementalBlocks(
      String database, long sinceNs, int maxCount, boolean withData) throws IOException;

  /**
   * Returns the blocks that changed in a range and are not CLEAN now: {@code get_dirty_blocks}. A
   * block that was flushed is not among them: for a backup use {@link #incrementalBlocks}.
   */
  IncrementalBlocks dirtyBlocks(long firstWalOffset, long lastWalOffset, int maxCount)
      throws IOException;

  /** Returns the blocks that changed in a range: {@code get_incremental_blocks}. */
  IncrementalBlocks incrementalBlocks(
      long firstWalOffset, long lastWalOffset, int maxCount, boolean withData) throws IOException;

  /**
   * Returns the next page of an answer.
   *
   * @throws io.tidemark.errors.MovedOnException if the answer was not held any longer
   */
  IncrementalBlocks nextBlocks(PageCursor next, int maxCount, boolean withData) throws IOException;

  /**
   * Returns the bytes that the blocks hold now which changed in a range: {@code
   * estimate_backup_size}; before compression.
   *
   * @throws io.tidemark.errors.FullBackupRequiredException if not all that changed is known
   */
  long estimateBackupSize(long firstWalOffset, long lastWalOffset) throws IOException;

  /** Returns what was done since the plugin was initialised or the counts were reset. */
  BackupStatistics statistics();

  /** Begins the counts anew. */
  void resetStatistics();
}
