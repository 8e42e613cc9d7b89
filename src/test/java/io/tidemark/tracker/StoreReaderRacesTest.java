package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.journal.RecordBuffer;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A store read while its writer goes on between any two calls of the reader. */
class StoreReaderRacesTest {
  private static final Path ROOT = Path.of("/store");
  private static final int LIVES = Rounds.of("tidemark.reader.lives", 3, 1);

  /** Its reader once missed a version when the only journal file that held it was recycled. */
  private static final int FIRST_SEED = 3;

  /** Rolls its journal every few records and keeps nothing of it that is sealed. */
  private static final TrackerOptions OPTIONS =
      TrackerOptions.builder()
          .unlimited()
          .maxOpenEvents(20)
          .segmentsPerCheckpoint(1)
          .journalRollBytes(400)
          .journalKeepBytes(0)
          .mergeFanIn(3)
          .build();

  /** A writer in the same thread as its reader. */
  private static final class Writer {
    private final MemoryStorageIO io = new MemoryStorageIO();
    private final RecordBuffer record = new RecordBuffer();
    private final Random random;
    private ChangeTracker tracker;
    private long version;

    Writer(long seed) throws IOException {
      random = new Random(seed);
      tracker = open();
      for (int i = 0; i < 20; i++) {
        step();
      }
    }

    private ChangeTracker open() throws IOException {
      return ChangeTracker.open(Environments.memory(io), ROOT, BusyWriter.SHARD, OPTIONS);
    }

    /** Appends a few versions, and maybe seals, checkpoints or begins a new life. */
    void step() throws IOException {
      for (int i = random.nextInt(3); i >= 0; i--) {
        BusyWriter.fill(record, version);
        tracker.append(record);
        version++;
        if (random.nextInt(3) == 0) {
          tracker.checkpoint();
        }
      }
      if (random.nextInt(6) == 0) {
        tracker.abandon();
        tracker = open();
      }
    }

    /** Goes on at one call from now on. */
    void goOnAt(long call) {
      long at = io.calls() + call;
      io.fault(
          (kind, number, path) -> {
            if (number == at) {
              io.fault((laterKind, laterNumber, laterPath) -> {});
              step();
            }
          });
    }
  }

  @Test
  void shouldMissNothingThatWasWrittenBefore() throws IOException {
    long views = 0;
    for (int seed = FIRST_SEED; seed < FIRST_SEED + LIVES; seed++) {
      for (long call = 0, calls = 1; call < calls; call++) {
        Writer writer = new Writer(seed);
        long before = writer.version;
        writer.goOnAt(call);
        long begun = writer.io.calls();

        StoreReader reader = StoreReader.open(Environments.memory(writer.io), ROOT);
        calls = Math.max(calls, writer.io.calls() - begun);
        long through = verified(reader, seed, call);

        assertTrue(
            through + 1 >= before && through + 1 <= writer.version,
            "seed=" + seed + ", call=" + call + ": read " + through + ", before=" + before);
        views++;
      }
    }
    System.out.println("StoreReaderRacesTest: views=" + views);
  }

  private static long verified(StoreReader reader, int seed, long call) {
    try {
      return BusyWriter.verify(reader, new Random(call));
    } catch (UncheckedIOException | AssertionError e) {
      throw new AssertionError("seed=" + seed + ", call=" + call + ": " + e.getMessage(), e);
    }
  }
}
