package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Segments by the place of their first change and by the time of their earliest. */
final class SkipListSegmentIndex implements SegmentIndex {

  /*
   * Bounds of segments overlap: events come late and clocks differ. So a question takes every
   * segment that begins at or before the range's end and keeps those that do not end before its
   * beginning; it may not stop anywhere.
   *
   * Concurrency. A merge takes several segments out and puts one in, at a key that a reader may have
   * passed already: walking the lists at the same time could miss both. So readers walk without a
   * lock and then look whether anything changed meanwhile; if so, they walk again, holding it off.
   */

  private record OffsetKey(WalPosition first, long position) implements Comparable<OffsetKey> {
    @Override
    public int compareTo(OffsetKey other) {
      int order = first.compareTo(other.first);
      return order != 0 ? order : Long.compareUnsigned(position, other.position);
    }
  }

  private record TimeKey(long firstNs, long position) implements Comparable<TimeKey> {
    @Override
    public int compareTo(TimeKey other) {
      int order = Long.compare(firstNs, other.firstNs);
      return order != 0 ? order : Long.compareUnsigned(position, other.position);
    }
  }

  /** As a position it is behind every other, as positions compare unsigned. */
  private static final long LAST = -1;

  private final StampedLock lock = new StampedLock();
  private final ConcurrentSkipListMap<OffsetKey, ChangeSegment> byOffset =
      new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<TimeKey, ChangeSegment> byTime =
      new ConcurrentSkipListMap<>();

  @Override
  public void add(ChangeSegment segment) {
    replace(List.of(), segment);
  }

  @Override
  public void remove(ChangeSegment segment) {
    long stamp = lock.writeLock();
    try {
      takeOut(segment);
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  @Override
  public void replace(List<ChangeSegment> inputs, ChangeSegment merged) {
    long stamp = lock.writeLock();
    try {
      inputs.forEach(this::takeOut);
      if (merged.changedCount() > 0) {
        byOffset.put(offsetKey(merged), merged);
        byTime.put(timeKey(merged), merged);
      }
    } finally {
      lock.unlockWrite(stamp);
    }
  }

  private void takeOut(ChangeSegment segment) {
    byOffset.remove(offsetKey(segment), segment);
    byTime.remove(timeKey(segment), segment);
  }

  private static OffsetKey offsetKey(ChangeSegment segment) {
    return new OffsetKey(segment.firstChange(), segment.firstPosition());
  }

  private static TimeKey timeKey(ChangeSegment segment) {
    return new TimeKey(segment.minTimestampNs(), segment.firstPosition());
  }

  @Override
  public List<ChangeSegment> candidates(WalPosition first, WalPosition last) {
    return ask(
        () -> byOffset.headMap(new OffsetKey(last, LAST), true).values(),
        segment -> segment.lastChange().compareTo(first) >= 0);
  }

  @Override
  public List<ChangeSegment> candidates(long firstTimestampNs, long lastTimestampNs) {
    return ask(
        () -> byTime.headMap(new TimeKey(lastTimestampNs, LAST), true).values(),
        segment -> segment.maxTimestampNs() >= firstTimestampNs);
  }

  private List<ChangeSegment> ask(
      Supplier<Collection<ChangeSegment>> begun, Predicate<ChangeSegment> isCandidate) {
    long optimistic = lock.tryOptimisticRead();
    List<ChangeSegment> found = filter(begun.get(), isCandidate);
    if (!lock.validate(optimistic)) {
      long stamp = lock.readLock();
      try {
        found = filter(begun.get(), isCandidate);
      } finally {
        lock.unlockRead(stamp);
      }
    }
    found.sort(Comparator.comparingLong(ChangeSegment::firstPosition));
    return found;
  }

  private static List<ChangeSegment> filter(
      Collection<ChangeSegment> begun, Predicate<ChangeSegment> isCandidate) {
    List<ChangeSegment> found = new ArrayList<>();
    for (ChangeSegment segment : begun) {
      if (isCandidate.test(segment)) {
        found.add(segment);
      }
    }
    return found;
  }
}
