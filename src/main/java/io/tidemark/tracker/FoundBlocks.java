package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.segment.ChangeCursor;
import java.util.Arrays;

/**
 * What is known so far of the changes in a range, block by block.
 *
 * <p>Blocks are numbered in the order they were found. Not thread-safe.
 */
final class FoundBlocks {

  /*
   * A column for each fact and a table of numbers with open addressing: no object a block. What
   * answers of SUPERSET alone need has columns once there is one.
   */

  private static final int INITIAL_CAPACITY = 16;
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int MAX_CAPACITY = 1 << 29;

  private static final int TYPE_MASK = 3;
  private static final int HAS_FIRST = 1 << 2;
  private static final int HAS_LAST = 1 << 3;
  private static final int IS_CERTAIN = 1 << 4;
  private static final int HAS_CREATE = 1 << 5;
  private static final int HAS_DELETE = 1 << 6;
  private static final int HAS_UNKNOWN = 1 << 7;

  /** Twice as many as the columns are long; numbers of blocks plus 1, 0 for none. */
  private int[] slots = new int[2 * INITIAL_CAPACITY];

  private int shift = Long.SIZE - Integer.numberOfTrailingZeros(2 * INITIAL_CAPACITY);
  private int size;
  private long[] ids = new long[INITIAL_CAPACITY];
  private short[] facts = new short[INITIAL_CAPACITY];
  private int[] firstGenerations = new int[INITIAL_CAPACITY];
  private long[] firstOffsets = new long[INITIAL_CAPACITY];
  private int[] lastGenerations = new int[INITIAL_CAPACITY];
  private long[] lastOffsets = new long[INITIAL_CAPACITY];
  private long[] lastTimestampsNs = new long[INITIAL_CAPACITY];
  private int[] unknownGenerations = {};
  private long[] unknownOffsets = {};
  private long[] unknownTimestampsNs = {};

  /** Forgets every block. */
  void clear() {
    Arrays.fill(slots, 0);
    size = 0;
  }

  /** Returns the number of a block, which is new if it was not found before. */
  int find(long blockId) {
    int slot = (int) ((blockId * GOLDEN) >>> shift);
    while (slots[slot] != 0) {
      int block = slots[slot] - 1;
      if (ids[block] == blockId) {
        return block;
      }
      slot = (slot + 1) & (slots.length - 1);
    }
    if (size == ids.length) {
      grow();
      return find(blockId);
    }
    ids[size] = blockId;
    facts[size] = 0;
    size++;
    slots[slot] = size;
    return size - 1;
  }

  private void grow() {
    if (size == MAX_CAPACITY) {
      throw new OutOfMemoryError("answer is too long: blocks=" + size);
    }
    int capacity = 2 * size;
    ids = Arrays.copyOf(ids, capacity);
    facts = Arrays.copyOf(facts, capacity);
    firstGenerations = Arrays.copyOf(firstGenerations, capacity);
    firstOffsets = Arrays.copyOf(firstOffsets, capacity);
    lastGenerations = Arrays.copyOf(lastGenerations, capacity);
    lastOffsets = Arrays.copyOf(lastOffsets, capacity);
    lastTimestampsNs = Arrays.copyOf(lastTimestampsNs, capacity);
    if (unknownOffsets.length > 0) {
      growUnknown(capacity);
    }
    slots = new int[2 * capacity];
    shift--;
    for (int block = 0; block < size; block++) {
      int slot = (int) ((ids[block] * GOLDEN) >>> shift);
      while (slots[slot] != 0) {
        slot = (slot + 1) & (slots.length - 1);
      }
      slots[slot] = block + 1;
    }
  }

  private void growUnknown(int capacity) {
    unknownGenerations = Arrays.copyOf(unknownGenerations, capacity);
    unknownOffsets = Arrays.copyOf(unknownOffsets, capacity);
    unknownTimestampsNs = Arrays.copyOf(unknownTimestampsNs, capacity);
  }

  private boolean is(int block, int fact) {
    return (facts[block] & fact) != 0;
  }

  private void set(int block, int fact) {
    facts[block] |= (short) fact;
  }

  /** Takes in all that a row says. */
  void row(int block, ChangeCursor row) {
    first(block, row.firstGeneration(), row.firstOffset());
    last(block, row.lastGeneration(), row.lastOffset(), row.lastType(), row.lastTimestampNs());
    add(block, row.isCreated(), row.isDeleted());
  }

  /** Takes in all that is known elsewhere of a block, whose changes are all certain. */
  void copy(FoundBlocks other, int number) {
    int block = find(other.ids[number]);
    first(block, other.firstGenerations[number], other.firstOffsets[number]);
    last(
        block,
        other.lastGenerations[number],
        other.lastOffsets[number],
        other.lastType(number),
        other.lastTimestampsNs[number]);
    add(block, other.is(number, HAS_CREATE), other.is(number, HAS_DELETE));
  }

  /** Takes in one change. */
  void change(int block, int generation, long walOffset, BlockEventType type, long timestampNs) {
    first(block, generation, walOffset);
    last(block, generation, walOffset, type, timestampNs);
    add(block, type == BlockEventType.CREATE, type == BlockEventType.DELETE);
  }

  /** Takes in a position that no change of a source lies before. */
  void first(int block, int generation, long walOffset) {
    if (!is(block, HAS_FIRST)
        || WalPosition.compare(generation, walOffset, firstGenerations[block], firstOffsets[block])
            < 0) {
      set(block, HAS_FIRST);
      firstGenerations[block] = generation;
      firstOffsets[block] = walOffset;
    }
  }

  /** Takes in a source's last change, or one that comes no earlier than it; a change is certain. */
  void last(int block, int generation, long walOffset, BlockEventType type, long timestampNs) {
    int order =
        is(block, HAS_LAST)
            ? WalPosition.compare(generation, walOffset, lastGenerations[block], lastOffsets[block])
            : 1;
    if (order > 0 || (order == 0 && type.rank() >= lastType(block).rank())) {
      lastGenerations[block] = generation;
      lastOffsets[block] = walOffset;
      lastTimestampsNs[block] = timestampNs;
      facts[block] = (short) ((facts[block] & ~TYPE_MASK) | type.code());
      set(block, HAS_LAST);
    }
    set(block, IS_CERTAIN);
  }

  private BlockEventType lastType(int block) {
    return is(block, HAS_LAST)
        ? BlockEventType.ofCode(facts[block] & TYPE_MASK)
        : BlockEventType.UPDATE;
  }

  /** Takes in a position that no change of a source comes after; their types are not known. */
  void unknown(int block, int generation, long walOffset, long timestampNs) {
    if (unknownOffsets.length == 0) {
      growUnknown(ids.length);
    }
    if (!is(block, HAS_UNKNOWN)
        || WalPosition.compare(
                generation, walOffset, unknownGenerations[block], unknownOffsets[block])
            > 0) {
      unknownGenerations[block] = generation;
      unknownOffsets[block] = walOffset;
      unknownTimestampsNs[block] = timestampNs;
    }
    set(block, HAS_UNKNOWN);
  }

  /** Takes in that there is a change, if nothing more is known of it. */
  void makeCertain(int block) {
    set(block, IS_CERTAIN);
  }

  /** Takes in whether there is a CREATE and whether there is a DELETE. */
  void add(int block, boolean create, boolean delete) {
    set(block, (create ? HAS_CREATE : 0) | (delete ? HAS_DELETE : 0));
  }

  /** Returns how many blocks were found. */
  int size() {
    return size;
  }

  /** Returns how many of them may not have changed. */
  int uncertain() {
    int uncertain = 0;
    for (int block = 0; block < size; block++) {
      uncertain += is(block, IS_CERTAIN) ? 0 : 1;
    }
    return uncertain;
  }

  /** Returns a copy of the ids, by number. */
  long[] ids() {
    return Arrays.copyOf(ids, size);
  }

  /** Returns what a backup must do about a block. */
  BlockChange toChange(int block) {
    boolean hasUnknown = is(block, HAS_UNKNOWN);
    boolean isUnknownLater =
        hasUnknown
            && (!is(block, HAS_LAST)
                || WalPosition.compare(
                        unknownGenerations[block],
                        unknownOffsets[block],
                        lastGenerations[block],
                        lastOffsets[block])
                    >= 0);
    ChangeKind kind = ChangeKind.of(lastType(block), is(block, HAS_DELETE), is(block, HAS_CREATE));
    if (isUnknownLater || (hasUnknown && kind != ChangeKind.DELETED)) {
      kind = ChangeKind.REPLACED;
    }
    WalPosition last =
        isUnknownLater
            ? new WalPosition(unknownGenerations[block], unknownOffsets[block])
            : new WalPosition(lastGenerations[block], lastOffsets[block]);
    return new BlockChange(
        ids[block],
        kind,
        new WalPosition(firstGenerations[block], firstOffsets[block]),
        last,
        isUnknownLater ? unknownTimestampsNs[block] : lastTimestampsNs[block]);
  }
}
