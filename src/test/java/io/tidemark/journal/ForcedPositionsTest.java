package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.WatchedForces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * What a log says is durable is found after a power cut at that moment, while one thread appends
 * and rolls, two force, and one cuts the power again and again.
 *
 * <p>No seed replays an interleaving. More of them: {@code -Dtidemark.forces.logs=20000}.
 */
class ForcedPositionsTest {
  private static final int LOGS = Rounds.of("tidemark.forces.logs", 70, 20);
  private static final int RECORDS = 60;
  private static final int FORCERS = 2;
  private static final long STORE_ID = 7;

  /** A file holds two or three records, so that most forces meet a roll. */
  private static final long ROLL_LENGTH = 200;

  private static final Path JOURNAL = Path.of("/store/journal");

  /** One log, while it is written. */
  private static final class Race {
    private final MemoryStorageIO memory = new MemoryStorageIO();
    private final EventLog log;
    private volatile boolean isWritten;

    Race() throws IOException {
      WatchedForces disk = new WatchedForces(memory);
      disk.createDurably(JOURNAL);
      log = new MemoryEventLogs(disk, JOURNAL, STORE_ID).begin(1, 1, ROLL_LENGTH);
      disk.watch(path -> pause());
    }

    /** Lets another thread go first, now and then. */
    private static void pause() {
      if (ThreadLocalRandom.current().nextInt(3) == 0) {
        LockSupport.parkNanos(1);
      }
    }

    Void append() throws IOException {
      RecordBuffer record = new RecordBuffer();
      try {
        for (int i = 0; i < RECORDS; i++) {
          record.clear();
          record.event(BlockEventType.UPDATE, i, i, i);
          log.append(record);
          pause();
        }
      } finally {
        isWritten = true;
      }
      return null;
    }

    Void force() {
      boolean isLast;
      do {
        isLast = isWritten;
        long appended = log.lastPosition();
        log.force();
        assertTrue(log.durablePosition() >= appended, "force returned before it was durable");
      } while (!isLast);
      return null;
    }

    Integer cut() throws IOException {
      int cuts = 0;
      boolean isLast;
      long before = 0;
      do {
        isLast = isWritten;
        long durable = log.durablePosition();
        long appended = log.lastPosition();
        assertTrue(durable >= before, "durable went back");
        assertTrue(durable <= appended, "durable is not appended");
        before = durable;
        MemoryStorageIO left = memory.after(PowerCut.keepingForced());
        assertTrue(
            lastOf(left) >= durable, "lost what was durable: " + lastOf(left) + " < " + durable);
        cuts++;
      } while (!isLast);
      return cuts;
    }

    /** Returns the last position before the first that is missing. */
    private static long lastOf(MemoryStorageIO disk) throws IOException {
      long last = 0;
      try (EventLogReader reader = new MemoryEventLogs(disk, JOURNAL, STORE_ID).read(1)) {
        for (JournalRecord record = reader.next();
            record != null && record.firstPosition() == last + 1;
            record = reader.next()) {
          last = record.lastPosition();
        }
      }
      return last;
    }
  }

  @Test
  void shouldFindWhatWasDurableAfterAPowerCut()
      throws IOException, InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(FORCERS + 2);
    int cuts = 0;
    try {
      for (int i = 0; i < LOGS; i++) {
        Race race = new Race();
        Future<Integer> cutter = threads.submit(race::cut);
        List<Callable<Void>> calls = new ArrayList<>();
        calls.add(race::append);
        for (int forcer = 0; forcer < FORCERS; forcer++) {
          calls.add(race::force);
        }
        for (Future<Void> call : threads.invokeAll(calls)) {
          call.get();
        }
        cuts += cutter.get();
        assertEquals(RECORDS, race.log.durablePosition());
      }
    } finally {
      threads.shutdownNow();
    }
    System.out.println("ForcedPositionsTest: logs=" + LOGS + ", power cuts=" + cuts);
  }
}
