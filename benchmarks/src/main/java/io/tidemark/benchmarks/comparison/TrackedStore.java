package io.tidemark.benchmarks.comparison;

import io.tidemark.block.BlockState;
import java.io.IOException;

/**
 * A store that knows which blocks changed when: what every engine of the comparison must be able to
 * do.
 *
 * <p>What a batch holds survives {@code kill -9} when {@link #append} returns; nobody forces
 * anything to disk before {@link #close}. Questions are asked while nothing is appended. Used by
 * one thread.
 *
 * <p>All versions count: a block is in the answer if any of its changes lies in the range, whatever
 * happened later. So each engine keeps, besides the last change of each block, every change by WAL
 * offset and by time. Events may come late and clocks are skewed, so neither order may be taken for
 * granted: one entry of an ordered index a change is what a B-tree or an LSM tree has for that.
 *
 * <p>In favour of the others: ids, offsets and times are never negative, so that none pays for
 * unsigned order; the last event of a block is its last change, so that none reads before it
 * writes; and none keeps coverage, verdicts, flushes, kinds of change or the cursors of backups, as
 * Tidemark does.
 */
interface TrackedStore extends AutoCloseable {

  /** Takes all events of a batch or, if the process is killed meanwhile, possibly none of them. */
  void append(EventBatch batch) throws IOException;

  /**
   * Returns the blocks that changed in a closed range of WAL offsets.
   *
   * @return ids, ascending, each once
   */
  long[] changedInOffsets(long first, long last) throws IOException;

  /**
   * Returns the blocks that changed in a closed range of timestamps, ns.
   *
   * @return ids, ascending, each once
   */
  long[] changedInTime(long firstNs, long lastNs) throws IOException;

  /** Returns the state of a block: NEW if its last event was a CREATE, DELETED if a DELETE. */
  BlockState state(long blockId) throws IOException;

  /** Returns the WAL offset of the last change of a block that is known. */
  long lastOffset(long blockId) throws IOException;

  /** Makes everything durable that the engine makes durable when it is closed, and closes it. */
  @Override
  void close() throws IOException;
}
