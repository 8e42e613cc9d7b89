package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.tracker.ChangeSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage of every kind at every record: the right answer or the right verdict, never a miss. */
class WalEventSourceTest {
  /** 30 records in 5 segments: submits, deletes, drops, alters, commits. */
  private static final String VNODE = "s5-wave3-ddl-unflushed/vnode24";

  private static final int HEADER_LENGTH = 56;
  private static final int[] HEADER_OFFSETS = {0, 7, 8, 12, 16, 23, 24, 32, 35, 36, 38, 40, 48};
  private static final long HIGHER_TERM = 99;

  @TempDir Path directory;
  private int copies;
  private VnodeDirectory original = new VnodeDirectory(Path.of("."));
  private List<BruteForceWal.Message> messages = List.of();
  private long ticksPerFileSet;

  @BeforeEach
  void readCleanLog() throws Exception {
    original = new VnodeDirectory(Corpus.root().resolve(VNODE));
    messages = BruteForceWal.read(original.walDirectory());
    ticksPerFileSet = original.config().fileSets().ticksPerFileSet();
  }

  private WalFiles copy() throws Exception {
    copies++;
    return new WalFiles(original, directory.resolve("vnode" + copies));
  }

  private Path storePath() {
    return directory.resolve("store" + copies);
  }

  private long last() {
    return messages.get(messages.size() - 1).version();
  }

  private List<BruteForceWal.Message> without(Set<Long> versions) {
    return messages.stream().filter(message -> !versions.contains(message.version())).toList();
  }

  /** Checks every answer of a store that read a log in which some versions are unreadable. */
  private void verifyAnswers(VnodeStore store, Set<Long> unreadable, String what) {
    ChangeOracle oracle = new ChangeOracle(without(unreadable), ticksPerFileSet);
    Set<Long> holes = new TreeSet<>(unreadable);
    holes.addAll(oracle.unresolved());
    long readable = last();
    while (unreadable.contains(readable)) {
      holes.remove(readable);
      readable--;
    }
    if (readable < 0) {
      assertEquals(Verdict.NOT_READY, store.tracker().view().changedEver().verdict(), what);
      return;
    }
    for (long version = -1; version <= readable; version++) {
      long base = version;
      String at = what + ", after " + base;
      ChangeSet answer = base < 0 ? store.tracker().view().changedEver() : store.after(base);
      boolean hasHole = holes.stream().anyMatch(hole -> hole > base);
      assertEquals(hasHole ? Verdict.FULL_REQUIRED : Verdict.EXACT, answer.verdict(), at);
      assertEquals(
          holes.stream().filter(hole -> hole > base).collect(Collectors.toSet()),
          versionsOf(answer.holes()),
          at);
      assertEquals(oracle.changed(event -> event.version() > base), store.known(answer), at);
    }
    assertEquals(Verdict.NOT_READY, store.after(readable + 1).verdict(), what + ", beyond the end");
  }

  private static Set<Long> versionsOf(List<Hole> holes) {
    Set<Long> versions = new HashSet<>();
    for (Hole hole : holes) {
      for (long version = hole.first(); version <= hole.last(); version++) {
        versions.add(version);
      }
    }
    return versions;
  }

  private void verifyFreshStore(WalFiles files, Set<Long> unreadable, String what)
      throws Exception {
    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      store.catchUp();
      verifyAnswers(store, unreadable, what);
    }
  }

  @Test
  void shouldNameTheVersionOfARecordWithAFlippedBit() throws Exception {
    Random random = new Random(1);
    for (BruteForceWal.Message record : messages) {
      List<Integer> offsets = new ArrayList<>();
      for (int offset : HEADER_OFFSETS) {
        offsets.add(offset);
      }
      offsets.add(HEADER_LENGTH + random.nextInt(record.bodyLength()));
      int bit = random.nextInt(Byte.SIZE);
      int offset = offsets.get(random.nextInt(offsets.size()));
      WalFiles files = copy();
      files.flipBit(record, offset, bit);

      verifyFreshStore(
          files,
          Set.of(record.version()),
          "version " + record.version() + ", offset " + offset + ", bit " + bit);
    }
  }

  @Test
  void shouldNameTheVersionWhicheverHeaderFieldIsWrong() throws Exception {
    BruteForceWal.Message record = messages.get(messages.size() / 2);
    for (int offset : HEADER_OFFSETS) {
      WalFiles files = copy();
      files.flipBit(record, offset, 0);

      verifyFreshStore(files, Set.of(record.version()), "offset " + offset);
    }
  }

  @Test
  void shouldNameTheVersionOfAZeroedRecord() throws Exception {
    for (BruteForceWal.Message record : messages) {
      WalFiles files = copy();
      files.zero(record);

      verifyFreshStore(files, Set.of(record.version()), "version " + record.version());
    }
  }

  @Test
  void shouldStopBeforeATornTail() throws Exception {
    for (BruteForceWal.Message record : messages) {
      WalFiles files = copy();
      for (Path segment : files.segments()) {
        if (segment.compareTo(files.segment(record.segment())) > 0) {
          Files.delete(segment);
        }
      }
      int keep = new Random(record.version()).nextInt(HEADER_LENGTH + record.bodyLength());
      files.truncate(record, keep);
      Set<Long> unreadable = new TreeSet<>();
      for (long version = record.version(); version <= last(); version++) {
        unreadable.add(version);
      }

      verifyFreshStore(files, unreadable, "version " + record.version() + " cut at " + keep);
    }
  }

  @Test
  void shouldNameWhatAnEarlierSegmentLostAtItsEnd() throws Exception {
    long lastSegment = messages.get(messages.size() - 1).segment();
    for (BruteForceWal.Message record : messages) {
      if (record.segment() == lastSegment) {
        continue;
      }
      WalFiles files = copy();
      files.truncate(record, HEADER_LENGTH / 2);
      Set<Long> unreadable = new TreeSet<>();
      for (BruteForceWal.Message lost : messages) {
        if (lost.segment() == record.segment() && lost.version() >= record.version()) {
          unreadable.add(lost.version());
        }
      }

      verifyFreshStore(files, unreadable, "version " + record.version());
    }
  }

  @Test
  void shouldPassOverGarbageBetweenRecords() throws Exception {
    for (BruteForceWal.Message record : messages) {
      byte[] garbage = new byte[1 + new Random(record.version()).nextInt(300)];
      new Random(record.version()).nextBytes(garbage);
      WalFiles files = copy();
      files.insert(record, garbage);

      verifyFreshStore(files, Set.of(), "before version " + record.version());
    }
  }

  @Test
  void shouldNameAMissingSegment() throws Exception {
    Set<Long> segments = new TreeSet<>();
    messages.forEach(message -> segments.add(message.segment()));
    long lastSegment = messages.get(messages.size() - 1).segment();
    for (long segment : segments) {
      if (segment == lastSegment) {
        continue;
      }
      WalFiles files = copy();
      Files.delete(files.segment(segment));
      Set<Long> unreadable = new TreeSet<>();
      messages.stream()
          .filter(message -> message.segment() == segment)
          .forEach(message -> unreadable.add(message.version()));

      verifyFreshStore(files, unreadable, "segment " + segment);
    }
  }

  @Test
  void shouldNotTrustIndexOrMetaFiles() throws Exception {
    WalFiles files = copy();
    try (Stream<Path> entries = Files.list(files.wal())) {
      for (Path file : entries.toList()) {
        if (file.toString().endsWith(".idx")) {
          byte[] wrong = new byte[(int) Files.size(file) + 32];
          new Random(2).nextBytes(wrong);
          Files.write(file, wrong);
        } else if (String.valueOf(file.getFileName()).startsWith("meta-ver")) {
          Files.delete(file);
        }
      }
    }

    verifyFreshStore(files, Set.of(), "wrong index files, no meta file");
  }

  @Test
  void shouldNameWhatTheServerRecycledWhileNobodyRead() throws Exception {
    WalFiles files = copy();
    List<Path> segments = files.segments();
    List<byte[]> later = new ArrayList<>();
    for (Path segment : segments.subList(1, segments.size())) {
      later.add(Files.readAllBytes(segment));
      Files.delete(segment);
    }
    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      store.catchUp();
    }
    Files.delete(segments.get(0));
    for (int i = 2; i < segments.size(); i++) {
      Files.write(segments.get(i), later.get(i - 1));
    }
    Set<Long> unreadable = new TreeSet<>();
    messages.stream()
        .filter(message -> files.segment(message.segment()).equals(segments.get(1)))
        .forEach(message -> unreadable.add(message.version()));

    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      IngestReport report = store.catchUp();

      assertEquals(1, report.newHoles().size());
      assertEquals("recycled by the server before it was read", report.newHoles().get(0).reason());
      verifyAnswers(store, unreadable, "recycled");
    }
  }

  @Test
  void shouldCallAnUnknownMessageTypeAHole() throws Exception {
    BruteForceWal.Message record = messages.get(messages.size() / 2);
    WalFiles files = copy();
    byte[] bytes = Files.readAllBytes(files.segment(record.segment()));
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.putShort(record.offset() + 36, (short) 589);
    header.putInt(record.offset() + 8, (int) BruteForceWal.crc32c(bytes, record.offset() + 16, 40));
    Files.write(files.segment(record.segment()), bytes);

    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      IngestReport report = store.catchUp();

      assertEquals("message type is not decoded: type=589", report.newHoles().get(0).reason());
      verifyAnswers(store, Set.of(record.version()), "type 589");
    }
  }

  @Test
  void shouldBeginAGenerationWhereVersionsComeAgainInAHigherTerm() throws Exception {
    for (int from = 1; from < messages.size(); from++) {
      for (int count : new int[] {1, 3, messages.size() - from}) {
        int to = Math.min(from + count, messages.size());
        verifyRepeated(from, to, false);
      }
    }
  }

  @Test
  void shouldBeginAGenerationForVersionsThatChangedBetweenTwoOpenings() throws Exception {
    for (int from = 1; from < messages.size(); from += 4) {
      verifyRepeated(from, messages.size(), true);
    }
  }

  private void verifyRepeated(int from, int to, boolean isReopened) throws Exception {
    long firstOwn = messages.get(from).version();
    String what = "versions " + firstOwn + " to " + messages.get(to - 1).version() + " again";
    WalFiles files = copy();
    if (isReopened) {
      try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
        store.catchUp();
      }
    }
    files.repeat(messages.subList(from, to), HIGHER_TERM);
    ChangeOracle oracle = new ChangeOracle(messages, ticksPerFileSet);
    Set<String> goneBack = oracle.changed(event -> event.version() >= firstOwn).keySet();

    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      IngestReport report = store.catchUp();

      assertEquals(1, report.generationsBegun(), what);
      for (long version = 0; version <= last(); version++) {
        long base = version;
        Set<String> expected =
            new TreeSet<>(oracle.changed(event -> event.version() > base).keySet());
        expected.addAll(goneBack);
        Map<String, ChangeOracle.Change> actual = store.exact(store.after(base));
        assertEquals(expected, actual.keySet(), what + ", after 1/" + base);
        ChangeSet bare = store.tracker().view().changedAfter(base);
        assertTrue(bare.verdict().isComplete(), what + ", after " + base);
        assertEquals(expected, store.known(bare).keySet(), what + ", after " + base);
      }
      WalPosition end = Objects.requireNonNull(store.tracker().view().completeThrough());
      assertEquals(new WalPosition(2, messages.get(to - 1).version()), end, what);
      assertTrue(store.tracker().view().changedAfter(end).changes().isEmpty(), what);
    }
  }

  @Test
  void shouldIgnoreRecordsThatComeAgainUnchanged() throws Exception {
    WalFiles files = copy();
    List<Path> segments = files.segments();
    byte[] firstSegment = Files.readAllBytes(segments.get(0));
    Files.write(segments.get(segments.size() - 1), firstSegment, StandardOpenOption.APPEND);

    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      IngestReport report = store.catchUp();

      assertEquals(0, report.generationsBegun());
      assertNull(report.tail());
      verifyAnswers(store, Set.of(), "first segment again");
    }
  }

  @Test
  void shouldFindItsPlaceAgainWhenTheLogWasMoved() throws Exception {
    WalFiles files = copy();
    byte[] garbage = new byte[100];
    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      store.catchUp();
    }
    files.insert(messages.get(messages.size() - 2), garbage);

    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      IngestReport report = store.catchUp();

      assertEquals(0, report.records());
      assertEquals(0, report.generationsBegun());
      verifyAnswers(store, Set.of(), "moved");
    }
  }

  @Test
  void shouldPassOverWhatARollbackLeftBehindWhenTheLogIsReadAgain() throws Exception {
    int from = messages.size() - 4;
    long firstOwn = messages.get(from).version();
    WalFiles files = copy();
    files.repeat(messages.subList(from, from + 1), HIGHER_TERM);
    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      store.catchUp();
    }
    files.insert(messages.get(from), new byte[100]);

    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      IngestReport report = store.catchUp();

      assertEquals(0, report.records());
      assertEquals(0, report.generationsBegun());
      assertEquals(new WalPosition(2, firstOwn), store.tracker().view().completeThrough());
    }
  }

  @Test
  void shouldTakeInALogThatWasRestoredFromAnOlderCopy() throws Exception {
    int common = messages.size() - 6;
    WalFiles files = copy();
    files.repeat(messages.subList(common, messages.size()), HIGHER_TERM);
    try (VnodeStore store = new VnodeStore(files.vnode(), storePath())) {
      store.catchUp();
    }
    copies++;
    WalFiles restored = new WalFiles(original, directory.resolve("vnode" + copies));
    ChangeOracle oracle = new ChangeOracle(messages, ticksPerFileSet);
    long last = messages.get(common).version() - 1;

    try (VnodeStore store =
        new VnodeStore(restored.vnode(), directory.resolve("store" + (copies - 1)))) {
      IngestReport report = store.catchUp();

      assertEquals(1, report.generationsBegun());
      assertEquals(new WalPosition(3, last()), store.tracker().view().completeThrough());
      assertTrue(
          store
              .exact(store.tracker().view().changedAfter(new WalPosition(1, last)))
              .keySet()
              .containsAll(oracle.changed(event -> event.version() > last).keySet()));
    }
  }
}
