package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.storage.Directories;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of the metadata map: when they are trusted, how they divide the ids, what is rebuilt. */
class ChronicleMetadataMapTest {
  private static final long STORE_ID = 4711;

  /** At the ends of groups and of the unsigned range. */
  private static final List<Long> IDS =
      List.of(0L, 1L, 63L, 64L, (1L << 20) - 1, 1L << 20, Long.MIN_VALUE, -1L);

  /** Three groups fill a file: the fourth begins the next. */
  private static final MetadataLimits SMALL = new MetadataLimits(3, 4);

  private static final int GROUPS_PER_FILE = 3;

  @TempDir(factory = MemoryTempDir.class)
  Path root;

  private final SegmentedHistory history = new SegmentedHistory();
  private final List<String> asked = new ArrayList<>();
  private Path directory;
  private Path stamp;

  @BeforeEach
  void nameFiles() {
    directory = root.resolve("metadata");
    stamp = directory.resolve("STAMP");
  }

  private ChronicleMetadataMap open() throws IOException {
    MaximaSource source = MaximaSource.of(() -> history.segments);
    return ChronicleMetadataMap.open(
        directory,
        STORE_ID,
        (firstId, lastId, handler) -> {
          asked.add(Long.toUnsignedString(firstId) + "-" + Long.toUnsignedString(lastId));
          source.forEachMaxima(firstId, lastId, handler);
        },
        SMALL);
  }

  private static void fold(MetadataMap map, List<ChangeSegment> segments) throws IOException {
    for (ChangeSegment segment : segments) {
      map.fold(segment);
    }
  }

  /** Adds a segment in which these blocks are updated. */
  private ChangeSegment update(long... ids) {
    for (long id : ids) {
      history.event(BlockEventType.UPDATE, id, 1, history.events().size() + 1, id);
    }
    history.cut();
    return history.segments.get(history.segments.size() - 1);
  }

  /** Returns one block of each of the groups 0 to {@code count - 1}. */
  private static long[] blocksOfGroups(int count) {
    return LongStream.range(0, count).map(group -> group << MetadataGroup.ID_BITS).toArray();
  }

  /** Writes and closes a map of three files of three groups each. */
  private void storeThreeFiles() throws IOException {
    try (ChronicleMetadataMap map = open()) {
      map.fold(update(blocksOfGroups(3 * GROUPS_PER_FILE)));
    }
    assertEquals(3, mapFiles().size());
  }

  private List<Path> mapFiles() throws IOException {
    return Directories.list(directory).stream()
        .filter(file -> file.toString().endsWith(".groups"))
        .toList();
  }

  private void assertHoldsHistory(MetadataMap map) throws IOException {
    List<Long> ids = new ArrayList<>(IDS);
    history.events().forEach(event -> ids.add(event.blockId()));
    assertEquals(MetadataRows.expected(history), MetadataRows.of(map, ids));
  }

  private static void flip(Path file, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) ~one.get(0));
      channel.write(one.rewind(), at);
    }
  }

  @Test
  void shouldHoldWhatBruteForceFinds() {
    Seeds.each(
        10,
        random -> {
          Directories.deleteTree(directory);
          SegmentedHistory any = SegmentedHistory.any(random, IDS, false);
          int half = any.segments.size() / 2;

          try (ChronicleMetadataMap map = open()) {
            fold(map, any.segments.subList(0, half));
          }
          try (ChronicleMetadataMap map = open()) {
            fold(map, any.segments.subList(half, any.segments.size()));
            assertEquals(MetadataRows.expected(any), MetadataRows.of(map, IDS));
          }
          try (ChronicleMetadataMap map = open()) {
            assertEquals(MetadataRows.expected(any), MetadataRows.of(map, IDS), "opened again");
          }
        });
  }

  @Test
  void shouldLetTheLaterOfTwoEqualChangesGiveTheTimeHoweverOftenTheyAreFolded() throws IOException {
    history.event(BlockEventType.UPDATE, 1, 1, 5, 100);
    history.cut();
    history.event(BlockEventType.UPDATE, 1, 1, 5, 200);
    history.cut();
    MetadataRow row = new MetadataRow();

    try (ChronicleMetadataMap map = open()) {
      fold(map, history.segments);
      fold(map, history.segments);

      assertTrue(map.read(1, row));
    }
    assertEquals(200, row.timestampNs());
  }

  @Test
  void shouldSayThatABlockWasOnlyFlushed() throws IOException {
    history.event(BlockEventType.FLUSH, 1, 1, 5, 100);
    history.cut();
    MetadataRow row = new MetadataRow();

    try (ChronicleMetadataMap map = open()) {
      fold(map, history.segments);

      assertTrue(map.read(1, row));
    }
    assertEquals(MetadataRow.NEVER_CHANGED, row.timestampNs());
    assertEquals(5, row.maxima().walOffset(BlockEventType.FLUSH));
  }

  @Test
  void shouldWriteNothingWhenNothingWasFolded() throws IOException {
    try (ChronicleMetadataMap map = open()) {
      assertFalse(map.read(1, new MetadataRow()));
    }

    assertEquals(List.of(), Directories.list(directory));
  }

  @Test
  void shouldFillFilesOneAfterTheOtherWhenIdsGrow() throws IOException {
    try (ChronicleMetadataMap map = open()) {
      for (long block : blocksOfGroups(10 * GROUPS_PER_FILE)) {
        map.fold(update(block));
      }

      assertHoldsHistory(map);
    }
    assertEquals(10, mapFiles().size());
  }

  @Test
  void shouldSplitAFullFileWhenIdsFallIntoIt() throws IOException {
    try (ChronicleMetadataMap map = open()) {
      for (long group = 30; group >= 0; group--) {
        map.fold(update(group << MetadataGroup.ID_BITS));
      }

      assertHoldsHistory(map);
    }
    assertTrue(mapFiles().size() <= 16, "files " + mapFiles());
    try (ChronicleMetadataMap map = open()) {
      assertHoldsHistory(map);
    }
    assertEquals(List.of(), asked);
  }

  @Test
  void shouldNeedAFileForManyScatteredIds() throws IOException {
    MetadataLimits limits = new MetadataLimits(3, 100);
    Seeds.each(
        1,
        random -> {
          try (ChronicleMetadataMap map =
              ChronicleMetadataMap.open(
                  directory, STORE_ID, MaximaSource.of(() -> history.segments), limits)) {
            for (int segment = 0; segment < 5; segment++) {
              map.fold(update(random.longs(200).toArray()));
            }

            assertHoldsHistory(map);
          }
        });
    assertTrue(mapFiles().size() <= 2 * 1000 / 50, "files " + mapFiles().size());
  }

  @Test
  void shouldKeepNoMoreFilesOpenThanItMay() throws IOException {
    storeThreeFiles();
    try (ChronicleMetadataMap map = open()) {
      map.fold(update(blocksOfGroups(8 * GROUPS_PER_FILE)));
      assertHoldsHistory(map);

      try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
        long open =
            descriptors
                .filter(
                    descriptor -> {
                      try {
                        return Files.readSymbolicLink(descriptor).startsWith(directory);
                      } catch (IOException e) {
                        return false;
                      }
                    })
                .count();
        assertTrue(open <= SMALL.maxOpenFiles(), "open " + open);
      }
    }
  }

  @Test
  void shouldTrustWhatWasStampedAndFoldTheRestAgain() throws IOException {
    storeThreeFiles();
    ChronicleMetadataMap killed = open();
    killed.fold(update(1));
    killed.abandon();

    try (ChronicleMetadataMap map = open()) {
      assertEquals(9, map.foldedThrough());
      fold(map, history.segments.subList(1, 2));
      assertHoldsHistory(map);
    }

    assertEquals(List.of("0-191"), asked, "the file that was changed, and no other");
  }

  @Test
  void shouldStampWithoutClosing() throws IOException {
    ChronicleMetadataMap killed = open();
    killed.fold(update(blocksOfGroups(9)));
    killed.stamp();
    assertHoldsHistory(killed);
    killed.abandon();

    try (ChronicleMetadataMap map = open()) {
      assertEquals(9, map.foldedThrough());
      assertHoldsHistory(map);
    }
    assertEquals(List.of(), asked);
  }

  @Test
  void shouldTakeFilesOffTheStampBeforeTheyAreChanged() throws IOException {
    storeThreeFiles();
    byte[] before = Files.readAllBytes(stamp);

    try (ChronicleMetadataMap map = open()) {
      map.read(0, new MetadataRow());
      assertEquals(ByteBuffer.wrap(before), ByteBuffer.wrap(Files.readAllBytes(stamp)));
      map.fold(update(0));
      MetadataStamp lifted = MetadataStamp.read(stamp, STORE_ID);

      assertEquals(9, lifted.foldedThrough());
      assertEquals(
          List.of(true, false, false), lifted.files().stream().map(MetadataFile::isLost).toList());
    }
  }

  @Test
  void shouldRebuildOneFileAloneWhicheverByteIsDamaged() throws IOException {
    storeThreeFiles();
    Path second = mapFiles().get(1);
    long length = Files.size(second);
    for (long at : List.of(0L, 9L, 64L, 128L, 4096L, 8192L, 70_000L, length / 2, length - 1)) {
      Path file = mapFiles().get(mapFiles().size() - 1);
      flip(file, Math.min(at, Files.size(file) - 1));
      asked.clear();

      try (ChronicleMetadataMap map = open()) {
        assertHoldsHistory(map);
      }

      assertEquals(1, asked.size(), "at " + at + ": " + asked);
    }
  }

  @Test
  void shouldRebuildAFileThatIsGoneOrCut() throws IOException {
    storeThreeFiles();
    Files.delete(mapFiles().get(0));
    Files.write(mapFiles().get(0), new byte[0]);

    try (ChronicleMetadataMap map = open()) {
      assertEquals(9, map.foldedThrough());
      assertHoldsHistory(map);
    }

    assertEquals(List.of("0-383"), asked, "one pass over the history");
  }

  @Test
  void shouldRebuildWithTheSegmentThatIsBeingFolded() throws IOException {
    storeThreeFiles();
    flip(mapFiles().get(1), 4096);
    try (ChronicleMetadataMap map = open()) {
      ChangeSegment next = update(blocksOfGroups(9));
      history.segments.remove(next);

      map.fold(next);

      assertHoldsHistory(map);
    }
  }

  @Test
  void shouldNotTakeAFailedRebuildForTheWhole() throws IOException {
    storeThreeFiles();
    flip(mapFiles().get(1), 4096);
    boolean[] fails = {true};
    MaximaSource source = MaximaSource.of(() -> history.segments);
    try (ChronicleMetadataMap map =
        ChronicleMetadataMap.open(
            directory,
            STORE_ID,
            (firstId, lastId, handler) -> {
              source.forEachMaxima(firstId, firstId, handler);
              if (fails[0]) {
                throw new IOException("disk failed");
              }
              source.forEachMaxima(firstId, lastId, handler);
            },
            SMALL)) {
      IOException e =
          assertThrows(IOException.class, () -> map.read(blocksOfGroups(9)[3], new MetadataRow()));
      assertEquals("disk failed", e.getMessage());
      fails[0] = false;

      assertHoldsHistory(map);
    }
  }

  private void assertEmptiesItself() throws IOException {
    try (ChronicleMetadataMap map = open()) {
      assertEquals(0, map.foldedThrough());
      assertEquals(List.of(), Directories.list(directory));
      assertFalse(map.read(0, new MetadataRow()));
    }
    assertEquals(List.of(), asked);
  }

  @Test
  void shouldEmptyItselfWithoutAStamp() throws IOException {
    storeThreeFiles();
    Files.delete(stamp);

    assertEmptiesItself();
  }

  @Test
  void shouldEmptyItselfWhenTheStampIsDamaged() throws IOException {
    storeThreeFiles();
    flip(stamp, 70);

    assertEmptiesItself();
  }

  @Test
  void shouldEmptyItselfWhenAnOlderProgramWroteIt() throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve("range-000000000000"), new byte[100]);
    ByteBuffer files = ByteBuffer.allocate(16).putLong(0).putLong(100).flip();
    PublishedFile.publish(stamp, FileType.METADATA_STAMP, 1, STORE_ID, 0, 7, files);

    assertEmptiesItself();
  }

  @Test
  void shouldRefuseTheStampOfAnotherStore() throws IOException {
    storeThreeFiles();

    assertThrows(
        ForeignFileException.class,
        () -> ChronicleMetadataMap.open(directory, 1, MaximaSource.of(() -> history.segments)));
  }

  @Test
  void shouldSayAsAnIoExceptionThatAFileCannotBeMade() throws IOException {
    ChronicleMetadataMap map = open();
    Directories.deleteTree(directory);
    Files.createFile(directory);

    assertThrows(IOException.class, () -> map.fold(update(1)));

    map.abandon();
    assertNotEquals(1, map.foldedThrough());
  }
}
