package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import io.tidemark.journal.JournalEntryHandler;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that is sealed of a store: the base and the segments behind it, in journal order.
 *
 * <p>Immutable; any number of threads may read.
 *
 * @param base everything up to a position; null if nothing was folded into one yet
 * @param segments what follows, without those that the base holds
 */
public record History(@Nullable Base base, List<ChangeSegment> segments) {

  /** The history of a new store. */
  public static final History EMPTY = new History(null, List.of());

  /** Leaves out what the base holds already. */
  public History {
    long end = base == null ? 0 : base.lastPosition();
    segments = segments.stream().filter(segment -> segment.lastPosition() > end).toList();
  }

  /** Returns the history through one more segment. */
  public History with(ChangeSegment segment) {
    List<ChangeSegment> longer = new ArrayList<>(segments);
    longer.add(segment);
    return new History(base, longer);
  }

  /** Returns the part that ends with the segment at an index. */
  public History through(int index) {
    return new History(base, segments.subList(0, index + 1));
  }

  /** Returns the journal position through which the base holds everything; 0 without a base. */
  public long basePosition() {
    return base == null ? 0 : base.lastPosition();
  }

  /** Returns the last journal position of all; 0 if there is nothing. */
  public long lastPosition() {
    return segments.isEmpty() ? basePosition() : segments.get(segments.size() - 1).lastPosition();
  }

  /** Returns whether a segment or the base ends at a journal position, or it is 0. */
  public boolean endsAt(long position) {
    return position == 0
        || position == basePosition()
        || segments.stream().anyMatch(segment -> segment.lastPosition() == position);
  }

  /** Returns the highest position that is 0 or an end and not above a journal position. */
  public long endBelow(long position) {
    long end = basePosition() <= position ? basePosition() : 0;
    for (ChangeSegment segment : segments) {
      end = segment.lastPosition() <= position ? Math.max(end, segment.lastPosition()) : end;
    }
    return end;
  }

  /** Returns the highest position up to which all blocks were flushed. */
  public WalPosition flushAll() {
    WalPosition ofBase = base == null ? null : base.flushAll();
    WalPosition highest = ofBase == null ? WalPosition.BEFORE_ALL : ofBase;
    for (ChangeSegment segment : segments) {
      WalPosition flushAll = segment.payload().flushAll();
      highest = flushAll != null && flushAll.compareTo(highest) > 0 ? flushAll : highest;
    }
    return highest;
  }

  /** Passes on the control entries in journal order. */
  public void forEachControl(JournalEntryHandler handler) {
    if (base != null) {
      base.forEachControl(handler);
    }
    segments.forEach(segment -> segment.forEachControl(handler));
  }

  /**
   * Returns a cursor over every known block.
   *
   * @param position journal position that {@code has…After} asks about: an end, or 0
   */
  public HistoryCursor cursor(long position) {
    return new HistoryCursor(base, segments, position);
  }

  /**
   * Returns what looks single blocks up.
   *
   * @param position journal position that {@code has…After} asks about: an end, or 0
   */
  public HistoryLookup lookup(long position) {
    return new HistoryLookup(base, segments, position);
  }
}
