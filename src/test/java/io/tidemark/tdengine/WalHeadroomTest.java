package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.MemoryTempDir;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long the server keeps what was not read where it keeps so many bytes only. */
class WalHeadroomTest {
  private static final int NO_PERIOD = -1;
  private static final int HOUR = 3600;
  private static final int LIMIT_KIB = 64;
  private static final long LIMIT_BYTES = LIMIT_KIB << 10;
  private static final long NOW_MS = 1_790_000_000_000L;
  private static final int SECONDS_A_SEGMENT = 100;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  @Test
  void shouldTellFromItsGrowthWhenALogReachesItsSize() throws Exception {
    try (GeneratedVnode vnode = vnode(NO_PERIOD, LIMIT_KIB)) {
      insert(vnode, 20);
      note(vnode, NOW_MS - 200_000);

      long length = length(vnode);

      assertEquals((LIMIT_BYTES - length) * 200 / length, seconds(vnode, 0));
      assertEquals((LIMIT_BYTES - length) * 400 / length, seconds(vnode, 0, NOW_MS + 200_000));
    }
  }

  @Test
  void shouldCountALogOfSomeSecondsAsOneOfAMinute() throws Exception {
    try (GeneratedVnode vnode = vnode(NO_PERIOD, LIMIT_KIB)) {
      insert(vnode, 20);
      note(vnode, NOW_MS - 1_000);

      long length = length(vnode);

      assertEquals((LIMIT_BYTES - length) * 60 / length, seconds(vnode, 0));
    }
  }

  @Test
  void shouldTakeTheFastestStretchUpToNow() throws Exception {
    try (GeneratedVnode vnode = vnode(NO_PERIOD, LIMIT_KIB)) {
      insert(vnode, 1);
      Path first = closeSegment(vnode);
      Files.setLastModifiedTime(first, FileTime.fromMillis(NOW_MS - 100_000));
      insert(vnode, 50);
      note(vnode, NOW_MS - 1_000_000);

      long length = length(vnode);
      long grown = length - Files.size(first);

      assertEquals((LIMIT_BYTES - length) * 100 / grown, seconds(vnode, 0));
      assertEquals((LIMIT_BYTES - grown) * 100 / grown, seconds(vnode, Long.MAX_VALUE));
    }
  }

  @Test
  void shouldBeNothingWhereMoreThanItsSizeIsUnread() throws Exception {
    try (GeneratedVnode vnode = vnode(HOUR, 1)) {
      insert(vnode, 20);
      closeSegment(vnode);
      insert(vnode, 1);
      note(vnode, NOW_MS - 200_000);

      assertEquals(0, seconds(vnode, 0));
      assertTrue(seconds(vnode, 22) > 0, "all of the long segment was read");
    }
  }

  @Test
  void shouldTellTheLimitThatComesFirst() throws Exception {
    try (GeneratedVnode vnode = vnode(60, LIMIT_KIB)) {
      insert(vnode, 1);
      note(vnode, NOW_MS - 200_000);

      assertEquals(60, seconds(vnode, 0));
    }
  }

  @Test
  void shouldHaveNoLimitWhereTheServerHasNone() throws Exception {
    for (int none : new int[] {-1, 0}) {
      try (GeneratedVnode vnode = vnode(NO_PERIOD, none)) {
        insert(vnode, 20);
        note(vnode, NOW_MS - 200_000);

        assertEquals(WalHeadroom.UNLIMITED, seconds(vnode, 0));
      }
    }
  }

  @Test
  void shouldNotGuessWhereNothingTellsHowFastALogGrows() throws Exception {
    try (GeneratedVnode vnode = vnode(HOUR, LIMIT_KIB)) {
      insert(vnode, 20);

      assertEquals(HOUR, seconds(vnode, 0));
    }
  }

  /**
   * A reader hangs; the server rolls, commits and deletes by size as it writes at a steady rate.
   */
  @Test
  void shouldSayInTimeWhenTheServerWillDeleteByItsSize() throws Exception {
    try (GeneratedVnode vnode = vnode(NO_PERIOD, LIMIT_KIB)) {
      note(vnode, NOW_MS);
      long nowMs = NOW_MS;
      long hangsAt = -1;
      long deletedMs = -1;
      long told = WalHeadroom.UNLIMITED;
      long toldMs = 0;
      for (int second = 0; deletedMs < 0; second++) {
        nowMs += 1000;
        insert(vnode, 1);
        if (second % SECONDS_A_SEGMENT == SECONDS_A_SEGMENT - 1) {
          Files.setLastModifiedTime(closeSegment(vnode), FileTime.fromMillis(nowMs));
          deleteBySize(vnode);
        }
        List<WalSegment> segments = WalSegment.list(vnode.directory().walDirectory());
        if (hangsAt < 0 && second == 3 * SECONDS_A_SEGMENT + 10) {
          hangsAt = vnode.insert(1, 1);
        }
        if (hangsAt >= 0 && segments.get(0).firstVersion() > hangsAt) {
          deletedMs = nowMs;
        } else if (hangsAt >= 0) {
          told = WalHeadroom.of(vnode.directory(), hangsAt, nowMs).seconds();
          toldMs = toldMs == 0 && told < 150 ? nowMs : toldMs;
        }
      }

      assertTrue(toldMs > 0 && deletedMs - toldMs >= 100_000, "toldMs=" + toldMs);
      assertTrue(deletedMs - toldMs <= (150 + 2 * SECONDS_A_SEGMENT) * 1000, "told too early");
      assertTrue(told <= SECONDS_A_SEGMENT, "told=" + told);
    }
  }

  private GeneratedVnode vnode(int periodSeconds, long kib) throws IOException {
    Path parent = Files.createTempDirectory(directory, "data");
    return GeneratedVnode.create(parent, 2, "power", periodSeconds, kib);
  }

  private static void insert(GeneratedVnode vnode, int rows) throws IOException {
    for (int i = 0; i < rows; i++) {
      vnode.insert(1, 1);
    }
  }

  /** Begins a segment and returns the one before. */
  private static Path closeSegment(GeneratedVnode vnode) throws IOException {
    List<WalSegment> segments = WalSegment.list(vnode.directory().walDirectory());
    vnode.wal().roll();
    return segments.get(segments.size() - 1).file();
  }

  /** Saves what the server noted when it began its first segment. */
  private static void note(GeneratedVnode vnode, long createdMs) throws IOException {
    Files.writeString(
        vnode.directory().walDirectory().resolve("meta-ver1"),
        """
        {"meta":{"firstVer":"0","snapshotVer":"-1","commitVer":"-1","lastVer":"-1"},
        "files":[{"firstVer":"0","lastVer":"-1","createTs":"%d","closeTs":"-1","fileSize":"0"}]}
        """
            .formatted(createdMs / 1000));
  }

  private static void deleteBySize(GeneratedVnode vnode) throws IOException {
    long length = length(vnode);
    for (WalSegment segment : WalSegment.list(vnode.directory().walDirectory())) {
      if (length > LIMIT_BYTES) {
        length -= segment.lengthBytes();
        Files.delete(segment.file());
        Files.delete(segment.indexFile());
      }
    }
  }

  private static long length(GeneratedVnode vnode) throws IOException {
    return WalSegment.list(vnode.directory().walDirectory()).stream()
        .mapToLong(WalSegment::lengthBytes)
        .sum();
  }

  private static long seconds(GeneratedVnode vnode, long nextVersion) throws Exception {
    return seconds(vnode, nextVersion, NOW_MS);
  }

  private static long seconds(GeneratedVnode vnode, long nextVersion, long nowMs) throws Exception {
    return WalHeadroom.of(vnode.directory(), nextVersion, nowMs).seconds();
  }
}
