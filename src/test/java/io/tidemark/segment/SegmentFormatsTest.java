package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.EntryLog;
import io.tidemark.testing.Event;
import io.tidemark.testing.Events;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Files that an earlier build wrote say what went into them.
 *
 * <p>They are never written again: a change that cannot read them is a new format version.
 */
class SegmentFormatsTest {
  private static final long STORE_ID = 0x5EED_0000_0000_0001L;
  private static final byte[] NAME = "d1.meters".getBytes(StandardCharsets.UTF_8);

  /** What the segment was made of; the base was folded from it and what lay before. */
  private static OpenSegment content() {
    OpenSegment open = new OpenSegment(3, 100, 1);
    open.onAssign(100, 3, 5, NAME);
    open.onEvent(101, 3, BlockEventType.CREATE, 5, 1000, 1_700_000_000_000_000_000L);
    open.onEvent(102, 3, BlockEventType.UPDATE, 5, 1001, 1_700_000_000_000_001_000L);
    open.onEvent(103, 3, BlockEventType.UPDATE, 5, 1003, 1_699_999_999_999_999_000L);
    open.onEvent(104, 3, BlockEventType.DELETE, -1, 1002, -7);
    open.onEvent(105, 3, BlockEventType.FLUSH, 1L << 40, 990, 0);
    open.onFlushAll(106, 3, 995, 1);
    open.onEvent(107, 3, BlockEventType.CLEAR, 5, 998, 2);
    return open;
  }

  private static Path resource(String name) throws URISyntaxException {
    URL url = SegmentFormatsTest.class.getResource("/formats/" + name);
    assertNotNull(url, name);
    return Path.of(url.toURI());
  }

  private static List<String> rows(ChangeCursor block) {
    List<String> rows = new ArrayList<>();
    while (block.next()) {
      rows.add(
          Long.toUnsignedString(block.blockId())
              + " "
              + block.firstGeneration()
              + "/"
              + block.firstOffset()
              + "-"
              + block.lastGeneration()
              + "/"
              + block.lastOffset()
              + " "
              + block.lastType()
              + " at "
              + block.lastTimestampNs()
              + " of "
              + block.minTimestampNs()
              + " to "
              + block.maxTimestampNs());
    }
    return rows;
  }

  private static final List<String> ROWS =
      List.of(
          "5 3/1000-3/1003 UPDATE at 1699999999999999000 of 1699999999999999000 to"
              + " 1700000000000001000",
          "18446744073709551615 3/1002-3/1002 DELETE at -7 of -7 to -7");

  private static EntryLog controls() {
    EntryLog controls = new EntryLog();
    controls.onAssign(100, 3, 5, NAME);
    controls.onFlushAll(106, 3, 995, 1);
    return controls;
  }

  @Test
  void shouldReadASegmentOfVersion3() throws IOException, URISyntaxException {
    ChangeSegment segment = ChangeSegment.open(resource("segment-3.seg"), STORE_ID);

    assertEquals(100, segment.firstPosition());
    assertEquals(107, segment.lastPosition());
    assertEquals(3, segment.generation());
    assertEquals(6, segment.nextBlockId());
    assertEquals(995, segment.flushAllOffset());
    assertEquals(4, segment.eventCount());
    assertEquals(ROWS, rows(segment.changes()));
    assertEquals(
        List.of(
            new Event(BlockEventType.CREATE, 5, 3, 1000, 1_700_000_000_000_000_000L),
            new Event(BlockEventType.UPDATE, 5, 3, 1001, 1_700_000_000_000_001_000L),
            new Event(BlockEventType.UPDATE, 5, 3, 1003, 1_699_999_999_999_999_000L),
            new Event(BlockEventType.DELETE, -1, 3, 1002, -7)),
        Events.of(segment));
    EntryLog controls = new EntryLog();
    segment.forEachControl(controls);
    assertEquals(controls().lines(), controls.lines());
  }

  @Test
  void shouldStillWriteTheSameBytes() throws IOException, URISyntaxException {
    ChangeSegment segment = ChangeSegment.open(resource("segment-3.seg"), STORE_ID);

    assertEquals(segment.payload().bytes(), content().toSegment().payload().bytes());
  }

  @Test
  void shouldRefuseASegmentOfVersion2() throws URISyntaxException {
    Path file = resource("segment-2.seg");

    UnsupportedFormatException e =
        assertThrows(UnsupportedFormatException.class, () -> ChangeSegment.open(file, STORE_ID));

    assertEquals(
        "file format is older than this program reads: type=SEGMENT, oldest=3, actual=2, file="
            + file,
        e.getMessage());
  }

  @Test
  void shouldRefuseABaseWhoseFilesAreOfVersion2() throws URISyntaxException {
    Path directory = resource("base-2");

    UnsupportedFormatException e =
        assertThrows(
            UnsupportedFormatException.class,
            () -> Base.openNewest(FileStorageIO.INSTANCE, directory, STORE_ID, false));

    assertEquals(
        "file format is older than this program reads: type=BASE, oldest=3, actual=2, file="
            + directory.resolve("0000000000000000-00000000000000000107.base"),
        e.getMessage());
  }

  @Test
  void shouldReadABaseOfManifestVersion1AndFileVersion3() throws IOException, URISyntaxException {
    Base.Found found = Base.openNewest(FileStorageIO.INSTANCE, resource("base-3"), STORE_ID, false);

    assertEquals(List.of(), found.dropped());
    Base base = found.base();
    assertNotNull(base);
    assertEquals(107, base.lastPosition());
    assertEquals(6, base.nextBlockId());
    assertEquals(new WalPosition(3, 995), base.flushAll());
    assertEquals(3, base.rowCount());
    assertEquals(1, base.files().size());
    assertEquals(ROWS, rows(base.files().get(0).changes()));
    HistoryCursor history = new HistoryCursor(base, List.of(), 107);
    history.next();
    assertEquals(1000, history.history().maxima().walOffset(BlockEventType.CREATE));
    assertEquals(998, history.history().maxima().walOffset(BlockEventType.CLEAR));
    history.next();
    assertEquals(1L << 40, history.history().blockId());
    assertFalse(history.history().hasChange());
    assertEquals(990, history.history().maxima().walOffset(BlockEventType.FLUSH));
    EntryLog controls = new EntryLog();
    base.forEachControl(controls);
    assertEquals(controls().lines(), controls.lines());
  }
}
