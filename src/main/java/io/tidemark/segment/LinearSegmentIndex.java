package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** An immutable list, replaced as a whole. */
final class LinearSegmentIndex implements SegmentIndex {
  private volatile List<ChangeSegment> segments = List.of();

  @Override
  public synchronized void add(ChangeSegment segment) {
    replace(List.of(), segment);
  }

  @Override
  public synchronized void remove(ChangeSegment segment) {
    List<ChangeSegment> next = new ArrayList<>(segments);
    next.remove(segment);
    segments = List.copyOf(next);
  }

  @Override
  public synchronized void replace(List<ChangeSegment> inputs, ChangeSegment merged) {
    List<ChangeSegment> next = new ArrayList<>(segments);
    next.removeAll(inputs);
    if (merged.changedCount() > 0) {
      next.add(merged);
    }
    next.sort(Comparator.comparingLong(ChangeSegment::firstPosition));
    segments = List.copyOf(next);
  }

  @Override
  public List<ChangeSegment> candidates(WalPosition first, WalPosition last) {
    return filter(
        segment ->
            segment.firstChange().compareTo(last) <= 0
                && segment.lastChange().compareTo(first) >= 0);
  }

  @Override
  public List<ChangeSegment> candidates(long firstTimestampNs, long lastTimestampNs) {
    return filter(
        segment ->
            segment.minTimestampNs() <= lastTimestampNs
                && segment.maxTimestampNs() >= firstTimestampNs);
  }

  private List<ChangeSegment> filter(Predicate<ChangeSegment> isCandidate) {
    return segments.stream().filter(isCandidate).toList();
  }
}
