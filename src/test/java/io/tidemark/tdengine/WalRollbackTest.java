package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that crashed wrote versions again with other content: what went back is a change too.
 *
 * <p>Each version creates one table whose uid is a thousand times the term plus the version.
 */
class WalRollbackTest {
  private static final int CUT_STEP = 100_000;
  private static final long SECOND_US = 1_000_000;
  private static final long START_US = 1_790_000_000L * SECOND_US;
  private static final long NS_PER_US = 1_000;
  private static final long SUID = 7;
  private static final long NOTHING = -1;

  @TempDir Path directory;
  private Path wal = Path.of(".");

  @BeforeEach
  void copyVnodeConfig() throws IOException {
    wal = directory.resolve("vnode").resolve("wal");
    Files.createDirectories(wal);
    Path corpus = Corpus.root().resolve("s5-wave3-ddl-unflushed/vnode24/vnode.json");
    Files.copy(corpus, directory.resolve("vnode").resolve("vnode.json"));
  }

  private VnodeStore open() throws Exception {
    return new VnodeStore(
        new VnodeDirectory(directory.resolve("vnode")),
        directory.resolve("store"),
        TrackerOptions.defaults());
  }

  private static String uid(long term, long version) {
    return "table " + (1000 * term + version);
  }

  /** Writes versions, one second apart; every tenth begins a segment. */
  private void write(long first, long last, long term, long startUs) throws IOException {
    write(first, last, term, startUs, NOTHING);
  }

  /** The same, of which one version cannot be decoded. */
  private void write(long first, long last, long term, long startUs, long unreadable)
      throws IOException {
    Files.deleteIfExists(WalSegment.logFile(wal, first));
    try (WalWriter writer = WalWriter.create(wal, 2, first).term(term)) {
      for (long version = first; version <= last; version++) {
        if (version > first && version % 10 == 0) {
          writer.roll();
        }
        writer.ingestTimestampUs(startUs + version * SECOND_US);
        long uid = 1000 * term + version;
        if (version == unreadable) {
          writer.append(MessageType.VND_CREATE_TABLE, new byte[1]);
        } else {
          writer.createTables(List.of(WalContent.Table.child("t" + uid, uid, "s", SUID)));
        }
      }
    }
  }

  private void deleteSegments(long first) throws IOException {
    try (Stream<Path> files = Files.list(wal)) {
      for (Path file : files.toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.compareTo(String.format("%020d", first)) >= 0) {
          Files.delete(file);
        }
      }
    }
  }

  private static Set<String> names(VnodeStore store, ChangeSet answer) {
    return answer.changes().stream()
        .map(change -> store.keyOf(change.blockId()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Checks every base in the old log: what came after it, what went back, what is new. */
  private void verify(VnodeStore store, long oldLast, long firstNew, long newLast) {
    for (long base = 0; base <= oldLast; base++) {
      Set<String> expected = new TreeSet<>();
      for (long version = Math.min(base + 1, firstNew); version <= oldLast; version++) {
        expected.add(uid(1, version));
      }
      for (long version = firstNew; version <= newLast; version++) {
        expected.add(uid(2, version));
      }
      ChangeSet answer = store.after(base);
      Set<String> missed = new TreeSet<>(expected);
      missed.removeAll(names(store, answer));
      assertTrue(answer.verdict().isComplete(), "after " + base + ": " + answer.verdict());
      assertEquals(Set.of(), missed, "after " + base);
    }
  }

  @Test
  void shouldFindWhereAShorterLogOfSeveralSegmentsTurnedAway() throws Exception {
    write(0, 59, 1, START_US);
    try (VnodeStore store = open()) {
      store.catchUp();
    }
    deleteSegments(30);
    write(30, 44, 2, START_US + 100 * SECOND_US);

    try (VnodeStore store = open()) {
      IngestReport report = store.catchUp();

      assertEquals(1, report.generationsBegun());
      verify(store, 59, 30, 44);
    }
  }

  @Test
  void shouldFindWhereALogTurnedAwayWhoseMarkedRecordIsDamaged() throws Exception {
    write(0, 59, 1, START_US);
    try (VnodeStore store = open()) {
      store.catchUp();
    }
    deleteSegments(30);
    write(30, 69, 2, START_US + 100 * SECOND_US);
    Path segment = WalSegment.logFile(wal, 50);
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length - 1] ^= 1;
    Files.write(segment, bytes);

    try (VnodeStore store = open()) {
      IngestReport report = store.catchUp();

      assertEquals(1, report.generationsBegun());
      assertEquals(59, report.newHoles().get(0).first());
      Set<String> changed = names(store, store.after(45));
      for (long version = 30; version <= 69; version++) {
        assertTrue(version == 59 || changed.contains(uid(2, version)), "version " + version);
      }
    }
  }

  /** The server appends what it writes again to the segment; the first of it rots. */
  @Test
  void shouldFindWhereALogTurnedAwayWhoseFirstNewRecordIsDamaged() throws Exception {
    write(0, 49, 1, START_US);
    try (WalWriter writer = WalWriter.create(wal, 2, 50).term(1);
        VnodeStore store = open()) {
      createTables(writer, 50, 59, 1);
      store.catchUp();
      Path segment = WalSegment.logFile(wal, 50);
      int end = (int) Files.size(segment);
      createTables(writer.nextVersion(55).term(2), 55, 58, 2);
      byte[] bytes = Files.readAllBytes(segment);
      bytes[end + WalRecordDescriptor.HEADER_LENGTH] ^= 1;
      Files.write(segment, bytes);

      IngestReport report = store.catchUp();

      assertEquals(1, report.generationsBegun());
      assertEquals(
          List.of(55L), report.newHoles().stream().map(hole -> hole.first()).distinct().toList());
      ChangeSet answer = store.after(45);
      assertEquals(Verdict.FULL_REQUIRED, answer.verdict());
      Set<String> changed = names(store, answer);
      for (long version = 46; version <= 59; version++) {
        assertTrue(changed.contains(uid(1, version)), "went back: " + version);
        assertEquals(version >= 56 && version <= 58, changed.contains(uid(2, version)));
      }
    }
  }

  private static void createTables(WalWriter writer, long first, long last, long term)
      throws IOException {
    for (long version = first; version <= last; version++) {
      writer.ingestTimestampUs(START_US + version * SECOND_US);
      long uid = 1000 * term + version;
      writer.createTables(List.of(WalContent.Table.child("t" + uid, uid, "s", SUID)));
    }
  }

  @Test
  void shouldCountWhatWentBackAsChangedWhenTheNewLogBegan() throws Exception {
    write(0, 19, 1, START_US);
    long copiedNs = (START_US + 50 * SECOND_US) * NS_PER_US;
    try (VnodeStore store = open()) {
      store.catchUp();
      deleteSegments(10);
      write(10, 12, 2, START_US + 100 * SECOND_US);
      store.catchUp();

      ChangeSet since = store.tracker().view().changedBetween(copiedNs, Long.MAX_VALUE);

      assertEquals(Verdict.EXACT, since.verdict());
      Set<String> expected = new TreeSet<>();
      for (long version = 10; version <= 19; version++) {
        expected.add(uid(1, version));
      }
      for (long version = 10; version <= 12; version++) {
        expected.add(uid(2, version));
      }
      assertEquals(expected, names(store, since));
    }
  }

  @Test
  void shouldCountWhatWentBackBetweenTwoOpeningsAsChangedWhenTheNewLogBegan() throws Exception {
    write(0, 19, 1, START_US);
    long copiedNs = (START_US + 50 * SECOND_US) * NS_PER_US;
    try (VnodeStore store = open()) {
      store.catchUp();
    }
    deleteSegments(10);
    write(10, 25, 2, START_US + 100 * SECOND_US);

    try (VnodeStore store = open()) {
      store.catchUp();

      ChangeSet since = store.tracker().view().changedBetween(copiedNs, Long.MAX_VALUE);
      for (long version = 10; version <= 19; version++) {
        assertTrue(names(store, since).contains(uid(1, version)), "version " + version);
      }
    }
  }

  @Test
  void shouldBeginAGenerationAgainThatACrashCutShort() throws Exception {
    write(0, 19, 1, START_US);
    long copiedNs = (START_US + 50 * SECOND_US) * NS_PER_US;
    try (VnodeStore store = open()) {
      store.catchUp();
    }
    VnodeConfig config = new VnodeDirectory(directory.resolve("vnode")).config();
    ChangeTracker tracker =
        ChangeTracker.open(
            directory.resolve("store"), WalEventSource.shardOf(config), TrackerOptions.defaults());
    RecordBuffer record = new RecordBuffer();
    record.generation(2);
    record.beginGeneration(10);
    tracker.append(record);
    assertEquals(Verdict.NOT_READY, tracker.view().changedAfter(new WalPosition(1, 15)).verdict());
    tracker.abandon();
    deleteSegments(10);
    write(10, 12, 2, START_US + 100 * SECOND_US);

    try (VnodeStore store = open()) {
      store.catchUp();

      verify(store, 19, 10, 12);
      ChangeSet since = store.tracker().view().changedBetween(copiedNs, Long.MAX_VALUE);
      assertTrue(names(store, since).contains(uid(1, 15)));
    }
  }

  /**
   * Goes back to {@code firstOwn} from a log of 20 whose version {@code hole} nobody could read;
   * returns the store's journal position before.
   */
  private long rollBackAcrossAHole(long hole, long firstOwn) throws Exception {
    write(0, 19, 1, START_US, hole);
    long position;
    try (VnodeStore store = open()) {
      store.catchUp();
      position = store.tracker().position();
      assertEquals(Verdict.EXACT, store.after(hole).verdict());
    }
    deleteSegments(firstOwn);
    write(firstOwn, firstOwn + 2, 2, START_US + 100 * SECOND_US);
    return position;
  }

  @Test
  void shouldAskForAFullBackupWhereItIsNotKnownWhatWentBack() throws Exception {
    long before = rollBackAcrossAHole(15, 10);

    try (VnodeStore store = open()) {
      IngestReport report = store.catchUp();

      assertEquals(2, store.tracker().coverage().generation());
      assertEquals(9, report.newHoles().get(0).first());
      for (long base = 10; base <= 19; base++) {
        ChangeSet answer = store.after(base);
        assertEquals(Verdict.FULL_REQUIRED, answer.verdict(), "after 1/" + base);
        assertEquals(
            "2/9-9 (rolled back across a hole: generation=1, first=15, last=15)",
            answer.holes().get(answer.holes().size() - 1).toString(),
            "after 1/" + base);
        Verdict bare = store.tracker().view().changedAfter(base).verdict();
        assertEquals(Verdict.FULL_REQUIRED, bare, "after " + base);
      }
      assertEquals(Verdict.FULL_REQUIRED, store.tracker().view().changedSince(before).verdict());
      WalPosition inTheNewLog = new WalPosition(2, 10);
      assertEquals(
          Set.of(uid(2, 11), uid(2, 12)),
          store.exact(store.tracker().view().changedAfter(inTheNewLog)).keySet());
    }
  }

  @Test
  void shouldAskForAFullBackupWhereTheWholeLogWentBackAcrossAHole() throws Exception {
    rollBackAcrossAHole(15, 0);

    try (VnodeStore store = open()) {
      store.catchUp();

      assertEquals(Verdict.FULL_REQUIRED, store.after(19).verdict());
      assertEquals(
          Set.of(uid(2, 1), uid(2, 2)),
          store.exact(store.tracker().view().changedAfter(new WalPosition(2, 0))).keySet());
    }
    try (VnodeStore store = open()) {
      assertEquals(0, store.catchUp().generationsBegun());
      assertEquals(Verdict.FULL_REQUIRED, store.after(19).verdict());
    }
  }

  @Test
  void shouldGoOnBehindARollbackAcrossAHoleThatACrashCutOff() throws Exception {
    rollBackAcrossAHole(15, 10);
    WalPosition inTheNewLog = new WalPosition(2, 10);
    for (boolean isDeclared : new boolean[] {false, true}) {
      Path store = directory.resolve("store" + isDeclared);
      copyTree(directory.resolve("store"), store);
      VnodeDirectory vnode = new VnodeDirectory(directory.resolve("vnode"));
      ChangeTracker tracker =
          ChangeTracker.open(
              store, WalEventSource.shardOf(vnode.config()), TrackerOptions.defaults());
      RecordBuffer record = new RecordBuffer();
      record.generation(2);
      record.beginGeneration(10);
      tracker.append(record);
      if (isDeclared) {
        record.gap(9, 9, "rolled back across a hole");
        tracker.append(record);
      }
      tracker.abandon();

      try (VnodeStore reopened = new VnodeStore(vnode, store, TrackerOptions.defaults())) {
        reopened.catchUp();

        assertEquals(2, reopened.tracker().coverage().generation());
        assertEquals(Verdict.FULL_REQUIRED, reopened.after(17).verdict());
        assertEquals(
            Set.of(uid(2, 11), uid(2, 12)),
            reopened.exact(reopened.tracker().view().changedAfter(inTheNewLog)).keySet());
      }
    }
  }

  @Test
  void shouldDeclareAVersionOnlyWithTheLastOfItsManyEvents() throws Exception {
    int tables = 150_000;
    try (WalWriter writer = WalWriter.create(wal, 2, 0)) {
      writer.createStable(WalContent.Stable.of("s", SUID));
      for (int first = 0; first < tables; first += 1000) {
        List<WalContent.Table> batch = new ArrayList<>();
        for (int uid = first; uid < first + 1000; uid++) {
          batch.add(WalContent.Table.child("t" + uid, 1000 + uid, "s", SUID));
        }
        writer.createTables(batch);
      }
    }
    Path store = directory.resolve("store");
    try (VnodeStore first = open()) {
      first.catchUp();
    }
    long drop;
    try (WalWriter writer = WalWriter.create(wal, 2, tables / 1000 + 1)) {
      drop = writer.dropStable("s", SUID);
    }
    try (VnodeStore dropped = open()) {
      dropped.catchUp();
      dropped.tracker().abandon();
    }
    Path journal = newestJournalFile(store);
    byte[] whole = Files.readAllBytes(journal);
    int end = whole.length;
    while (whole[end - 1] == 0) {
      end--;
    }
    assertTrue(end > 2 * CUT_STEP, "too short to be cut: length=" + end);
    for (int length = 1 << 16; length < end - CUT_STEP / 2; length += CUT_STEP) {
      Path copy = directory.resolve("copy" + length);
      copyTree(store, copy);
      byte[] cut = new byte[whole.length];
      System.arraycopy(whole, 0, cut, 0, length);
      Files.write(copy.resolve(store.relativize(journal)), cut);

      try (VnodeStore reopened =
          new VnodeStore(
              new VnodeDirectory(directory.resolve("vnode")), copy, TrackerOptions.defaults())) {
        assertEquals(
            drop - 1,
            Objects.requireNonNull(reopened.tracker().view().completeThrough()).walOffset(),
            "cut at " + length);
        reopened.catchUp();
        List<BlockChange> changes = reopened.after(drop - 1).changes();
        assertEquals(tables + 1, changes.size(), "cut at " + length);
        assertEquals(Verdict.EXACT, reopened.after(drop - 1).verdict(), "cut at " + length);
      }
    }
  }

  private static Path newestJournalFile(Path store) throws IOException {
    try (Stream<Path> files = Files.walk(store.resolve("journal"))) {
      return files
          .filter(file -> file.toString().endsWith(".cq4"))
          .max(Path::compareTo)
          .orElseThrow();
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
