package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalMetaTest {
  private static final String META =
      """
      {"meta": {"firstVer": "0", "snapshotVer": "6", "commitVer": "6", "lastVer": "%s"},
       "files": [
        {"firstVer": "0", "lastVer": "6", "createTs": "1", "closeTs": "2", "fileSize": "99"},
        {"firstVer": "7", "lastVer": "-1", "createTs": "2", "closeTs": "-1", "fileSize": "0"}]}
      """;

  @TempDir Path directory;

  @Test
  void shouldReadTheNewestOfTwo() throws Exception {
    Files.writeString(directory.resolve("meta-ver9"), META.formatted("6"));
    Files.writeString(directory.resolve("meta-ver10"), META.formatted("7"));
    Files.writeString(directory.resolve("meta-ver.tmp"), "");
    Files.writeString(directory.resolve("meta-verx"), "");

    final Optional<WalMeta> meta = WalMeta.read(directory);

    assertEquals(
        Optional.of(
            new WalMeta(
                directory.resolve("meta-ver10"),
                10,
                0,
                6,
                6,
                7,
                List.of(
                    new WalMeta.Segment(0, 6, 1, 2, 99), new WalMeta.Segment(7, -1, 2, -1, 0)))),
        meta);
  }

  @Test
  void shouldTakeAMissingSummaryForAbsent() throws Exception {
    Files.writeString(directory.resolve("meta-ver.tmp"), "");

    assertEquals(Optional.empty(), WalMeta.read(directory));
  }

  @Test
  void shouldRefuseAMalformedSummary() throws IOException {
    final Path file = directory.resolve("meta-ver0");
    Files.writeString(file, META.formatted("x"));

    final WalDecodeException e =
        assertThrows(WalDecodeException.class, () -> WalMeta.read(directory));

    assertEquals("not a whole number: value=x, name=meta.lastVer, file=" + file, e.getMessage());
  }

  @Test
  void shouldReadWhatAServerWrote() throws Exception {
    for (final VnodeDirectory vnode : Corpus.vnodes().toList()) {
      final WalMeta meta = WalMeta.read(vnode.walDirectory()).orElseThrow();

      assertEquals(
          WalSegment.list(vnode.walDirectory()).stream().map(WalSegment::firstVersion).toList(),
          meta.segments().stream().map(WalMeta.Segment::firstVersion).toList());
      assertEquals(vnode.config().commitVersion(), meta.snapshotVersion());
    }
  }

  @Test
  void shouldFindEveryIndexAServerWroteRight() throws IOException {
    for (final VnodeDirectory vnode : Corpus.vnodes().toList()) {
      for (final WalSegment segment : WalSegment.list(vnode.walDirectory())) {
        final WalIndexCheck check = WalIndexCheck.check(segment);

        assertTrue(check.isPresent());
        assertEquals(check.entryCount(), check.rightCount());
        assertEquals(0, check.wrongCount() + check.aheadCount() + check.trailingBytes());
      }
    }
  }

  @Test
  void shouldTellWrongIndexEntriesFromThoseAhead() throws IOException {
    try (WalWriter writer = WalWriter.create(directory, 1, 0)) {
      for (int i = 0; i < 5; i++) {
        writer.noop();
      }
    }
    final WalSegment segment = WalSegment.list(directory).get(0);
    final byte[] index = Files.readAllBytes(segment.indexFile());
    index[2 * 16 + 8] ^= 4;
    index[4 * 16 + 9] ^= 4;
    Files.write(segment.indexFile(), Arrays.copyOf(index, index.length + 3));

    assertEquals(
        new WalIndexCheck(segment.indexFile(), true, 5, 3, 1, 1, 2, 3),
        WalIndexCheck.check(segment));

    Files.delete(segment.indexFile());
    assertEquals(
        new WalIndexCheck(segment.indexFile(), false, 0, 0, 0, 0, -1, 0),
        WalIndexCheck.check(segment));
  }
}
