package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The skip lists find what walking a list finds, and readers never miss a merged segment. */
class SegmentIndexTest {
  private static final long MERGES = 20_000;

  private static ChangeSegment segment(
      int generation, long position, long offset, long span, long timestampNs) {
    OpenSegment open = new OpenSegment(generation, position, 1);
    open.onEvent(position, generation, BlockEventType.UPDATE, 1, offset, timestampNs);
    open.onEvent(
        position + 1, generation, BlockEventType.UPDATE, 2, offset + span, timestampNs - span);
    return open.toSegment();
  }

  private static ChangeSegment any(Random random, long position) {
    return segment(
        1 + random.nextInt(2),
        position,
        random.nextInt(5) == 0 ? -200 + random.nextInt(100) : random.nextInt(100),
        random.nextInt(50),
        random.nextInt(100));
  }

  @Test
  void shouldFindWhatWalkingAllFinds() {
    Seeds.each(
        200,
        random -> {
          SegmentIndex skipLists = SegmentIndex.create(SegmentIndex.Kind.SKIP_LISTS);
          SegmentIndex linear = SegmentIndex.create(SegmentIndex.Kind.LINEAR);
          List<ChangeSegment> in = new ArrayList<>();
          for (int position = 1; position < 60; position += 2) {
            ChangeSegment next = any(random, position);
            if (in.size() > 2 && random.nextInt(4) == 0) {
              List<ChangeSegment> inputs = List.copyOf(in.subList(0, 2));
              ChangeSegment merged = any(random, inputs.get(0).firstPosition());
              in.removeAll(inputs);
              in.add(0, merged);
              skipLists.replace(inputs, merged);
              linear.replace(inputs, merged);
            } else if (in.size() > 2 && random.nextInt(6) == 0) {
              ChangeSegment removed = in.remove(random.nextInt(in.size()));
              skipLists.remove(removed);
              linear.remove(removed);
            }
            in.add(next);
            skipLists.add(next);
            linear.add(next);
            assertSame(random, skipLists, linear);
          }
        });
  }

  private static void assertSame(Random random, SegmentIndex actual, SegmentIndex expected) {
    WalPosition first = new WalPosition(1 + random.nextInt(2), random.nextInt(120) - 10);
    WalPosition last = new WalPosition(1 + random.nextInt(2), random.nextInt(150) - 10);
    assertEquals(expected.candidates(first, last), actual.candidates(first, last));
    long from = random.nextInt(200) - 60L;
    long to = from + random.nextInt(40);
    assertEquals(expected.candidates(from, to), actual.candidates(from, to));
  }

  @Test
  void shouldFindSegmentsThatBeginAtOneOffset() {
    SegmentIndex index = SegmentIndex.create(SegmentIndex.Kind.SKIP_LISTS);
    ChangeSegment a = segment(1, 1, 10, 5, 100);
    ChangeSegment b = segment(1, 3, 10, 5, 100);

    index.add(b);
    index.add(a);

    assertEquals(List.of(a, b), index.candidates(new WalPosition(1, 10), new WalPosition(1, 10)));
    assertEquals(List.of(a, b), index.candidates(100, 100));
  }

  @Test
  void shouldNeverOfferSegmentsWithoutChanges() {
    OpenSegment open = new OpenSegment(1, 1, 1);
    open.onFlushAll(1, 1, 7, 7);
    for (SegmentIndex.Kind kind : SegmentIndex.Kind.values()) {
      SegmentIndex index = SegmentIndex.create(kind);

      index.add(open.toSegment());

      assertEquals(List.of(), index.candidates(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL));
      assertEquals(List.of(), index.candidates(Long.MIN_VALUE, Long.MAX_VALUE));
    }
  }

  /** Each merged segment begins before its inputs, where a reader may have passed already. */
  private static ChangeSegment merged(long last) {
    OpenSegment open = new OpenSegment(1, 1, 1);
    open.onEvent(last, 1, BlockEventType.UPDATE, 1, MERGES * 2 - last, last);
    return open.toSegment();
  }

  @Test
  void shouldShowReadersInputsOrMergedSegmentButNeverNeither()
      throws InterruptedException, ExecutionException {
    SegmentIndex index = SegmentIndex.create(SegmentIndex.Kind.SKIP_LISTS);
    AtomicLong added = new AtomicLong();
    AtomicBoolean isDone = new AtomicBoolean();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<Long> reader =
          executor.submit(
              () -> {
                long asked = 0;
                while (!isDone.get()) {
                  long atLeast = added.get();
                  long next = 1;
                  for (ChangeSegment segment :
                      index.candidates(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL)) {
                    assertEquals(next, segment.firstPosition());
                    next = segment.lastPosition() + 1;
                  }
                  assertTrue(next > atLeast, "missed a segment: next=" + next);
                  asked++;
                }
                return asked;
              });

      ChangeSegment before = segment(1, 1, MERGES * 2, 1, 1);
      index.add(before);
      for (long last = 4; last < MERGES; last += 2) {
        ChangeSegment next = segment(1, last - 1, MERGES * 2 + last, 1, 1);
        index.add(next);
        added.set(last);
        ChangeSegment merged = merged(last);
        index.replace(List.of(before, next), merged);
        before = merged;
      }

      isDone.set(true);
      assertTrue(reader.get() >= 0);
    } finally {
      executor.shutdownNow();
    }
  }
}
