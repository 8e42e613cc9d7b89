package io.tidemark.journal;

import io.tidemark.block.BlockEventType;

/**
 * Receives some types of entries of the change journal and passes over all others.
 *
 * <p>For whoever looks for something in the journal. What is folded from it has to decide about
 * every type: that is a {@link JournalEntryHandler}.
 */
public interface SomeEntriesHandler extends JournalEntryHandler {

  @Override
  default void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {}

  @Override
  default void onFlushAll(long position, int generation, long walOffset, long timestampNs) {}

  @Override
  default void onAssign(long position, int generation, long blockId, byte[] name) {}

  @Override
  default void onCover(long position, int generation, long first, long last, byte[] mark) {}

  @Override
  default void onGap(long position, int generation, long first, long last, String reason) {}

  @Override
  default void onGeneration(long position, int generation, long firstOwn) {}

  @Override
  default void onCommit(long position, int generation, String chain, long cursor) {}

  @Override
  default void onPrepare(long position, int generation, String chain, long end) {}

  @Override
  default void onAbort(long position, int generation, String chain, long end) {}

  @Override
  default void onDrop(long position, int generation, String chain) {}

  @Override
  default void onTombstone(long position, int generation, long walOffset, byte[] tombstone) {}
}
