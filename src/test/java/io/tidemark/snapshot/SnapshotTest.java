package io.tidemark.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.OpenSegment;
import io.tidemark.state.BlockSets;
import io.tidemark.state.BlockStates;
import io.tidemark.state.SegmentHistory;
import io.tidemark.storage.FileType;
import io.tidemark.storage.MappedBitmap;
import io.tidemark.storage.PublishedFile;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.roaringbitmap.longlong.Roaring64NavigableMap;

/** State bitmaps in a file, and states that go on from them. */
class SnapshotTest {
  private static final long STORE_ID = 4711;
  private static final int KNOWN = 0;

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("9.snap");
  }

  /** A segment of random events behind all events of the segments before. */
  private static ChangeSegment segment(Random random, int number) {
    OpenSegment open = new OpenSegment(number, 1000L * number, 1);
    for (int i = 0; i < 60; i++) {
      open.onEvent(
          1000L * number + i,
          number,
          BlockEventType.ofCode(random.nextInt(5)),
          Unsigned.any(random),
          Unsigned.any(random),
          0);
    }
    if (random.nextInt(4) == 0) {
      open.onFlushAll(1000L * number + 60, number, Unsigned.any(random), 0);
    }
    return open.toSegment();
  }

  private static List<Roaring64NavigableMap> bitmaps(BlockStates.Image states) throws IOException {
    List<Roaring64NavigableMap> bitmaps = new ArrayList<>();
    for (MappedBitmap ids :
        List.of(states.known(), states.dirty(), states.created(), states.deleted())) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ids.write(out);
      Roaring64NavigableMap bitmap = new Roaring64NavigableMap(false);
      bitmap.deserializePortable(new DataInputStream(new ByteArrayInputStream(out.toByteArray())));
      bitmaps.add(bitmap);
    }
    return bitmaps;
  }

  private static BlockStates empty() {
    return new BlockStates(BlockSets.ROARING);
  }

  private BlockStates open() throws IOException {
    return new BlockStates(BlockSets.ROARING, Snapshot.open(file, STORE_ID));
  }

  private static BlockStates folded(ChangeSegment... segments) {
    return BlockStates.rebuild(BlockSets.ROARING, new SegmentHistory(List.of(segments), 0));
  }

  @Test
  void shouldReadBackTheStatesAndGoOnFromThem() {
    Seeds.each(
        60,
        random -> {
          List<ChangeSegment> segments = new ArrayList<>();
          BlockStates live = empty();
          BlockStates mapped = empty();
          long cursor = 0;
          for (int number = 1; number <= 4; number++) {
            ChangeSegment segment = segment(random, number);
            segments.add(segment);
            cursor = random.nextBoolean() ? segment.lastPosition() : cursor;
            SegmentHistory history = new SegmentHistory(segments, cursor);
            for (BlockStates states : List.of(live, mapped)) {
              states.fold(segment, history);
              states.commit(history);
            }

            Snapshot.publish(file, STORE_ID, segment.lastPosition(), mapped.image());
            mapped = open();

            assertTrue(mapped.sameAs(live), "segment " + number);
            assertTrue(
                mapped.sameAs(BlockStates.rebuild(BlockSets.ROARING, history)),
                "rebuilt " + number);
          }
        });
  }

  @Test
  void shouldKeepTheStatesDisjointAndKnown() {
    Seeds.each(
        60,
        random -> {
          BlockStates states = folded(segment(random, 1), segment(random, 2), segment(random, 3));
          Snapshot.publish(file, STORE_ID, 9, states.image());

          List<Roaring64NavigableMap> bitmaps = bitmaps(Snapshot.open(file, STORE_ID));

          Roaring64NavigableMap union = new Roaring64NavigableMap(false);
          long total = 0;
          for (Roaring64NavigableMap state : bitmaps.subList(KNOWN + 1, bitmaps.size())) {
            union.or(state);
            total += state.getLongCardinality();
          }
          assertEquals(total, union.getLongCardinality(), "disjoint");
          union.andNot(bitmaps.get(KNOWN));
          assertTrue(union.isEmpty(), "subsets of known");
        });
  }

  @Test
  void shouldLeaveTheFileAsItIsWhenStatesGoOn() throws IOException {
    OpenSegment open = new OpenSegment(1, 1, 1);
    open.onEvent(1, 1, BlockEventType.UPDATE, 5, 1, 0);
    open.onEvent(2, 1, BlockEventType.CREATE, -1, 2, 0);
    ChangeSegment first = open.toSegment();
    Snapshot.publish(file, STORE_ID, 2, folded(first).image());
    byte[] before = Files.readAllBytes(file);
    BlockStates mapped = open();
    OpenSegment next = new OpenSegment(1, 3, 1);
    next.onEvent(3, 1, BlockEventType.DELETE, 5, 3, 0);
    next.onFlushAll(4, 1, 4, 0);

    ChangeSegment second = next.toSegment();
    mapped.fold(second, new SegmentHistory(List.of(first, second), 0));

    assertEquals(BlockState.DELETED, mapped.state(5));
    assertEquals(BlockState.CLEAN, mapped.state(-1));
    assertTrue(Arrays.equals(before, Files.readAllBytes(file)));
    assertEquals(BlockState.DIRTY, open().state(5));
  }

  @Test
  void shouldHoldNoBlockAndTheHighestPosition() throws IOException {
    Snapshot.publish(file, STORE_ID, 0, empty().image());
    assertTrue(open().sameAs(empty()));
    OpenSegment open = new OpenSegment(-2, 1, 1);
    open.onFlushAll(1, -2, Long.MIN_VALUE, 0);

    Snapshot.publish(file, STORE_ID, 1, folded(open.toSegment()).image());

    assertEquals(new WalPosition(-2, Long.MIN_VALUE), open().highest());
    assertEquals(
        1, PublishedFile.open(file, FileType.SNAPSHOT, 1, STORE_ID).header().lastPosition());
  }

  @Test
  void shouldDetectEveryDamagedByte() throws IOException {
    Snapshot.publish(file, STORE_ID, 9, folded(segment(new Random(5), 1)).image());
    byte[] intact = Files.readAllBytes(file);

    for (int at = 0; at < intact.length; at++) {
      byte[] damaged = intact.clone();
      damaged[at] ^= (byte) (1 << at % Byte.SIZE);
      Files.write(file, damaged);
      assertThrows(CorruptFileException.class, () -> Snapshot.open(file, STORE_ID), "byte " + at);
    }
  }
}
