package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.storage.Directories;
import io.tidemark.testing.Event;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of blocks in Chronicle Map files, and when they are trusted. */
class ChronicleMetadataMapTest {
  private static final long STORE_ID = 4711;
  private static final long OFFSET = 0x1122_3344_5566_7788L;

  /** In three groups of one range, in the next range, and in the ranges at the unsigned edges. */
  private static final List<Long> IDS =
      List.of(0L, 1L, 63L, 64L, (1L << 20) - 1, 1L << 20, Long.MIN_VALUE, -1L);

  @TempDir Path root;
  private Path directory;
  private Path stamp;

  @BeforeEach
  void nameFiles() {
    directory = root.resolve("metadata");
    stamp = directory.resolve("STAMP");
  }

  private ChronicleMetadataMap open() throws IOException {
    return ChronicleMetadataMap.open(directory, STORE_ID);
  }

  private static void fold(ChronicleMetadataMap map, List<ChangeSegment> segments)
      throws IOException {
    for (ChangeSegment segment : segments) {
      map.fold(segment);
    }
  }

  /** Folds one change of the block and closes the map. */
  private void store(long blockId) throws IOException {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.UPDATE, blockId, 1, OFFSET, 5);
    history.cut();
    try (ChronicleMetadataMap map = open()) {
      fold(map, history.segments);
    }
  }

  /** An UPDATE is left out where a later change hides it: it decides nothing. */
  private static String describe(BlockMaxima maxima, long timestampNs) {
    StringBuilder line = new StringBuilder();
    for (BlockEventType type : BlockEventType.values()) {
      if (type != BlockEventType.UPDATE && maxima.has(type)) {
        line.append(type).append('=').append(maxima.generation(type)).append('/');
        line.append(Long.toUnsignedString(maxima.walOffset(type))).append(' ');
      }
    }
    line.append("last=").append(maxima.lastChange()).append(' ').append(maxima.state());
    return line.append(" ts=").append(timestampNs).toString();
  }

  private static Map<Long, String> expected(SegmentedHistory history) {
    Map<Long, Event> last = new TreeMap<>(Long::compareUnsigned);
    for (Event event : history.events()) {
      if (event.type().isChange()) {
        last.merge(event.blockId(), event, ChronicleMetadataMapTest::later);
      }
    }
    Map<Long, String> rows = new TreeMap<>(Long::compareUnsigned);
    history
        .maxima()
        .forEach(
            (id, maxima) -> {
              Event event = last.get(id);
              rows.put(id, describe(maxima, event == null ? Long.MIN_VALUE : event.timestampNs()));
            });
    return rows;
  }

  /** By position, then by rank of the type, then as journaled. */
  private static Event later(Event a, Event b) {
    int order = b.position().compareTo(a.position());
    boolean isB = order > 0 || (order == 0 && b.type().rank() >= a.type().rank());
    return isB ? b : a;
  }

  private static Map<Long, String> rows(ChronicleMetadataMap map) {
    Map<Long, String> rows = new TreeMap<>(Long::compareUnsigned);
    for (long id : IDS) {
      BlockMaxima maxima = new BlockMaxima();
      Long timestampNs = map.read(id, maxima);
      if (timestampNs != null) {
        rows.put(id, describe(maxima, timestampNs));
      }
    }
    return rows;
  }

  @Test
  void shouldHoldWhatBruteForceFinds() {
    Seeds.each(
        25,
        random -> {
          Directories.deleteTree(directory);
          SegmentedHistory history = SegmentedHistory.any(random, IDS, false);
          int half = history.segments.size() / 2;

          try (ChronicleMetadataMap map = open()) {
            fold(map, history.segments.subList(0, half));
          }
          try (ChronicleMetadataMap map = open()) {
            fold(map, history.segments.subList(half, history.segments.size()));
            assertEquals(expected(history), rows(map));
          }
          try (ChronicleMetadataMap map = open()) {
            assertEquals(expected(history), rows(map), "opened again");
          }
        });
  }

  @Test
  void shouldGiveTheSameTimestampHoweverTheHistoryWasCut() throws IOException {
    SegmentedHistory cut = new SegmentedHistory();
    cut.event(BlockEventType.CREATE, 1, 1, 5, 100);
    cut.cut();
    cut.event(BlockEventType.DELETE, 1, 1, 5, 200);
    cut.cut();

    try (ChronicleMetadataMap map = open()) {
      fold(map, cut.segments);

      assertEquals(100, map.read(1, new BlockMaxima()), "CREATE beats DELETE at its position");
    }
  }

  @Test
  void shouldStampWhatItFoldedWhenItIsClosed() throws IOException {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.UPDATE, 1, 1, 1, -7);
    history.event(BlockEventType.UPDATE, 2, 1, 2, -8);
    history.cut();
    try (ChronicleMetadataMap map = open()) {
      assertEquals(0, map.foldedThrough());
      fold(map, history.segments);
      assertEquals(2, map.foldedThrough());
      assertFalse(Files.exists(stamp), "not before the files are forced");
    }
    assertTrue(Files.exists(stamp));

    try (ChronicleMetadataMap map = open()) {
      assertEquals(2, map.foldedThrough());
      assertEquals(-7, map.read(1, new BlockMaxima()));
      assertTrue(Files.exists(stamp), "reading changes nothing");
    }

    history.event(BlockEventType.UPDATE, 3, 1, 3, -9);
    history.cut();
    try (ChronicleMetadataMap map = open()) {
      map.fold(history.segments.get(1));
      assertFalse(Files.exists(stamp), "removed before the first change");
    }
    try (ChronicleMetadataMap map = open()) {
      assertEquals(3, map.foldedThrough());
      assertEquals(-7, map.read(1, new BlockMaxima()));
      assertEquals(-9, map.read(3, new BlockMaxima()));
    }
  }

  @Test
  void shouldWriteNothingWhenNothingWasFolded() throws IOException {
    open().close();

    assertEquals(List.of(), Directories.list(directory));
  }

  private void assertEmptiesItself() throws IOException {
    try (ChronicleMetadataMap map = open()) {
      assertEquals(0, map.foldedThrough());
      assertEquals(List.of(), Directories.list(directory));
      assertNull(map.read(1, new BlockMaxima()));
    }
  }

  @Test
  void shouldEmptyItselfWithoutAStamp() throws IOException {
    store(1);
    Files.delete(stamp);

    assertEmptiesItself();
  }

  @Test
  void shouldEmptyItselfWhenTheStampIsDamaged() throws IOException {
    store(1);
    byte[] bytes = Files.readAllBytes(stamp);
    bytes[32] ^= 1;
    Files.write(stamp, bytes);

    assertEmptiesItself();
  }

  @Test
  void shouldEmptyItselfWhenAFileIsMissing() throws IOException {
    store(1);
    Files.delete(directory.resolve("range-000000000000"));

    assertEmptiesItself();
  }

  @Test
  void shouldEmptyItselfWhenAFileWasCut() throws IOException {
    store(1);
    Files.write(directory.resolve("range-000000000000"), new byte[0]);

    assertEmptiesItself();
  }

  @Test
  void shouldRefuseTheStampOfAnotherStore() throws IOException {
    store(1);

    assertThrows(ForeignFileException.class, () -> ChronicleMetadataMap.open(directory, 1));
  }

  @Test
  void shouldCreateNoFileForABlockThatIsOnlyAskedFor() throws IOException {
    store(1);
    List<Path> before = Directories.list(directory);

    try (ChronicleMetadataMap map = open()) {
      for (long id : IDS) {
        assertEquals(id == 1, map.read(id, new BlockMaxima()) != null, "block " + id);
      }
    }

    assertEquals(before, Directories.list(directory));
  }

  @Test
  void shouldSayThatABlockWasOnlyFlushed() throws IOException {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.FLUSH, 1, 1, 5, 100);
    history.cut();
    BlockMaxima maxima = new BlockMaxima();

    try (ChronicleMetadataMap map = open()) {
      fold(map, history.segments);

      assertEquals(Long.MIN_VALUE, map.read(1, maxima));
    }
    assertEquals(
        "FLUSH=1/5 last=0/0 CLEAN ts=-9223372036854775808", describe(maxima, Long.MIN_VALUE));
  }

  @Test
  void shouldHoldEveryGroupOfARange() throws IOException {
    int groups = 1 << 14;
    SegmentedHistory history = new SegmentedHistory();
    for (long group = 0; group < groups; group++) {
      history.event(BlockEventType.UPDATE, (group << 6) | (group & 63), 1, group + 1, group);
    }
    history.cut();
    try (ChronicleMetadataMap map = open()) {
      fold(map, history.segments);
    }

    try (ChronicleMetadataMap map = open()) {
      for (long group = 0; group < groups; group++) {
        assertEquals(group, map.read((group << 6) | (group & 63), new BlockMaxima()));
      }
    }
    assertEquals(2, Directories.list(directory).size());
  }

  /** Alters one byte of the stored row. */
  private void damageRow() throws IOException {
    Path file = directory.resolve("range-000000000000");
    byte[] pattern =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(OFFSET).array();
    String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    int at = bytes.indexOf(new String(pattern, StandardCharsets.ISO_8859_1));
    assertTrue(at >= 0, "the row is in the file");
    try (RandomAccessFile target = new RandomAccessFile(file.toFile(), "rw")) {
      target.seek(at);
      target.write(0x89);
    }
  }

  @Test
  void shouldDetectADamagedRow() throws IOException {
    store(1);
    damageRow();

    try (ChronicleMetadataMap map = open()) {
      for (long neighbour : List.of(1L, 2L)) {
        CorruptFileException e =
            assertThrows(CorruptFileException.class, () -> map.read(neighbour, new BlockMaxima()));

        assertEquals(
            "corrupt metadata map: wrong CRC: block=" + neighbour + ", directory=" + directory,
            e.getMessage());
      }
    }
  }

  @Test
  void shouldNotSealADamagedRowAgainWhenItsNeighbourChanges() throws IOException {
    store(1);
    damageRow();
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.UPDATE, 9, 1, 1, 0);
    history.cut();
    history.event(BlockEventType.UPDATE, 2, 1, 2, 0);
    history.cut();

    try (ChronicleMetadataMap map = open()) {
      CorruptFileException e =
          assertThrows(CorruptFileException.class, () -> map.fold(history.segments.get(1)));

      assertEquals(
          "corrupt metadata map: wrong CRC: block=2, directory=" + directory, e.getMessage());
      assertThrows(CorruptFileException.class, () -> map.read(1, new BlockMaxima()));
    }
  }
}
