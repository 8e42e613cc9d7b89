package io.tidemark.tdengine.tmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.metrics.Metric;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.IngestReport;
import io.tidemark.tdengine.RecycledHistory;
import io.tidemark.tdengine.RowFeed;
import io.tidemark.tdengine.TopicLog;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tdengine.WalContent;
import io.tidemark.tdengine.WalLog;
import io.tidemark.tdengine.WalWriter;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.agrona.concurrent.CachedEpochClock;
import org.agrona.concurrent.CachedNanoClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A feed whose consumer does what the test says, step by step, and a store behind it. */
class TopicFeedTest {
  private static final int VGROUP = 5;
  private static final long SUID = 7;
  private static final long DAY_SECONDS = 86_400;
  private static final String ROWS_ONLY = "read from a topic, which shows rows and nothing else";

  @TempDir private Path directory;
  private final CachedEpochClock epochClock = new CachedEpochClock();
  private final CachedNanoClock nanoClock = new CachedNanoClock();
  private final Script script = new Script();
  private final TopicFeed feed = new TopicFeed(script, 0, nanoClock);
  private GeneratedVnode vnode;

  @BeforeEach
  void setUp() throws IOException {
    vnode = GeneratedVnode.create(directory, VGROUP, "power", 3600);
  }

  /** What the server is, and each result that it returns. */
  private static final class Script implements TopicAccess, TopicConsumer {
    final Map<Integer, TopicPlace> places = new HashMap<>(Map.of(VGROUP, new TopicPlace(0, 0, 0)));
    final ArrayDeque<Runnable> results = new ArrayDeque<>();
    final Map<String, Long> uids = new HashMap<>();
    final List<String> calls = new ArrayList<>();
    private List<TopicRow> rows = List.of();
    private @Nullable String failure;
    private int polls;

    /** Lets the next poll return rows of day 0 and move on. */
    void result(TopicPlace place, String... tables) {
      results.add(
          () -> {
            places.put(VGROUP, place);
            rows = new ArrayList<>();
            for (String table : tables) {
              rows.add(row(VGROUP, table, 0));
            }
          });
    }

    static TopicRow row(int vgroup, String table, int day) {
      return new TopicRow(vgroup, 0, table, Map.of("ts", Instant.ofEpochSecond(day * DAY_SECONDS)));
    }

    @Override
    public TopicConsumer subscribe() {
      calls.add("subscribe");
      return this;
    }

    @Override
    public TableDirectory openDirectory() {
      return new TableDirectory() {
        @Override
        public @Nullable Entry find(String table) {
          calls.add("find " + table);
          Long uid = uids.get(table);
          return uid == null
              ? null
              : new Entry(new RowFeed.Table(uid, SUID, table, "meters"), "ts");
        }

        @Override
        public RowFeed.@Nullable Table named(long uid) {
          throw new UnsupportedOperationException("not asked here");
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public List<TopicRow> poll(long timeoutMs) throws IOException {
      polls++;
      if (failure != null) {
        String message = failure;
        failure = null;
        throw new IOException(message);
      }
      rows = List.of();
      if (!results.isEmpty()) {
        results.remove().run();
      }
      return rows;
    }

    @Override
    public Map<Integer, TopicPlace> places() {
      return places;
    }

    @Override
    public void seek(int vgroupId, long version) {
      calls.add("seek " + version);
      TopicPlace place = Objects.requireNonNull(places.get(vgroupId));
      places.put(vgroupId, new TopicPlace(place.begin(), version, place.end()));
    }

    @Override
    public void close() {
      calls.add("close");
    }
  }

  private VnodeFollower follow(RowFeed rows) throws Exception {
    return VnodeFollower.open(
        new TopicLog(vnode.directory(), rows, epochClock),
        directory.resolve("store"),
        options(),
        StoreCounters.inMemory(Map.of(), epochClock),
        0,
        new VnodeFollower.Clocks(epochClock, nanoClock));
  }

  private VnodeFollower followWal() throws Exception {
    return VnodeFollower.open(
        new WalLog(vnode.directory(), RecycledHistory.NONE),
        directory.resolve("store"),
        options(),
        StoreCounters.inMemory(Map.of(), epochClock),
        0,
        new VnodeFollower.Clocks(epochClock, nanoClock));
  }

  private static TrackerOptions options() {
    return TrackerOptions.builder().journalRollBytes(1 << 16).unlimited().build();
  }

  private static Set<String> blocks(VnodeFollower follower, ChangeSet answer) {
    Set<String> blocks = new TreeSet<>();
    for (BlockChange change : answer.changes()) {
      BlockName name = Objects.requireNonNull(follower.names().name(change.blockId()));
      blocks.add(
          TopicHistory.keyOf(name)
              + " "
              + name.table()
              + " "
              + change.first().walOffset()
              + "-"
              + change.last().walOffset());
    }
    return blocks;
  }

  @Test
  void shouldKnowTheBlocksOfRowsAndVouchForNone() throws Exception {
    script.uids.put("d1", 101L);
    script.places.put(VGROUP, new TopicPlace(0, 0, 20));
    script.result(new TopicPlace(0, 12, 20), "d1", "d1", "d1");
    script.result(new TopicPlace(0, 13, 20));
    script.result(new TopicPlace(0, 20, 20), "d1");

    try (VnodeFollower follower = follow(feed.of(VGROUP))) {
      IngestReport report = follower.poll(Long.MAX_VALUE);
      ChangeSet answer = follower.view().changedEver();

      assertEquals(4, report.records());
      assertTrue(report.isAtEnd());
      assertEquals(List.of(), report.newHoles());
      assertEquals(Verdict.FULL_REQUIRED, answer.verdict());
      assertEquals(List.of(new Hole(1, 0, 19, ROWS_ONLY)), answer.holes());
      assertEquals(
          Set.of("stable 7  0-0", "table 101 d1 0-0", "data 101 0 d1 0-19"),
          blocks(follower, answer));
      assertEquals(1, follower.coverage().gapCount());
    }
    assertEquals(
        List.of("subscribe", "seek 0", "find d1", "find d1"),
        script.calls,
        "looked up again behind what is hidden, and once for each stretch besides");
  }

  @Test
  void shouldWaitOnceForManyQuietVgroups() throws Exception {
    List<RowFeed> feeds = new ArrayList<>();
    for (int vgroup = 1; vgroup <= 64; vgroup++) {
      script.places.put(vgroup, new TopicPlace(0, 0, 0));
      feeds.add(feed.of(vgroup));
    }
    for (RowFeed rows : feeds) {
      assertEquals(0, rows.read(0).next());
    }
    int polls = script.polls;

    for (int round = 1; round <= 3; round++) {
      for (RowFeed rows : feeds) {
        assertEquals(0, rows.read(0).next());
      }
      assertEquals(polls + round, script.polls);
    }
    script.places.put(64, new TopicPlace(0, 1, 1));
    assertEquals(1, feeds.get(63).read(0).end(), "whoever looked at the last poll polls");
  }

  @Test
  void shouldGiveAVgroupWhatWaitsForItWhileAnotherWaitsForTheServer() throws Exception {
    int other = VGROUP + 1;
    script.uids.put("d1", 101L);
    script.places.put(VGROUP, new TopicPlace(0, 0, 9));
    script.places.put(other, new TopicPlace(0, 0, 9));
    script.results.add(() -> {});
    script.result(new TopicPlace(0, 4, 9), "d1");
    assertEquals(0, feed.of(VGROUP).read(0).next());
    assertEquals(0, feed.of(other).read(0).next());
    CountDownLatch isPolling = new CountDownLatch(1);
    CountDownLatch isOver = new CountDownLatch(1);
    script.results.add(
        () -> {
          isPolling.countDown();
          awaitQuietly(isOver);
        });
    FutureTask<RowFeed.Batch> quiet = new FutureTask<>(() -> feed.of(other).read(0));
    Thread reader = new Thread(quiet, "reader-of-quiet-vgroup");
    reader.start();
    isPolling.await();

    RowFeed.Batch batch = feed.of(VGROUP).read(0);

    assertEquals(4, batch.next());
    assertEquals(1, batch.rows().size());
    isOver.countDown();
    assertEquals(0, quiet.get().next());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldNameAsLostWhatTheServerSkippedInSilence() throws Exception {
    script.uids.put("d1", 101L);
    script.places.put(VGROUP, new TopicPlace(0, 0, 100));
    script.result(new TopicPlace(66, 100, 100), "d1");

    try (VnodeFollower follower = follow(feed.of(VGROUP))) {
      IngestReport report = follower.poll(Long.MAX_VALUE);

      String reason = "recycled by the server before it was read from the topic";
      assertEquals(List.of(new Hole(1, 0, 65, reason)), report.newHoles());
      assertEquals(66, follower.counters().get(Metric.MESSAGES_DROPPED));
      assertEquals(2, follower.coverage().gapCount());
      assertEquals(100, follower.standing().nextVersion());
      assertEquals(
          List.of(new Hole(1, 66, 99, ROWS_ONLY)),
          follower.view().changedAfter(new WalPosition(1, 65)).holes());
    }
  }

  @Test
  void shouldNameTablesThatVanishedBeforeTheyWereLookedUp() throws Exception {
    script.places.put(VGROUP, new TopicPlace(0, 0, 9));
    script.result(new TopicPlace(0, 9, 9), "a", "b", "c", "d", "a");

    try (VnodeFollower follower = follow(feed.of(VGROUP))) {
      follower.poll(Long.MAX_VALUE);

      ChangeSet answer = follower.view().changedEver();
      assertEquals(Set.of(), blocks(follower, answer));
      assertEquals(
          ROWS_ONLY + "; rows of tables that are not known, table=a, table=b, table=c, more=1",
          answer.holes().get(0).reason());
    }
  }

  @Test
  void shouldBeginAGenerationWhereTheLogEndsBelowWhatWasDelivered() throws Exception {
    script.uids.put("d1", 101L);
    script.places.put(VGROUP, new TopicPlace(0, 0, 50));
    script.result(new TopicPlace(0, 50, 50), "d1");
    script.result(new TopicPlace(3, 50, 40));
    script.results.add(() -> script.places.put(VGROUP, new TopicPlace(3, 40, 40)));

    try (VnodeFollower follower = follow(feed.of(VGROUP))) {
      IngestReport report = follower.poll(Long.MAX_VALUE);

      assertEquals(1, report.generationsBegun());
      assertEquals(2, follower.standing().generation());
      assertEquals(40, follower.standing().nextVersion());
      assertEquals(
          Verdict.FULL_REQUIRED, follower.view().changedAfter(new WalPosition(1, 49)).verdict());
    }
    assertEquals(
        List.of("subscribe", "seek 0", "find d1", "close", "subscribe", "seek 3"),
        script.calls,
        "believed of a consumer that has just begun only");
  }

  @Test
  void shouldGoOnWhereTheJournalIsAfterAFailure() throws Exception {
    script.uids.put("d1", 101L);
    script.places.put(VGROUP, new TopicPlace(0, 0, 30));
    script.result(new TopicPlace(0, 10, 30), "d1");
    try (VnodeFollower follower = follow(feed.of(VGROUP))) {
      follower.poll(1);
      script.failure = "connection lost";

      IOException refused = assertThrows(IOException.class, () -> follower.poll(Long.MAX_VALUE));

      assertEquals("connection lost", refused.getMessage());
    }
    // What the new consumer would ask for is not what counts.
    script.places.put(VGROUP, new TopicPlace(0, 30, 30));
    script.calls.clear();
    script.result(new TopicPlace(0, 30, 30), "d1");

    try (VnodeFollower follower = follow(feed.of(VGROUP))) {
      follower.poll(Long.MAX_VALUE);

      assertEquals(List.of("subscribe", "seek 10", "find d1"), script.calls);
      assertEquals(30, follower.standing().nextVersion());
    }
  }

  @Test
  void shouldKeepWhatItPolledForAnotherVgroup() throws Exception {
    script.uids.putAll(Map.of("d1", 101L, "e1", 201L));
    script.places.put(6, new TopicPlace(0, 0, 4));
    script.places.put(VGROUP, new TopicPlace(0, 0, 4));
    RowFeed one = feed.of(VGROUP);
    RowFeed other = feed.of(6);
    assertEquals(0, other.read(0).next(), "nothing yet");
    script.results.add(
        () -> {
          script.rows = List.of(Script.row(6, "e1", 3), Script.row(VGROUP, "d1", 2));
          script.places.put(6, new TopicPlace(0, 4, 4));
          script.places.put(VGROUP, new TopicPlace(0, 3, 4));
        });

    RowFeed.Batch first = one.read(0);
    RowFeed.Batch second = other.read(0);

    assertEquals(3, first.next());
    assertEquals(101, first.rows().get(0).table().uid());
    assertEquals(4, second.next());
    assertEquals(201, second.rows().get(0).table().uid());
  }

  @Test
  void shouldRefuseAVgroupThatAnotherConsumerHas() {
    IOException refused = assertThrows(IOException.class, () -> feed.of(9).read(0));

    assertEquals(
        "topic does not hold this vgroup, or another consumer of its group has it: vgroup=9,"
            + " given=[5]",
        refused.getMessage());
  }

  @Test
  void shouldRefuseToReadWhenItIsClosed() throws Exception {
    RowFeed rows = feed.of(VGROUP);
    rows.read(0);

    feed.close();

    IOException refused = assertThrows(IOException.class, () -> rows.read(0));
    assertEquals("topic is not read any more: vgroup=5", refused.getMessage());
    assertEquals("close", script.calls.get(script.calls.size() - 1));
  }

  @Test
  void shouldNotTakeANameForItsOldTableBehindWhatATopicHid() throws Exception {
    vnode.insert(1, 0);
    try (VnodeFollower follower = followWal()) {
      follower.poll(Long.MAX_VALUE);
    }
    // Unseen: d1 is dropped and made again.
    script.places.put(VGROUP, new TopicPlace(0, 3, 5));
    script.result(new TopicPlace(0, 5, 5));
    vnode.wal().noop();
    vnode.wal().noop();
    try (VnodeFollower follower = follow(feed.of(VGROUP))) {
      follower.poll(Long.MAX_VALUE);
      assertEquals(5, follower.standing().nextVersion());
    }
    long altered = vnode.wal().addColumn("d1", "c", 4, 4, 0);
    vnode.insert(1, 0);
    long alteredAgain = vnode.wal().addColumn("d1", "c", 4, 4, 0);

    try (VnodeFollower follower = followWal()) {
      follower.poll(Long.MAX_VALUE);

      WalPosition doubted = new WalPosition(1, altered);
      WalPosition known = new WalPosition(1, alteredAgain);
      assertEquals(
          List.of(
              new Hole(
                  1,
                  altered,
                  altered,
                  "altered table may be another one since the last gap: table=d1")),
          follower.view().changedIn(doubted, doubted).holes());
      ChangeSet exact = follower.view().changedIn(known, known);
      assertEquals(Verdict.EXACT, exact.verdict());
      assertEquals(Set.of("table 1001 d1 7-7"), blocks(follower, exact));
    }
  }

  /** The log goes back while a topic is read, and is written again longer than before. */
  private VnodeFollower rolledBack(long firstOfNewTerm) throws Exception {
    vnode.insert(1, 0);
    vnode.wal().roll();
    vnode.insert(1, 1);
    vnode.insert(1, 2);
    vnode.wal().roll();
    try (VnodeFollower follower = followWal()) {
      follower.poll(Long.MAX_VALUE);
      assertEquals(5, follower.standing().nextVersion());
    }
    vnode.insert(2, 3);
    script.places.put(VGROUP, new TopicPlace(0, 5, 6));
    script.result(new TopicPlace(0, 6, 6));
    try (VnodeFollower follower = follow(feed.of(VGROUP))) {
      follower.poll(Long.MAX_VALUE);
      assertEquals(6, follower.standing().nextVersion());
    }
    vnode.close();
    Path wal = vnode.directory().walDirectory();
    for (long segment = firstOfNewTerm; segment <= 5; segment += 2) {
      Files.delete(wal.resolve(String.format("%020d.log", segment)));
    }
    try (WalWriter writer = WalWriter.create(wal, VGROUP, firstOfNewTerm)) {
      writer.nextVersion(firstOfNewTerm).term(9);
      for (long version = firstOfNewTerm; version < 6; version++) {
        writer.noop();
      }
      writer.submit(WalContent.Block.rows(SUID, 1001, 4 * DAY_SECONDS * 1000));
    }
    VnodeFollower follower = followWal();
    follower.poll(Long.MAX_VALUE);
    return follower;
  }

  @Test
  void shouldBeginAGenerationWhereTheLogWentBackBelowWhatItsFilesTold() throws Exception {
    try (VnodeFollower follower = rolledBack(3)) {
      assertEquals(2, follower.standing().generation());
      assertEquals(7, follower.standing().nextVersion());
      for (long base = 2; base <= 5; base++) {
        assertEquals(
            Verdict.FULL_REQUIRED,
            follower.view().changedAfter(new WalPosition(1, base)).verdict(),
            "base=" + base);
      }
    }
  }

  @Test
  void shouldGoOnWhereOnlyWhatATopicToldWentBack() throws Exception {
    try (VnodeFollower follower = rolledBack(5)) {
      ChangeSet acrossTopic = follower.view().changedAfter(new WalPosition(1, 4));
      ChangeSet behindTopic = follower.view().changedAfter(new WalPosition(1, 5));

      assertEquals(1, follower.standing().generation());
      assertEquals(List.of(new Hole(1, 5, 5, ROWS_ONLY)), acrossTopic.holes());
      assertEquals(Verdict.EXACT, behindTopic.verdict());
      assertEquals(Set.of("data 1001 4 d1 6-6"), blocks(follower, behindTopic));
    }
  }

  @Test
  void shouldNameTablesThatTheLogOnlyKnowsByUid() throws Exception {
    vnode.wal().submit(WalContent.Block.rows(SUID, 104, 0), WalContent.Block.rows(SUID, 105, 0));
    long altered;
    try (VnodeFollower follower = followWal()) {
      follower.poll(Long.MAX_VALUE);
      ChangeSet before = follower.view().changedEver();
      assertEquals(List.of(104L), follower.unnamedTables(1));
      assertEquals(Set.of(104L, 105L), Set.copyOf(follower.unnamedTables(10)));

      follower.nameTables(List.of(new RowFeed.Table(104, SUID, "d4", "meters")));

      assertEquals(List.of(105L), follower.unnamedTables(10));
      assertEquals(
          Set.of("stable 7  1-1", "data 104 0 d4 2-2", "data 105 0  2-2"),
          blocks(follower, before),
          "a name is no change");
      assertEquals(before.changes(), follower.view().changedEver().changes());
      altered = vnode.wal().addColumn("d4", "c", 4, 4, 0);
      follower.poll(Long.MAX_VALUE);
    }
    try (VnodeFollower again = followWal()) {
      WalPosition at = new WalPosition(1, altered);
      ChangeSet answer = again.view().changedIn(at, at);

      assertEquals(Verdict.EXACT, answer.verdict());
      assertEquals(Set.of("table 104 d4 3-3"), blocks(again, answer));
      assertEquals(List.of(105L), again.unnamedTables(10));
    }
  }

  @Test
  void shouldReadAPasswordThatNobodyElseMayRead() throws IOException {
    Path file = directory.resolve("password");
    Files.writeString(file, "secret\nnot this\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertEquals("secret", PasswordFile.read(file));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    IOException open = assertThrows(IOException.class, () -> PasswordFile.read(file));

    assertEquals(
        "password file may be read by others: allowed=rw-------, actual=rw-r-----, file=" + file,
        open.getMessage());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(file, "\n");
    assertEquals(
        "password file holds no password: file=" + file,
        assertThrows(IOException.class, () -> PasswordFile.read(file)).getMessage());
    Files.writeString(file, "x".repeat(5000));
    assertEquals(
        "password file is too long: limitBytes=4096, lengthBytes=5000, file=" + file,
        assertThrows(IOException.class, () -> PasswordFile.read(file)).getMessage());
  }
}
