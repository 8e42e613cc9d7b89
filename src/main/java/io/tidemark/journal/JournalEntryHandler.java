package io.tidemark.journal;

import io.tidemark.block.BlockEventType;

/**
 * Receives the entries of the change journal in order.
 *
 * <p>All methods are abstract on purpose: whoever folds the journal must decide about every type of
 * entry. The {@code position} is the entry's journal position, the {@code generation} that of the
 * engine's log.
 */
public interface JournalEntryHandler {

  /** A change, flush or clearing of one block. */
  void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs);

  /** A flush of every block up to a WAL offset. */
  void onFlushAll(long position, int generation, long walOffset, long timestampNs);

  /** An id was given to what {@code name} names; the bytes are the handler's to keep. */
  void onAssign(long position, int generation, long blockId, byte[] name);

  /** The source delivered everything from {@code first} to {@code last}, both inclusive. */
  void onCover(long position, int generation, long first, long last, byte[] mark);

  /** What happened from {@code first} to {@code last} is not known. */
  void onGap(long position, int generation, long first, long last, String reason);

  /**
   * The engine's log was rolled back to {@code firstOwn} or replaced; {@code generation} is new.
   */
  void onGeneration(long position, int generation, long firstOwn);

  /** A chain's cursor moved to a journal position. */
  void onCommit(long position, int generation, String chain, long cursor);

  /** A run of a chain was begun; its set ends at a journal position, the end of a segment. */
  void onPrepare(long position, int generation, String chain, long end);

  /** The run of a chain that ends at a journal position was given up. */
  void onAbort(long position, int generation, String chain, long end);

  /** A chain is no more; its cursor and its prepared run are forgotten. */
  void onDrop(long position, int generation, String chain);

  /** Rows were deleted inside blocks; the bytes are the source's. */
  void onTombstone(long position, int generation, long walOffset, byte[] tombstone);
}
