package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.block.BlockEventType;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.storage.Directories;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Folds, reads, stamps, leaves, damages and opens the map on disk in any order, and compares it
 * with the one on the heap.
 */
class MetadataMapModelTest {
  private static final long STORE_ID = 4711;
  private static final int SEEDS = Rounds.of("tidemark.metadata.seeds", 10, 4);
  private static final int STEPS = 60;
  private static final int MAX_FLIPS = 20;

  @TempDir(factory = MemoryTempDir.class)
  Path root;

  @Test
  void shouldAgreeWithTheMapOnTheHeap() {
    Seeds.each(
        SEEDS,
        random -> {
          Path directory = root.resolve("metadata");
          Directories.deleteTree(directory);
          new Run(random, directory).run();
        });
  }

  private static final class Run {
    private final Random random;
    private final Path directory;
    private final MetadataLimits limits;
    private final List<Long> ids = new ArrayList<>();
    private final SegmentedHistory history = new SegmentedHistory();
    private final HeapMetadataMap model = new HeapMetadataMap();

    /** Segments in the order they were folded since the map was begun. */
    private final List<ChangeSegment> folded = new ArrayList<>();

    private ChronicleMetadataMap map;
    private long nextOffset = 1000;

    Run(Random random, Path directory) throws IOException {
      this.random = random;
      this.directory = directory;
      this.limits = new MetadataLimits(3 + random.nextInt(3), 4 + random.nextInt(40));
      int mode = random.nextInt(3);
      for (int i = 0; i < 300; i++) {
        ids.add(mode == 0 ? (long) i * 13 : mode == 1 ? random.nextLong() : random.nextInt(5000));
      }
      ids.addAll(List.of(0L, 63L, 64L, (1L << 32) - 1, Long.MAX_VALUE, Long.MIN_VALUE, -1L));
      this.map = open();
    }

    private ChronicleMetadataMap open() throws IOException {
      return ChronicleMetadataMap.open(directory, STORE_ID, MaximaSource.of(() -> folded), limits);
    }

    void run() throws IOException {
      for (int step = 0; step < STEPS; step++) {
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> foldNext();
          case 3 -> foldAgain();
          case 4 -> map.stamp();
          case 5 -> reopen();
          case 6 -> compare(20);
          default -> {
            if (random.nextBoolean()) {
              crash();
            } else {
              damage();
            }
          }
        }
      }
      compare(ids.size());
      map.close();
    }

    private void foldNext() throws IOException {
      int before = history.segments.size();
      int first = random.nextInt(ids.size());
      for (int count = 1 + random.nextInt(100); count > 0; count--) {
        long id = ids.get(random.nextInt(4) == 0 ? random.nextInt(ids.size()) : first);
        first = (first + 1) % ids.size();
        BlockEventType type = BlockEventType.ofCode(random.nextInt(4));
        long offset = nextOffset + random.nextInt(50) - 25;
        // One time for one change: then the order of folds does not decide it.
        history.event(type, id, 1, offset, offset * 31 + type.code());
        nextOffset += random.nextInt(3);
      }
      history.cut();
      fold(history.segments.get(before));
    }

    private void foldAgain() throws IOException {
      if (!folded.isEmpty()) {
        fold(folded.get(random.nextInt(folded.size())));
      }
    }

    private void fold(ChangeSegment segment) throws IOException {
      map.fold(segment);
      model.fold(segment);
      if (!folded.contains(segment)) {
        folded.add(segment);
      }
      assertEquals(model.foldedThrough(), map.foldedThrough());
    }

    private void reopen() throws IOException {
      map.close();
      map = open();
      assertEquals(model.foldedThrough(), map.foldedThrough());
    }

    /** Leaves the map as a killed process does, and folds what it had not stamped. */
    private void crash() throws IOException {
      map.abandon();
      map = open();
      foldUnstamped();
    }

    private void foldUnstamped() throws IOException {
      for (ChangeSegment segment : List.copyOf(folded)) {
        if (segment.lastPosition() > map.foldedThrough()) {
          map.fold(segment);
        }
      }
    }

    /** Flips bytes of any file of the closed map. */
    private void damage() throws IOException {
      map.close();
      List<Path> files = Directories.list(directory);
      if (!files.isEmpty()) {
        Path file = files.get(random.nextInt(files.size()));
        for (int flips = 1 + random.nextInt(MAX_FLIPS); flips > 0; flips--) {
          flip(file);
        }
      }
      map = open();
      foldUnstamped();
    }

    private void flip(Path file) throws IOException {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        // Headers, locks and slots lie in front, and most tests fill little of the rest.
        long end = random.nextBoolean() ? channel.size() : Math.min(channel.size(), 1 << 14);
        long at = (long) (random.nextDouble() * end);
        ByteBuffer one = ByteBuffer.allocate(1);
        channel.read(one, at);
        one.put(0, (byte) (one.get(0) ^ 1 << random.nextInt(Byte.SIZE)));
        channel.write(one.rewind(), at);
      }
    }

    private void compare(int count) throws IOException {
      List<Long> some = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        some.add(count == ids.size() ? ids.get(i) : ids.get(random.nextInt(ids.size())));
        some.add(random.nextLong());
      }
      assertEquals(MetadataRows.of(model, some), MetadataRows.of(map, some));
    }
  }
}
