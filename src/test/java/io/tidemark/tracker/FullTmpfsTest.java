package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.StoreFullException;
import io.tidemark.journal.RecordBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real mapped files on a file system in memory that is full at any size from 1 to 64 MiB: nothing
 * that was accepted is lost, and the store goes on, without being opened again, when space returns.
 *
 * <p>Every 4 MiB, or every {@code -Dtidemark.tmpfs.stepKib=N}; 64 for all. Linux and root only.
 */
class FullTmpfsTest {
  private static final int STEP_KIB = Integer.getInteger("tidemark.tmpfs.stepKib", 4096);
  private static final int FIRST_KIB = 1 << 10;
  private static final int LAST_KIB = 64 << 10;
  private static final String ENOUGH = "size=1g";
  private static final int TOMBSTONES = 12;
  private static final int TOMBSTONE_LENGTH = 40_000;
  private static final int RECORDS_AFTERWARDS = 12;

  @TempDir Path place;

  private final RecordBuffer record = new RecordBuffer();
  private long nextOffset;
  private long refusals;

  @Test
  void shouldLoseNothingAndGoOnWhereverTheDiskIsFull() throws Exception {
    if (!mount()) {
      System.out.println("FullTmpfsTest is skipped: no right to mount a file system");
      Assumptions.abort("no right to mount a file system");
    }
    unmount();
    long started = System.nanoTime();
    int disks = 0;
    for (int kib = FIRST_KIB; kib <= LAST_KIB; kib += STEP_KIB) {
      assertTrue(mount());
      try {
        fill(kib, disks % 2 == 0 ? SpaceLimits.NONE : limits());
      } catch (AssertionError | RuntimeException | IOException e) {
        throw new AssertionError("disk of " + kib + " KiB: " + e, e);
      } finally {
        unmount();
      }
      disks++;
    }
    System.out.println(
        "FullTmpfsTest: disks="
            + disks
            + ", refusals="
            + refusals
            + ", seconds="
            + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started));
    assertTrue(refusals >= disks);
  }

  /** A watermark that the smallest disks are below from the beginning. */
  private static SpaceLimits limits() {
    return new SpaceLimits(Long.MAX_VALUE, 3 << 20, 1 << 20);
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      System.out.println(String.join(" ", command) + ": " + output.strip());
    }
    return code;
  }

  private boolean mount() throws IOException, InterruptedException {
    return run("mount", "-t", "tmpfs", "-o", ENOUGH, "tidemark", place.toString()) == 0;
  }

  /** Takes the file system away; its memory is free when the last mapping is collected. */
  private void unmount() throws IOException, InterruptedException {
    assertEquals(0, run("umount", "-l", place.toString()));
  }

  private void resize(String size) throws IOException, InterruptedException {
    assertEquals(0, run("mount", "-o", "remount," + size, place.toString()));
  }

  private void fill(int kib, SpaceLimits space) throws IOException, InterruptedException {
    Path root = place.resolve("store");
    TrackerOptions options =
        TrackerOptions.builder()
            .unlimited()
            .maxOpenEvents(40)
            .segmentsPerCheckpoint(2)
            .journalRollBytes(6 << 20)
            .journalKeepBytes(0)
            .space(space)
            .build();
    nextOffset = 0;
    record.clear();
    StoreEnvironment store = Environments.real();
    ChangeTracker tracker = ChangeTracker.open(store, root, StoreScript.SHARD, options);
    resize("size=" + kib + "k");
    fillUp(tracker);
    assertEquals(nextOffset, events(tracker));
    resize(ENOUGH);
    for (int i = 0; i < RECORDS_AFTERWARDS; i++) {
      append(tracker);
    }
    tracker.abandon();
    try (ChangeTracker again = ChangeTracker.open(store, root, StoreScript.SHARD, options)) {
      assertEquals(List.of(), again.recovery().lost());
      assertEquals(List.of(), again.recovery().dropped());
      assertEquals(nextOffset, events(again));
    }
    assertTrue(StoreCheck.run(root).isClean());
  }

  private static long events(ChangeTracker tracker) {
    return tracker.view().changedEver().changes().size();
  }

  /** Appends until it is refused twice in a row: nothing can be made room any more. */
  private void fillUp(ChangeTracker tracker) {
    int refused = 0;
    while (refused < 2) {
      try {
        append(tracker);
        refused = 0;
      } catch (StoreFullException | IOException e) {
        assertTrue(e.toString().contains("space") || e.toString().contains("full"), e.toString());
        refusals++;
        refused++;
      }
    }
  }

  /** Appends one change and much else. */
  private void append(ChangeTracker tracker) throws IOException {
    if (record.count() == 0) {
      record.event(BlockEventType.UPDATE, nextOffset, nextOffset, 0);
      record.cover(nextOffset, nextOffset, new byte[0]);
      for (int i = 0; i < TOMBSTONES; i++) {
        record.tombstone(nextOffset, new byte[TOMBSTONE_LENGTH]);
      }
    }
    tracker.append(record);
    nextOffset++;
  }
}
