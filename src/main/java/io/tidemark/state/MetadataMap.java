package io.tidemark.state;

import io.tidemark.segment.ChangeSegment;
import java.io.IOException;

/**
 * What is known of every block's past: the last change with its time, and the highest position of
 * each type of event. A view, folded from the change segments.
 *
 * <p>Rows take in late events, so the order of positions inside and between segments does not
 * matter; and they take in the same segment twice. Single thread.
 */
public interface MetadataMap extends AutoCloseable {

  /** Returns the journal position through which all segments are folded in; 0 for none. */
  long foldedThrough();

  /**
   * Folds the next segment in. It may begin before what was folded already (it was merged, or a
   * fold failed half way), but must leave no hole behind it.
   *
   * @throws IOException if the disk failed or is full; the segment can be folded again
   */
  default void fold(ChangeSegment segment) throws IOException {
    fold(segment.lastPosition(), MaximaSource.of(segment));
  }

  /**
   * Folds what follows in, as {@link #fold(ChangeSegment)} does.
   *
   * @param through journal position it ends at
   */
  void fold(long through, MaximaSource source) throws IOException;

  /**
   * Reads what is known of a block.
   *
   * @param row set to the block's past, without the flushes that named no block; empty if it had no
   *     event
   * @return whether it had an event
   */
  boolean read(long blockId, MetadataRow row) throws IOException;

  /** Makes everything folded so far outlast a crash; what is not stamped may be folded again. */
  void stamp() throws IOException;

  /** Stamps what was folded and closes the map. */
  @Override
  void close() throws IOException;

  /** Closes the map as it is: what was folded since the last stamp is folded again some day. */
  void abandon();
}
