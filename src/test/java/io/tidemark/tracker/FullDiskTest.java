package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.StoreFullException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.storage.StorageFile;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.MemoryStorageIO.Call;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A journal that reached its limit, a disk that is nearly full, and one that is full. */
class FullDiskTest {
  private static final Path DISK = Path.of("/disk");
  private static final Path ROOT = DISK.resolve("store");
  private static final Path BALLAST = DISK.resolve("ballast");
  private static final long ROLL = 1 << 18;
  private static final long JOURNAL_LIMIT = 2 * ROLL + (2 << 20);
  private static final long RESERVE = 1 << 20;
  private static final long WATERMARK = 2 << 20;
  private static final int RECORD_LENGTH = 1 << 18;
  private static final int DISKS = Rounds.of("tidemark.fulldisk.disks", 400, 100);
  private static final int MAX_FREE = 60_000;

  private final MemoryStorageIO io = new MemoryStorageIO();
  private final StoreEnvironment store = Environments.memory(io);
  private final RecordBuffer record = new RecordBuffer();
  private long nextOffset;

  private ChangeTracker open(TrackerOptions options) throws IOException {
    io.createDurably(DISK);
    return ChangeTracker.open(store, ROOT, StoreScript.SHARD, options);
  }

  private static TrackerOptions options(long journalMax, long watermark, long reserve) {
    return TrackerOptions.builder()
        .unlimited()
        .journalRollBytes(ROLL)
        .journalKeepBytes(0)
        .space(new SpaceLimits(journalMax, watermark, reserve))
        .build();
  }

  /** Fills the record with one event and much else. */
  private void fill() {
    if (record.count() > 0) {
      return;
    }
    record.event(BlockEventType.UPDATE, nextOffset, nextOffset, 0);
    record.cover(nextOffset, nextOffset, new byte[0]);
    for (int length = 0; length < RECORD_LENGTH; length += 1 << 15) {
      record.tombstone(nextOffset, new byte[1 << 15]);
    }
    nextOffset++;
  }

  private void append(ChangeTracker tracker) throws IOException {
    fill();
    tracker.append(record);
  }

  private long journalLength() throws IOException {
    long length = 0;
    for (Path log : io.list(ROOT.resolve("journal"))) {
      for (Path file : io.list(log)) {
        length += io.length(file);
      }
    }
    return length;
  }

  private void verifyAfterReopening() throws IOException {
    try (ChangeTracker tracker = open(options(Long.MAX_VALUE, 0, 0))) {
      assertEquals(nextOffset, tracker.view().changedEver().changes().size());
      assertEquals(List.of(), tracker.recovery().lost());
    }
    assertTrue(StoreCheck.run(store, ROOT).isClean());
  }

  @Test
  void shouldKeepTheJournalBelowItsLimit() throws IOException {
    ChangeTracker tracker = open(options(JOURNAL_LIMIT, 0, 0));
    for (int i = 0; i < 60; i++) {
      append(tracker);
      assertTrue(journalLength() < JOURNAL_LIMIT + (1 << 20), "length=" + journalLength());
    }
    assertFalse(StoreImage.checkpointFiles(io, new StoreLayout(ROOT)).isEmpty());
    tracker.abandon();
    verifyAfterReopening();
  }

  @Test
  void shouldRefuseWhenTheJournalIsFullAndNoCheckpointCanBeMade() throws IOException {
    ChangeTracker tracker = open(options(JOURNAL_LIMIT, 0, 0));
    io.fault(
        (call, number, path) -> {
          if (call == Call.CREATE && path.toString().contains("snapshots")) {
            throw new IOException("made to fail");
          }
        });
    IOException e =
        assertThrows(
            IOException.class,
            () -> {
              while (true) {
                append(tracker);
              }
            });
    assertEquals("made to fail", e.getMessage());
    assertTrue(journalLength() >= JOURNAL_LIMIT);
    long position = tracker.position();
    assertThrows(IOException.class, () -> append(tracker));
    assertEquals(position, tracker.position());

    io.fault((call, number, path) -> {});

    append(tracker);
    assertTrue(journalLength() < JOURNAL_LIMIT);
    tracker.abandon();
    verifyAfterReopening();
  }

  /** The segment behind the one that cannot be sealed is prepared meanwhile, and grows again. */
  @Test
  void shouldSealWhatIsAppendedAfterASealFailed() throws IOException {
    io.createDurably(DISK);
    Maintenance whenWaitedFor = new Maintenance(work -> {}, Runnable::run);
    StoreEnvironment lazy = Environments.memory(io, identity -> whenWaitedFor);
    TrackerOptions options = TrackerOptions.builder().unlimited().maxOpenEvents(4).build();
    ChangeTracker tracker = ChangeTracker.open(lazy, ROOT, StoreScript.SHARD, options);
    for (int i = 0; i < 6; i++) {
      appendOne(tracker);
    }
    io.fault(
        (call, number, path) -> {
          if (call == Call.CREATE && path.toString().contains("segments")) {
            throw new IOException("made to fail");
          }
        });
    assertThrows(IOException.class, tracker::seal);
    io.fault((call, number, path) -> {});

    appendOne(tracker);
    tracker.seal();

    assertEquals(0, tracker.openEvents());
    assertEquals(nextOffset, tracker.view().changedEver().changes().size());
    tracker.abandon();
    verifyAfterReopening();
  }

  private void appendOne(ChangeTracker tracker) throws IOException {
    record.event(BlockEventType.UPDATE, nextOffset, nextOffset, 0);
    record.cover(nextOffset, nextOffset, new byte[0]);
    tracker.append(record);
    nextOffset++;
  }

  @Test
  void shouldRefuseBelowTheWatermarkAndGoOnAboveIt() throws IOException {
    ChangeTracker tracker = open(options(Long.MAX_VALUE, WATERMARK, RESERVE));
    io.capacity(64 << 20);
    append(tracker);
    Path reserve = new StoreLayout(ROOT).reserve();
    assertEquals(RESERVE, io.length(reserve));
    try (StorageFile ballast = io.create(BALLAST)) {
      ballast.write(ByteBuffer.allocate((int) io.usableSpace(DISK) - (1 << 20)), 0);
    }

    StoreFullException e =
        assertThrows(
            StoreFullException.class,
            () -> {
              while (true) {
                append(tracker);
              }
            });

    assertTrue(String.valueOf(e.getMessage()).startsWith("disk is nearly full: "), e.getMessage());
    assertFalse(io.exists(reserve), "given back");
    assertEquals(nextOffset - 1, tracker.view().changedEver().changes().size());
    assertThrows(StoreFullException.class, () -> append(tracker));
    tracker.checkpoint();

    io.delete(BALLAST);

    append(tracker);
    assertEquals(RESERVE, io.length(reserve), "taken again");
    tracker.abandon();
    verifyAfterReopening();
  }

  /** Whatever fails for want of space, nothing acknowledged is lost and the store goes on. */
  @Test
  void shouldGoOnWhenSpaceReturnsWhereverItRanOut() throws IOException {
    int ranOut = 0;
    for (int free = 0; free < MAX_FREE; free += MAX_FREE / DISKS) {
      try {
        ranOut += runOut(free) ? 1 : 0;
      } catch (AssertionError | RuntimeException | IOException e) {
        throw new AssertionError("free=" + free + ": " + e, e);
      }
    }
    System.out.println("FullDiskTest: disks that ran full=" + ranOut);
    assertTrue(ranOut > DISKS / 2, "ran out: " + ranOut);
  }

  private static boolean runOut(int free) throws IOException {
    MemoryStorageIO io = new MemoryStorageIO();
    io.createDurably(DISK);
    StoreEnvironment store = Environments.memory(io);
    Random random = new Random(free);
    StoreHistory history = new StoreHistory();
    long acknowledged = 0;
    boolean hasRunOut = false;
    try (ChangeTracker tracker =
        ChangeTracker.open(store, ROOT, StoreScript.SHARD, StoreScript.BUSY_OPTIONS)) {
      io.capacity(io.used() + free);
      StoreScript script = new StoreScript(random.nextLong(), history);
      for (int step = 0; step < 120; step++) {
        try {
          if (script.perform(script.next(), tracker)) {
            acknowledged = history.lastPosition();
          }
        } catch (StoreFullException | IOException e) {
          assertTrue(e.toString().contains("space"), e.toString());
          hasRunOut = true;
          history.truncate(tracker.position());
          script = new StoreScript(random.nextLong(), history);
          if (random.nextInt(4) == 0) {
            io.capacity(io.used() + random.nextInt(20_000));
          }
        }
      }
      MemoryStorageIO image = io.after(PowerCut.any(random));
      new StoreVerifier(Environments.memory(image), ROOT, history, acknowledged, random).verify();
      io.capacity(Long.MAX_VALUE);
      for (int step = 0; step < 20; step++) {
        script.perform(script.next(), tracker);
      }
    }
    new StoreVerifier(store, ROOT, history, history.lastPosition(), random).verify();
    return hasRunOut;
  }
}
