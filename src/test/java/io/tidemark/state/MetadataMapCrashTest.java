package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process that folds into the metadata map, and opens what it left. */
class MetadataMapCrashTest {
  private static final int KILLS = Rounds.of("tidemark.metadata.kills", 3, 2);
  private static final int IDS = 4000;
  private static final int EVENTS_PER_SEGMENT = 300;
  private static final int MAX_FOLDS_BEFORE_KILL = 20;

  /** More than all killed writers together fold. */
  private static final int SEGMENTS = (KILLS + 1) * 2 * MAX_FOLDS_BEFORE_KILL;

  private static final long STORE_ID = 4711;
  private static final MetadataLimits LIMITS = new MetadataLimits(3, 20);

  @TempDir(factory = MemoryTempDir.class)
  Path root;

  /** Gives the same segments to parent and child. */
  private static SegmentedHistory history(int segments) {
    SegmentedHistory history = new SegmentedHistory();
    Random random = new Random(1);
    for (int segment = 0; segment < segments; segment++) {
      for (int event = 0; event < EVENTS_PER_SEGMENT; event++) {
        history.event(
            BlockEventType.ofCode(random.nextInt(4)),
            random.nextInt(IDS),
            1,
            1000 + segment * 10L + random.nextInt(100),
            random.nextLong());
      }
      history.cut();
    }
    return history;
  }

  /** Folds what is missing, says so after each segment, stamps now and then, until it is killed. */
  static final class Writer {
    private Writer() {}

    /** Opens the map in the directory given and folds into it. */
    public static void main(String[] arguments) throws IOException {
      List<ChangeSegment> done = new ArrayList<>();
      ChronicleMetadataMap map =
          ChronicleMetadataMap.open(
              Path.of(arguments[0]), STORE_ID, MaximaSource.of(() -> done), LIMITS);
      int count = 0;
      for (ChangeSegment segment : history(SEGMENTS).segments) {
        done.add(segment);
        if (segment.lastPosition() > map.foldedThrough()) {
          map.fold(segment);
          System.out.println(segment.lastPosition());
          if (++count % 7 == 0) {
            map.stamp();
          }
        }
      }
    }
  }

  @Test
  void shouldHoldEveryRowAfterAKill() throws IOException {
    Path directory = root.resolve("metadata");
    Random random = new Random();
    long stamped = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      long said = 0;
      try (ChildJvm writer = ChildJvm.start(Writer.class, directory.toString())) {
        for (int folds = 1 + random.nextInt(MAX_FOLDS_BEFORE_KILL); folds > 0; folds--) {
          String line = writer.readLine();
          assertTrue(line != null, "the writer ended by itself");
          said = Long.parseLong(line);
        }
        writer.kill();
      }

      int segments = (int) (said / EVENTS_PER_SEGMENT);
      // The killed writer may have been a segment or two further than it said.
      SegmentedHistory all = history(segments + 20);
      try (ChronicleMetadataMap map =
          ChronicleMetadataMap.open(
              directory, STORE_ID, MaximaSource.of(() -> all.segments), LIMITS)) {
        assertTrue(map.foldedThrough() >= stamped, "stamped " + stamped);
        for (ChangeSegment segment : all.segments) {
          if (segment.lastPosition() > map.foldedThrough()) {
            map.fold(segment);
          }
        }
        List<Long> ids = new ArrayList<>();
        for (long id = 0; id < IDS; id++) {
          ids.add(id);
        }
        assertEquals(MetadataRows.expected(all), MetadataRows.of(map, ids));
        stamped = map.foldedThrough();
      }
    }
  }
}
