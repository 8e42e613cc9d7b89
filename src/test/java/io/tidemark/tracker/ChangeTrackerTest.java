package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMetadata;
import io.tidemark.block.BlockState;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.NotAStoreException;
import io.tidemark.errors.StoreLockedException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.state.StateCounts;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.FileTrees;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a store, and what every kind of loss does to its answers. */
class ChangeTrackerTest {
  private static final String SHARD = "log of the test";
  private static final byte[] NO_MARK = {};
  private static final long NS = 1_000;

  /** Three segments end at these journal positions. */
  private static final long FIRST_END = 5;

  private static final long SECOND_END = 7;
  private static final long THIRD_END = 9;

  @TempDir Path root;
  private final RecordBuffer record = new RecordBuffer();

  private ChangeTracker open() throws IOException {
    return ChangeTracker.open(root, SHARD, TrackerOptions.defaults());
  }

  private static WalPosition at(long walOffset) {
    return new WalPosition(1, walOffset);
  }

  private void event(BlockEventType type, long block, long walOffset) {
    record.event(type, block, walOffset, NS * walOffset);
  }

  /** Two blocks in three segments, complete through 29. */
  private void fill(ChangeTracker tracker) throws IOException {
    record.assign(1, "one".getBytes(StandardCharsets.UTF_8));
    record.assign(2, "two".getBytes(StandardCharsets.UTF_8));
    event(BlockEventType.CREATE, 1, 5);
    event(BlockEventType.CREATE, 2, 6);
    record.cover(0, 9, NO_MARK);
    assertEquals(FIRST_END, tracker.append(record));
    tracker.seal();
    event(BlockEventType.UPDATE, 1, 15);
    record.cover(10, 19, NO_MARK);
    assertEquals(SECOND_END, tracker.append(record));
    tracker.seal();
    event(BlockEventType.DELETE, 2, 25);
    record.cover(20, 29, NO_MARK);
    assertEquals(THIRD_END, tracker.append(record));
  }

  private void filled() throws IOException {
    try (ChangeTracker tracker = open()) {
      fill(tracker);
    }
  }

  private Path segment(long first, long last) {
    return new StoreLayout(root).segment(first, last);
  }

  private static List<Long> blocks(ChangeSet answer) {
    return answer.changes().stream().map(BlockChange::blockId).toList();
  }

  private static void verifyReport(
      RecoveryReport report,
      List<String> trusted,
      List<String> rebuilt,
      long replayed,
      List<String> dropped,
      List<String> lost) {
    assertEquals(trusted, report.trusted());
    assertEquals(rebuilt, report.rebuilt());
    assertEquals(replayed, report.replayedEntries());
    assertEquals(dropped, report.dropped());
    assertEquals(lost, report.lost());
    assertFalse(report.isNew());
  }

  /** Everything that {@link #fill} put in, however it came back. */
  private void verifyFilled(ChangeTracker tracker) throws IOException {
    StoreView view = tracker.view();
    assertEquals(List.of(1L, 2L), blocks(view.changedEver()));
    assertEquals(Verdict.EXACT, view.changedEver().verdict());
    assertEquals(List.of(1L, 2L), blocks(view.changedAfter(at(9))));
    assertEquals(List.of(2L), blocks(view.changedAfter(at(15))));
    assertEquals(Verdict.EXACT, view.changedAfter(at(15)).verdict());
    assertEquals(List.of(1L), blocks(view.changedIn(at(10), at(19))));
    assertEquals(List.of(1L, 2L), blocks(view.changedSince(FIRST_END)));
    assertEquals(List.of(2L), blocks(view.changedSince(SECOND_END)));
    assertEquals(at(29), view.completeThrough());
    assertEquals(BlockState.NEW, tracker.state(1));
    assertEquals(BlockState.DELETED, tracker.state(2));
    assertEquals(new StateCounts(2, 0, 1, 1), tracker.counts());
    assertArrayEquals("two".getBytes(StandardCharsets.UTF_8), tracker.catalog().name(2));
    assertEquals(3, tracker.nextBlockId());
    assertEquals(THIRD_END, tracker.position());
  }

  private void verifyClean() throws IOException {
    assertEquals(List.of(), StoreCheck.run(root).findings());
    assertEquals(List.of(), Rebuild.fromJournal(root).differences());
  }

  @Test
  void shouldCreateAStoreInAnEmptyDirectory() throws IOException {
    try (ChangeTracker tracker = open()) {
      assertTrue(tracker.recovery().isNew());
      assertEquals("new store", tracker.recovery().summary());
      assertEquals(SHARD, tracker.identity().shard());
      assertEquals(0, tracker.position());
      assertEquals(1, tracker.nextBlockId());
      assertEquals(0, tracker.chains().chain("backup").cursor());
      assertNull(tracker.view().completeThrough());
    }

    verifyClean();
  }

  @Test
  void shouldFindEverythingAgainAfterACleanStop() throws IOException {
    filled();

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(),
          List.of("checkpoint 1", "3 segments", "catalog", "snapshot"),
          List.of(),
          0,
          List.of(),
          List.of());
      verifyFilled(tracker);
    }

    verifyClean();
  }

  @Test
  void shouldReplayTheJournalAfterItWasAbandoned() throws IOException {
    ChangeTracker abandoned = open();
    fill(abandoned);
    abandoned.abandon();

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(), List.of("2 segments"), List.of("states"), 2, List.of(), List.of());
      verifyFilled(tracker);
    }

    verifyClean();
  }

  @Test
  void shouldReplayNothingTwice() throws IOException {
    ChangeTracker abandoned = open();
    fill(abandoned);
    abandoned.abandon();

    open().abandon();

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(),
          List.of("checkpoint 1", "3 segments", "catalog", "snapshot"),
          List.of(),
          0,
          List.of(),
          List.of());
      verifyFilled(tracker);
    }
  }

  @Test
  void shouldRebuildAMissingSnapshot() throws IOException {
    filled();
    Files.delete(new StoreLayout(root).snapshot(THIRD_END));

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(),
          List.of("checkpoint 1", "3 segments", "catalog"),
          List.of("states (file is missing)"),
          0,
          List.of(),
          List.of());
      verifyFilled(tracker);
    }

    verifyClean();
  }

  @Test
  void shouldRebuildAMissingCatalog() throws IOException {
    filled();
    Files.delete(new StoreLayout(root).catalog(THIRD_END));

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(),
          List.of("checkpoint 1", "3 segments", "snapshot"),
          List.of("catalog (file is missing)"),
          0,
          List.of(),
          List.of());
      verifyFilled(tracker);
    }

    verifyClean();
  }

  @Test
  void shouldOpenWithoutAnyCheckpoint() throws IOException {
    filled();
    for (Path file : StoreImage.checkpointFiles(FileStorageIO.INSTANCE, new StoreLayout(root))) {
      Files.delete(file);
    }

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(), List.of("3 segments"), List.of("states"), 0, List.of(), List.of());
      verifyFilled(tracker);
    }

    verifyClean();
  }

  @Test
  void shouldOpenWithoutAnyView() throws IOException {
    filled();
    StoreLayout layout = new StoreLayout(root);
    for (Path file : StoreImage.checkpointFiles(FileStorageIO.INSTANCE, layout)) {
      Files.delete(file);
    }
    FileTrees.delete(layout.snapshots());
    FileTrees.delete(layout.catalogs());

    try (ChangeTracker tracker = open()) {
      verifyFilled(tracker);
    }

    verifyClean();
  }

  @Test
  void shouldFoldTheMetadataMapAgainWhenItWasDeleted() throws IOException {
    filled();
    BlockMetadata one = new BlockMetadata(1, at(15), 15 * NS, BlockState.NEW);
    BlockMetadata two = new BlockMetadata(2, at(25), 25 * NS, BlockState.DELETED);
    try (ChangeTracker tracker = open()) {
      assertEquals(one, tracker.metadata(1));
    }
    FileTrees.delete(new StoreLayout(root).metadata());

    try (ChangeTracker tracker = open()) {
      assertEquals(one, tracker.metadata(1));
      assertEquals(two, tracker.metadata(2));
      assertNull(tracker.metadata(3));
      event(BlockEventType.UPDATE, 1, 30);
      tracker.append(record);
      assertEquals(new BlockMetadata(1, at(30), 30 * NS, BlockState.NEW), tracker.metadata(1));
    }
  }

  @Test
  void shouldRebuildALostSegmentFromTheJournal() throws IOException {
    filled();
    Files.delete(segment(6, 7));

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(),
          List.of("checkpoint 1", "2 segments", "catalog", "snapshot"),
          List.of(),
          2,
          List.of(),
          List.of());
      verifyFilled(tracker);
      assertTrue(Files.exists(segment(6, 7)));
    }

    verifyClean();
  }

  @Test
  void shouldReplaceADamagedSegmentFromTheJournal() throws IOException {
    filled();
    byte[] bytes = Files.readAllBytes(segment(8, 9));
    bytes[bytes.length - 1] ^= 1;
    Files.write(segment(8, 9), bytes);

    try (ChangeTracker tracker = open()) {
      assertEquals(1, tracker.recovery().dropped().size());
      assertEquals(List.of(), tracker.recovery().lost());
      verifyFilled(tracker);
    }

    verifyClean();
  }

  @Test
  void shouldLeaveNoDamagedSegmentBehindThatWasRebuiltInALargerOne() throws IOException {
    ChangeTracker abandoned = open();
    fill(abandoned);
    abandoned.seal();
    event(BlockEventType.UPDATE, 1, 30);
    abandoned.append(record);
    abandoned.abandon();
    Files.write(segment(8, 9), new byte[100]);

    try (ChangeTracker tracker = open()) {
      assertEquals(List.of(), tracker.recovery().lost());
      assertEquals(10, tracker.position());
    }

    verifyClean();
    try (ChangeTracker tracker = open()) {
      assertEquals(List.of(), tracker.recovery().dropped());
    }
  }

  @Test
  void shouldCallEverythingBeforeALostSegmentAHole() throws IOException {
    filled();
    Files.delete(segment(6, 7));
    FileTrees.delete(new StoreLayout(root).journal());
    String lost = "journal positions 6-7";
    Hole hole = new Hole(1, 0, 29, lost + " were lost");

    for (int opening = 1; opening <= 2; opening++) {
      try (ChangeTracker tracker = open()) {
        assertEquals(List.of(lost), tracker.recovery().lost());
        StoreView view = tracker.view();
        assertEquals(Verdict.FULL_REQUIRED, view.changedEver().verdict());
        assertEquals(List.of(hole), view.changedEver().holes());
        assertEquals(Verdict.FULL_REQUIRED, view.changedAfter(at(9)).verdict());
        assertEquals(Verdict.FULL_REQUIRED, view.changedIn(at(10), at(12)).verdict());
        assertEquals(Verdict.FULL_REQUIRED, view.changedBetween(0, Long.MAX_VALUE).verdict());
        assertEquals(Verdict.FULL_REQUIRED, view.changedSince(0).verdict());
        assertEquals(Verdict.FULL_REQUIRED, view.changedSince(6).verdict());
        assertEquals(List.of(2L), blocks(view.changedSince(SECOND_END)));
      }
      assertEquals(List.of(), Rebuild.fromJournal(root).differences());
    }

    try (ChangeTracker tracker = open()) {
      event(BlockEventType.UPDATE, 7, 30);
      record.cover(30, 39, NO_MARK);
      tracker.append(record);
      assertEquals(Verdict.EXACT, tracker.view().changedAfter(at(29)).verdict());
      assertEquals(List.of(7L), blocks(tracker.view().changedAfter(at(29))));
      assertEquals(Verdict.FULL_REQUIRED, tracker.view().changedAfter(at(28)).verdict());
    }
  }

  @Test
  void shouldCallWhatTheLastSegmentsMayHaveHeldAHoleAtOnce() throws IOException {
    filled();
    Files.delete(segment(6, 7));
    Files.delete(segment(8, 9));
    FileTrees.delete(new StoreLayout(root).journal());

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(),
          List.of("checkpoint 1", "1 segments", "catalog"),
          List.of("states"),
          0,
          List.of(),
          List.of("journal positions 6-9"));
      StoreView view = tracker.view();
      assertEquals(THIRD_END, tracker.position());
      assertEquals(3, tracker.nextBlockId());
      assertEquals(Verdict.FULL_REQUIRED, view.changedEver().verdict());
      assertEquals(Verdict.FULL_REQUIRED, view.changedAfter(at(5)).verdict());
      assertEquals(Verdict.FULL_REQUIRED, view.changedSince(FIRST_END).verdict());

      event(BlockEventType.UPDATE, 1, 15);
      record.cover(10, 19, NO_MARK);
      assertEquals(THIRD_END + 2, tracker.append(record));
      record.cover(20, 29, NO_MARK);
      tracker.append(record);
      assertEquals(Verdict.FULL_REQUIRED, tracker.view().changedAfter(at(10)).verdict());
      assertEquals(Verdict.EXACT, tracker.view().changedAfter(at(19)).verdict());
    }
    try (ChangeTracker tracker = open()) {
      assertEquals(Verdict.FULL_REQUIRED, tracker.view().changedAfter(at(10)).verdict());
      assertEquals(Verdict.EXACT, tracker.view().changedAfter(at(19)).verdict());
      assertEquals(List.of("journal positions 6-9"), tracker.recovery().lost());
    }
  }

  @Test
  void shouldMissASegmentThatOnlyTheNameOfASnapshotTellsOf() throws IOException {
    filled();
    for (Path file : StoreImage.checkpointFiles(FileStorageIO.INSTANCE, new StoreLayout(root))) {
      Files.delete(file);
    }
    Files.delete(segment(8, 9));
    FileTrees.delete(new StoreLayout(root).journal());

    try (ChangeTracker tracker = open()) {
      assertEquals(List.of("journal positions 8-9"), tracker.recovery().lost());
      assertEquals(THIRD_END, tracker.position());
      assertEquals(Verdict.FULL_REQUIRED, tracker.view().changedAfter(at(9)).verdict());
    }
  }

  @Test
  void shouldMissASegmentOfWhichOnlyDamageIsLeft() throws IOException {
    ChangeTracker abandoned = open();
    fill(abandoned);
    abandoned.seal();
    abandoned.abandon();
    Files.write(segment(8, 9), new byte[100]);
    FileTrees.delete(new StoreLayout(root).journal());

    for (int opening = 1; opening <= 2; opening++) {
      try (ChangeTracker tracker = open()) {
        assertEquals(List.of("journal positions 8-9"), tracker.recovery().lost());
        assertEquals(Verdict.FULL_REQUIRED, tracker.view().changedSince(SECOND_END).verdict());
        assertEquals(THIRD_END, tracker.position());
      }
    }
  }

  @Test
  void shouldNotTrustAVersionWhoseFirstEventsWereLost() throws IOException {
    try (ChangeTracker tracker = open()) {
      event(BlockEventType.DELETE, 1, 5);
      tracker.append(record);
      tracker.seal();
      event(BlockEventType.DELETE, 2, 5);
      tracker.append(record);
      tracker.seal();
      event(BlockEventType.DELETE, 3, 5);
      record.cover(0, 5, NO_MARK);
      tracker.append(record);
    }
    Files.delete(segment(1, 1));
    FileTrees.delete(new StoreLayout(root).journal());

    try (ChangeTracker tracker = open()) {
      assertEquals(Verdict.FULL_REQUIRED, tracker.view().changedEver().verdict());
      assertEquals(Verdict.FULL_REQUIRED, tracker.view().changedAfter(at(4)).verdict());
      assertEquals(Verdict.FULL_REQUIRED, tracker.view().changedSince(0).verdict());
      assertEquals(Verdict.EXACT, tracker.view().changedSince(1).verdict());
    }
  }

  @Test
  void shouldDropATornTailAndGoOnBeforeIt() throws IOException {
    ChangeTracker abandoned = open();
    fill(abandoned);
    abandoned.abandon();
    Path file = lastJournalFile();
    byte[] bytes = Files.readAllBytes(file);
    int start = lastRecord(bytes);
    for (int i = start + 70; i < bytes.length; i++) {
      bytes[i] = 0;
    }
    Files.write(file, bytes);

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(),
          List.of("2 segments"),
          List.of("states"),
          0,
          List.of("1 journal records that were cut or altered"),
          List.of());
      assertEquals(SECOND_END, tracker.position());
      assertEquals(at(19), tracker.view().completeThrough());
      assertEquals(Verdict.EXACT, tracker.view().changedEver().verdict());
      event(BlockEventType.DELETE, 2, 25);
      record.cover(20, 29, NO_MARK);
      assertEquals(THIRD_END, tracker.append(record));
      verifyFilled(tracker);
    }
    try (ChangeTracker tracker = open()) {
      verifyFilled(tracker);
    }
  }

  /** Appends three records of two entries each and damages the second. */
  private void damageTheSecondOfThreeRecords(boolean isDurable) throws IOException {
    ChangeTracker abandoned = open();
    for (int i = 0; i < 3; i++) {
      event(BlockEventType.UPDATE, i, i);
      record.cover(i, i, NO_MARK);
      abandoned.append(record);
      if (isDurable) {
        abandoned.force();
      }
    }
    abandoned.abandon();
    Path file = lastJournalFile();
    byte[] bytes = Files.readAllBytes(file);
    int last = lastRecord(bytes);
    bytes[lastRecord(Arrays.copyOf(bytes, last)) + 80] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void shouldEndWhereARecordIsMissingThatWasNeverDurable() throws IOException {
    damageTheSecondOfThreeRecords(false);

    try (ChangeTracker tracker = open()) {
      assertEquals(List.of(), tracker.recovery().lost());
      assertEquals(
          List.of(
              "2 journal entries behind missing ones, none of them durable",
              "1 journal records that were cut or altered"),
          tracker.recovery().dropped());
      assertEquals(Verdict.EXACT, tracker.view().changedEver().verdict());
      assertEquals(List.of(0L), blocks(tracker.view().changedEver()));
      assertEquals(2, tracker.position());
    }
    ChangeTracker second = open();
    for (int i = 1; i < 4; i++) {
      event(BlockEventType.UPDATE, 10 + i, i);
      record.cover(i, i, NO_MARK);
      assertEquals(2 + 2 * i, second.append(record));
    }
    second.abandon();
    for (int opening = 1; opening <= 2; opening++) {
      try (ChangeTracker tracker = open()) {
        assertEquals(List.of(), tracker.recovery().lost());
        assertEquals(List.of(0L, 11L, 12L, 13L), blocks(tracker.view().changedEver()));
        assertEquals(8, tracker.position());
      }
      assertEquals(List.of(), Rebuild.fromJournal(root).differences());
    }
  }

  @Test
  void shouldKeepWhatLiesBehindADamagedRecordAndCallTheRestAHole() throws IOException {
    damageTheSecondOfThreeRecords(true);

    for (int opening = 1; opening <= 2; opening++) {
      try (ChangeTracker tracker = open()) {
        assertEquals(List.of("journal positions 3-4"), tracker.recovery().lost());
        assertEquals(Verdict.FULL_REQUIRED, tracker.view().changedEver().verdict());
        assertEquals(List.of(0L, 2L), blocks(tracker.view().changedEver()));
        assertEquals(6, tracker.position());
      }
    }
  }

  private Path lastJournalFile() throws IOException {
    List<Path> files =
        FileTrees.files(new StoreLayout(root).journal()).stream()
            .filter(file -> file.toString().endsWith(".cq4"))
            .toList();
    return files.get(files.size() - 1);
  }

  /** Returns where the last journal record of a file begins. */
  private static int lastRecord(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
    long magic = ByteBuffer.wrap("TMJOURNL".getBytes(StandardCharsets.UTF_8)).getLong();
    for (int offset = (bytes.length - Long.BYTES) & -Integer.BYTES; offset >= 0; offset -= 4) {
      if (in.getLong(offset) == magic) {
        return offset;
      }
    }
    throw new AssertionError("no journal record");
  }

  @Test
  void shouldRefuseASecondWriter() throws IOException {
    try (ChangeTracker tracker = open()) {
      StoreLockedException failure =
          assertThrows(StoreLockedException.class, ChangeTrackerTest.this::open);

      assertEquals(
          "store is locked: holder=pid=" + ProcessHandle.current().pid() + ", directory=" + root,
          failure.getMessage());
      fill(tracker);
    }
    open().close();
  }

  @Test
  void shouldGiveTheLockBackWhenOpeningFails() throws IOException {
    filled();
    assertThrows(
        ForeignFileException.class,
        () -> ChangeTracker.open(root, "other", TrackerOptions.defaults()));

    open().close();
  }

  @Test
  void shouldRefuseTheLogOfAnotherShard() throws IOException {
    filled();

    ForeignFileException failure =
        assertThrows(
            ForeignFileException.class,
            () -> ChangeTracker.open(root, "other", TrackerOptions.defaults()));

    assertEquals(
        "store tracks another log: expected=other, actual=" + SHARD + ", directory=" + root,
        failure.getMessage());
  }

  @Test
  void shouldRefuseAStoreOfANewerFormat() throws IOException {
    filled();
    Path file = root.resolve("STORE");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putShort(10, (short) 2).putInt(12, 0);
    CRC32C crc = new CRC32C();
    crc.update(bytes.array(), 0, 64);
    bytes.putInt(12, (int) crc.getValue());
    Files.write(file, bytes.array());

    UnsupportedFormatException failure = assertThrows(UnsupportedFormatException.class, this::open);

    assertEquals(
        "file format is newer than this program reads: type=STORE, newest=1, actual=2, file="
            + file,
        failure.getMessage());
  }

  @Test
  void shouldRefuseADirectoryThatLostItsStoreFile() throws IOException {
    filled();
    Files.delete(root.resolve("STORE"));

    NotAStoreException failure = assertThrows(NotAStoreException.class, this::open);

    assertEquals(
        "not a store: segments or journal without a STORE file: directory=" + root,
        failure.getMessage());
  }

  @Test
  void shouldRefuseASegmentOfAnotherStore() throws IOException {
    filled();
    Path other = root.resolveSibling(root.getFileName() + "-other");
    try (ChangeTracker tracker = ChangeTracker.open(other, SHARD, TrackerOptions.defaults())) {
      fill(tracker);
    }
    long foreign = StoreIdentity.open(other).storeId();
    Files.delete(segment(6, 7));
    Files.copy(new StoreLayout(other).segment(6, 7), segment(6, 7));
    FileTrees.delete(other);

    ForeignFileException failure = assertThrows(ForeignFileException.class, this::open);

    assertEquals(
        String.format(
            "file belongs to another store: expected=%016x, actual=%016x, file=%s",
            StoreIdentity.open(root).storeId(), foreign, segment(6, 7)),
        failure.getMessage());
  }

  @Test
  void shouldDeleteFilesThatWereNeverCompleted() throws IOException {
    filled();
    Path temporary = segment(6, 7).resolveSibling("half.seg.tmp");
    Files.write(temporary, new byte[10]);
    assertEquals(
        List.of(
            new StoreCheck.Finding(
                StoreCheck.Severity.NOTE,
                temporary,
                "never completed; deleted at the next opening")),
        StoreCheck.run(root).findings());

    open().close();

    assertFalse(Files.exists(temporary));
  }

  @Test
  void shouldSealWhenTheOpenSegmentIsFull() throws IOException {
    TrackerOptions options =
        TrackerOptions.builder()
            .unlimited()
            .maxOpenEvents(3)
            .segmentsPerCheckpoint(2)
            .journalRollBytes(1 << 20)
            .journalKeepBytes(0)
            .build();
    try (ChangeTracker tracker = ChangeTracker.open(Environments.real(), root, SHARD, options)) {
      for (int i = 0; i < 7; i++) {
        event(BlockEventType.UPDATE, i, i);
        tracker.append(record);
      }

      assertEquals(2, tracker.view().segments().size());
      assertTrue(Files.exists(segment(1, 3)));
      assertTrue(Files.exists(segment(4, 6)));
      assertTrue(Files.exists(root.resolve("checkpoint-00000000000000000001")));
      assertTrue(Files.exists(new StoreLayout(root).snapshot(6)));
    }
  }

  @Test
  void shouldEndStatesBeforeItPublishesTheCheckpointOfACommit() throws IOException {
    TrackerOptions options = TrackerOptions.builder().unlimited().segmentsPerCheckpoint(1).build();
    try (ChangeTracker tracker = ChangeTracker.open(root, SHARD, options)) {
      event(BlockEventType.UPDATE, 1, 1);
      tracker.append(record);
      BackupRun run = tracker.backups().prepare(Chains.DEFAULT);
      tracker.backups().commit(run);
      tracker.checkpoint();

      assertEquals(BlockState.CLEAN, tracker.state(1));
      assertEquals(List.of(), StoreCheck.run(root).findings());
    }
  }

  @Test
  void shouldSealWhenTheOpenSegmentHoldsManyControlEntries() throws IOException {
    try (ChangeTracker tracker = open()) {
      byte[] mark = new byte[60_000];
      for (int i = 0; i < 1_200; i++) {
        record.cover(i, i, mark);
        tracker.append(record);
      }

      assertFalse(tracker.view().segments().isEmpty());
    }
  }

  @Test
  void shouldSealBetweenGenerations() throws IOException {
    try (ChangeTracker tracker = open()) {
      event(BlockEventType.UPDATE, 1, 1);
      record.cover(0, 9, NO_MARK);
      tracker.append(record);
      record.generation(2);
      record.beginGeneration(5);
      event(BlockEventType.UPDATE, 2, 5);
      record.cover(5, 5, NO_MARK);
      tracker.append(record);

      assertEquals(1, tracker.view().segments().size());
      assertEquals(2, tracker.coverage().generation());
      assertEquals(5, tracker.coverage().firstOwn(2));
    }
    try (ChangeTracker tracker = open()) {
      assertEquals(new WalPosition(2, 5), tracker.view().completeThrough());
      assertEquals(List.of(2L), blocks(tracker.view().changedAfter(at(4))));
    }
  }

  @Test
  void shouldKeepTwoCheckpointsAndTheirViews() throws IOException {
    for (int i = 0; i < 4; i++) {
      try (ChangeTracker tracker = open()) {
        event(BlockEventType.UPDATE, i, i);
        tracker.append(record);
      }
    }

    StoreLayout layout = new StoreLayout(root);
    assertEquals(
        List.of(layout.checkpoint(4), layout.checkpoint(3)),
        StoreImage.checkpointFiles(FileStorageIO.INSTANCE, layout));
    assertEquals(
        List.of(layout.snapshot(3), layout.snapshot(4)), FileTrees.files(layout.snapshots()));
    assertEquals(List.of(layout.catalog(3), layout.catalog(4)), FileTrees.files(layout.catalogs()));
    verifyClean();
  }

  @Test
  void shouldFallBackOnTheCheckpointBefore() throws IOException {
    for (int i = 0; i < 2; i++) {
      try (ChangeTracker tracker = open()) {
        event(BlockEventType.UPDATE, i, i);
        tracker.append(record);
      }
    }
    Files.write(new StoreLayout(root).checkpoint(2), new byte[3]);

    try (ChangeTracker tracker = open()) {
      verifyReport(
          tracker.recovery(),
          List.of("checkpoint 1", "2 segments", "catalog", "snapshot"),
          List.of(),
          0,
          List.of(
              "corrupt file: shorter than its header: length=3, file="
                  + new StoreLayout(root).checkpoint(2)),
          List.of());
      assertEquals(BlockState.DIRTY, tracker.state(1));
    }
  }

  @Test
  void shouldNotPublishACheckpointWhenNothingChanged() throws IOException {
    filled();

    open().close();

    assertEquals(
        1, StoreImage.checkpointFiles(FileStorageIO.INSTANCE, new StoreLayout(root)).size());
  }

  @Test
  void shouldMoveTheCursorsOfChains() throws IOException {
    try (ChangeTracker tracker = open()) {
      fill(tracker);
      tracker.seal();
      record.commit("daily", THIRD_END);
      record.commit("weekly", FIRST_END);
      tracker.append(record);

      assertEquals(THIRD_END, tracker.chains().chain("daily").cursor());
    }

    try (ChangeTracker tracker = open()) {
      assertEquals(THIRD_END, tracker.chains().chain("daily").cursor());
      assertEquals(FIRST_END, tracker.chains().chain("weekly").cursor());
      assertEquals(0, tracker.chains().chain("monthly").cursor());
      assertEquals(
          List.of(), blocks(tracker.view().changedSince(tracker.chains().chain("daily").cursor())));
    }
  }

  @Test
  void shouldFollowTheStatesOfABlock() throws IOException {
    try (ChangeTracker tracker = open()) {
      event(BlockEventType.CREATE, 1, 1);
      tracker.append(record);
      assertEquals(BlockState.NEW, tracker.state(1));
      record.flushAll(2, 2);
      tracker.append(record);
      assertEquals(BlockState.CLEAN, tracker.state(1));
      event(BlockEventType.UPDATE, 1, 3);
      tracker.append(record);
      assertEquals(BlockState.DIRTY, tracker.state(1));
      event(BlockEventType.DELETE, 1, 4);
      tracker.append(record);
      assertEquals(BlockState.DELETED, tracker.state(1));
      assertEquals(BlockState.CLEAN, tracker.state(2));
      assertEquals(new StateCounts(1, 0, 0, 1), tracker.counts());
    }
  }

  @Test
  void shouldFoldALateEventAsIfItHadComeInTime() throws IOException {
    try (ChangeTracker tracker = open()) {
      event(BlockEventType.FLUSH, 1, 10);
      tracker.append(record);
      tracker.seal();
      event(BlockEventType.UPDATE, 1, 5);
      tracker.append(record);

      assertEquals(BlockState.CLEAN, tracker.state(1));
    }

    verifyClean();
  }

  @Test
  void shouldNotWriteAfterItWasAbandoned() throws IOException {
    ChangeTracker tracker = open();
    fill(tracker);
    tracker.abandon();
    tracker.abandon();
    tracker.close();

    assertEquals(
        List.of(), StoreImage.checkpointFiles(FileStorageIO.INSTANCE, new StoreLayout(root)));
    event(BlockEventType.UPDATE, 1, 30);
    assertEquals(
        "tracker is closed: directory=" + root,
        assertThrows(IllegalStateException.class, () -> tracker.append(record)).getMessage());
    assertThrows(IllegalStateException.class, tracker::seal);
  }
}
