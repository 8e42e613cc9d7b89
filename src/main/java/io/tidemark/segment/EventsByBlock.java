package io.tidemark.segment;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The events of an open segment in unsigned order of blocks, those of a block behind one another.
 *
 * <p>Brought into order in steps. Used by one thread at a time; when it is complete any thread may
 * read.
 */
final class EventsByBlock {

  /*
   *  An event is known by a number: where it lies, and what it is, so that nobody has to look.
   *
   *   type, its code                                    bit 28
   *   page, those of the changes before the flushes     bit 10
   *   place in the page                                 bit 0
   *
   * Sorting the ids of all, stable, gives the blocks in order and the events of each behind one
   * another: changes in order of arrival, then flushes. A row keeps maxima and bounds only, so it does
   * not matter that flushes come behind changes.
   */

  private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(EventCursor.PAGE_EVENTS);
  private static final int PAGE_MASK = EventCursor.PAGE_EVENTS - 1;
  private static final int TYPE_SHIFT = 28;
  private static final int PLACE_MASK = (1 << TYPE_SHIFT) - 1;

  /** Events that a segment may have and be in order; each list of them may end in a short page. */
  static final int MAX_EVENTS = (1 << TYPE_SHIFT) - 2 * EventCursor.PAGE_EVENTS;

  private final int size;
  private final EventPage[] pages;
  private final EventImage changes;
  private final EventImage flushes;
  private long[] blockIds = {};
  private int[] numbers = {};
  private int[] ends = {};
  private byte[] typeBits = {};
  private int blocks;
  private @Nullable IdOrder order;
  private boolean isComplete;

  EventsByBlock(EventImage changes, EventImage flushes) {
    this.changes = changes;
    this.flushes = flushes;
    this.size = changes.size() + flushes.size();
    int changePages = changes.pageCount();
    this.pages = Arrays.copyOf(changes.pages(), changePages + flushes.pageCount());
    System.arraycopy(flushes.pages(), 0, pages, changePages, flushes.pageCount());
    assert size <= MAX_EVENTS : "too many events: count=" + size;
  }

  /** Does a part of the work, some ms for a million events; returns false when it is complete. */
  boolean step() {
    IdOrder current = order;
    if (isComplete) {
      return false;
    }
    if (current == null) {
      blockIds = new long[size];
      numbers = new int[size];
      number(changes, 0, 0);
      number(flushes, changes.pageCount(), changes.size());
      order = new IdOrder(blockIds, numbers);
    } else if (!current.step()) {
      numbers = current.numbers();
      order = null;
      gatherBlocks();
      isComplete = true;
    }
    return !isComplete;
  }

  private void number(EventImage events, int firstPage, int from) {
    events.copyBlockIds(blockIds, from);
    for (int event = 0; event < events.size(); event++) {
      numbers[from + event] =
          events.typeCode(event) << TYPE_SHIFT | (firstPage << PAGE_SHIFT) + event;
    }
  }

  /** Makes sorted ids of events those of blocks. */
  private void gatherBlocks() {
    ends = new int[size];
    typeBits = new byte[size];
    int block = -1;
    for (int i = 0; i < size; i++) {
      if (i == 0 || blockIds[i] != blockIds[block]) {
        block++;
        blockIds[block] = blockIds[i];
      }
      ends[block] = i + 1;
      typeBits[block] |= (byte) (1 << (numbers[i] >>> TYPE_SHIFT));
    }
    blocks = block + 1;
  }

  /** Returns how many events there are. */
  int size() {
    return size;
  }

  /** Returns how many blocks there are. */
  int blocks() {
    return blocks;
  }

  /** Returns the blocks in order; what lies behind the last one is meaningless. */
  long[] blockIds() {
    return blockIds;
  }

  /** Returns a bit for each type of event a block had, by its code. */
  byte typeBits(int block) {
    return typeBits[block];
  }

  /** Returns where the events of a block end. */
  int end(int block) {
    return ends[block];
  }

  /** Copies a stretch of events. */
  void copy(int from, int count, long[] walOffsets, long[] timestampsNs, byte[] types) {
    for (int i = 0; i < count; i++) {
      int number = numbers[from + i];
      types[i] = (byte) (number >>> TYPE_SHIFT);
      EventPage page = pages[(number & PLACE_MASK) >>> PAGE_SHIFT];
      walOffsets[i] = page.walOffsets[number & PAGE_MASK];
      timestampsNs[i] = page.timestampsNs[number & PAGE_MASK];
    }
  }
}
