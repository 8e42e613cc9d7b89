package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.BlockEventType;
import io.tidemark.storage.Directories;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.Events;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A merged segment is the segment of all entries, whatever the grouping. */
class SegmentMergerTest {
  private static final long STORE_ID = 4711;
  private static final int GENERATION = -2;

  @TempDir Path directory;
  private int files;

  private ChangeSegment merge(List<ChangeSegment> inputs, boolean keepsEvents) throws IOException {
    return merge(inputs, keepsEvents, ControlCompactor.KEEP_ALL);
  }

  private ChangeSegment merge(
      List<ChangeSegment> inputs, boolean keepsEvents, ControlCompactor compactor)
      throws IOException {
    Path file = directory.resolve(files++ % 50 + ".seg");
    new SegmentMerger(inputs, keepsEvents, compactor)
        .publish(FileStorageIO.INSTANCE, file, STORE_ID);
    return ChangeSegment.open(file, STORE_ID);
  }

  /** Merges neighbours at random until one segment is left. */
  private ChangeSegment mergeInAnyGrouping(
      Random random, List<ChangeSegment> segments, boolean keepsEvents) throws IOException {
    List<ChangeSegment> left = new ArrayList<>(segments);
    while (left.size() > 1) {
      int from = random.nextInt(left.size() - 1);
      int to = from + 2 + random.nextInt(left.size() - from - 1);
      boolean isLast = to - from == left.size();
      List<ChangeSegment> group = left.subList(from, to);
      ChangeSegment merged = merge(group, keepsEvents || (!isLast && random.nextBoolean()));
      group.clear();
      left.add(from, merged);
    }
    return left.get(0);
  }

  private static ByteBuffer bytes(ChangeSegment segment) {
    return segment.payload().bytes();
  }

  /** Pages of changes depend on the grouping; what is on them does not, nor any other byte. */
  private static void assertSame(ChangeSegment expected, ChangeSegment actual) {
    for (int section = 0; section < SegmentDescriptor.SECTIONS; section++) {
      if (section < SegmentDescriptor.EVENTS || section > SegmentDescriptor.EVENT_GROUPS) {
        assertEquals(
            expected.payload().section(section), actual.payload().section(section), "" + section);
      }
    }
    assertEquals(Events.of(expected), Events.of(actual));
    assertNull(SegmentCheck.difference(actual));
    assertEquals(expected.eventCount(), actual.eventCount());
    assertEquals(expected.firstChange(), actual.firstChange());
    assertEquals(expected.lastChange(), actual.lastChange());
    assertEquals(expected.minTimestampNs(), actual.minTimestampNs());
    assertEquals(expected.maxTimestampNs(), actual.maxTimestampNs());
    assertEquals(expected.nextBlockId(), actual.nextBlockId());
    assertEquals(expected.payload().flushAll(), actual.payload().flushAll());
  }

  @Test
  void shouldSayWhatTheSegmentOfAllEntriesSays() {
    Seeds.each(
        150,
        random -> {
          RandomEntries entries = RandomEntries.any(random, GENERATION, 2000);
          List<ChangeSegment> parts = entries.cut(random, 1 + random.nextInt(8));
          if (parts.isEmpty()) {
            return;
          }

          ChangeSegment merged = merge(parts, true);
          ChangeSegment grouped = mergeInAnyGrouping(random, parts, true);

          ChangeSegment whole = entries.whole();
          assertEquals(whole.firstPosition(), merged.firstPosition());
          assertEquals(whole.lastPosition(), merged.lastPosition());
          assertSame(whole, merged);
          assertSame(whole, grouped);
        });
  }

  @Test
  void shouldDropChangesAndKeepAllElse() {
    Seeds.each(
        100,
        random -> {
          RandomEntries entries = RandomEntries.any(random, GENERATION, 1000);
          List<ChangeSegment> parts = entries.cut(random, 2 + random.nextInt(6));
          if (parts.size() < 2) {
            return;
          }

          ChangeSegment dropped = merge(parts, false);
          ChangeSegment grouped = mergeInAnyGrouping(random, parts, false);

          assertFalse(dropped.hasEvents());
          assertEquals(bytes(dropped), bytes(grouped));
          assertSameWithoutEvents(entries.whole(), dropped);
        });
  }

  private static void assertSameWithoutEvents(ChangeSegment whole, ChangeSegment dropped) {
    assertEquals(whole.eventCount(), dropped.eventCount());
    assertEquals(whole.changedCount(), dropped.changedCount());
    assertEquals(whole.minWalOffset(), dropped.minWalOffset());
    assertEquals(whole.maxWalOffset(), dropped.maxWalOffset());
    assertEquals(whole.minTimestampNs(), dropped.minTimestampNs());
    assertEquals(whole.maxTimestampNs(), dropped.maxTimestampNs());
    assertEquals(whole.hasFlushAll(), dropped.hasFlushAll());
    assertEquals(whole.flushAllOffset(), dropped.flushAllOffset());
    assertEquals(whole.nextBlockId(), dropped.nextBlockId());
    assertEquals(rows(whole), rows(dropped));
    EntryLog expected = new EntryLog();
    whole.forEachControl(expected);
    EntryLog actual = new EntryLog();
    dropped.forEachControl(actual);
    assertEquals(expected.lines(), actual.lines());
  }

  private static List<String> rows(ChangeSegment segment) {
    List<String> rows = new ArrayList<>();
    ChangeCursor block = segment.changes();
    while (block.next()) {
      rows.add(
          Long.toUnsignedString(block.blockId())
              + " "
              + List.of(
                  block.firstOffset(),
                  block.lastOffset(),
                  block.lastTimestampNs(),
                  block.minTimestampNs(),
                  block.maxTimestampNs(),
                  block.lastType(),
                  block.isCreated(),
                  block.isDeleted()));
    }
    segment.forEachMaxima(
        (id, maxima, timestampNs) -> {
          StringBuilder line = new StringBuilder(Long.toUnsignedString(id) + " " + timestampNs);
          for (BlockEventType type : BlockEventType.values()) {
            if (maxima.has(type)) {
              line.append(' ').append(type).append(maxima.generation(type)).append('/');
              line.append(maxima.walOffset(type));
            }
          }
          rows.add(line.toString());
        });
    return rows;
  }

  @Test
  void shouldKeepTheControlEntriesThatTheCompactorKeeps() throws IOException {
    RandomEntries entries = RandomEntries.any(new Random(5), GENERATION, 1000);
    List<ChangeSegment> parts = entries.cut(new Random(6), 3);

    ChangeSegment merged =
        merge(
            parts,
            true,
            (all, out) -> {
              EntryLog seen = new EntryLog();
              all.accept(seen);
              out.onGap(RandomEntries.FIRST, 7, 1, 2, "entries=" + seen.lines().size());
            });

    EntryLog kept = new EntryLog();
    merged.forEachControl(kept);
    EntryLog all = new EntryLog();
    entries.whole().forEachControl(all);
    EntryLog expected = new EntryLog();
    expected.onGap(RandomEntries.FIRST, 7, 1, 2, "entries=" + all.lines().size());
    assertEquals(expected.lines(), kept.lines());
  }

  @Test
  void shouldRefuseSegmentsThatDoNotAdjoin() {
    RandomEntries entries = new RandomEntries(1);
    for (int i = 0; i < 10; i++) {
      entries.event(BlockEventType.UPDATE, i, i, i);
    }
    ChangeSegment low = entries.open(0, 3).toSegment();
    ChangeSegment high = entries.open(4, 9).toSegment();

    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> merge(List.of(low, high), true));

    assertEquals("segments do not adjoin: last=1002, first=1004", e.getMessage());
  }

  @Test
  void shouldRefuseSegmentsOfSeveralGenerations() {
    OpenSegment low = new OpenSegment(1, 1, 1);
    low.onEvent(1, 1, BlockEventType.UPDATE, 1, 1, 1);
    OpenSegment high = new OpenSegment(-1, 2, 1);
    high.onEvent(2, -1, BlockEventType.UPDATE, 1, 1, 1);

    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> merge(List.of(low.toSegment(), high.toSegment()), true));

    assertEquals("segments of several generations: first=1, next=4294967295", e.getMessage());
  }

  @Test
  void shouldLeaveNothingBehindWhenTheCompactorFails() throws IOException {
    RandomEntries entries = RandomEntries.any(new Random(1), GENERATION, 100);
    List<ChangeSegment> parts = entries.cut(new Random(1), 2);

    assertThrows(
        IllegalStateException.class,
        () ->
            merge(
                parts,
                true,
                (all, out) -> {
                  throw new IllegalStateException("no");
                }));

    assertEquals(List.of(), Directories.list(directory));
  }
}
