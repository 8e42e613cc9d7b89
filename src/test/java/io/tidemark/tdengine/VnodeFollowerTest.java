package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.StoreLockedException;
import io.tidemark.metrics.CountersFile;
import io.tidemark.metrics.Metric;
import io.tidemark.metrics.MetricSample;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.StoreIdentity;
import io.tidemark.tracker.StoreReader;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.CachedEpochClock;
import org.agrona.concurrent.CachedNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A vnode followed step by step, with a clock that stands still: which metric moves, and when. */
class VnodeFollowerTest {
  private static final int VGROUP = 5;
  private static final int RETENTION_SECONDS = 3600;
  private static final long START_MS = 1_790_000_000_000L;

  /** They move with the clock or the process, whatever the log does. */
  private static final Set<Metric> RESTLESS =
      EnumSet.of(
          Metric.LAST_UPDATE_TIME,
          Metric.UPTIME_SECONDS,
          Metric.MEMORY_USAGE_BYTES,
          Metric.LAST_CHECKPOINT_AGE_SECONDS);

  @TempDir private Path directory;
  private final CachedEpochClock epochClock = new CachedEpochClock();
  private final CachedNanoClock nanoClock = new CachedNanoClock();
  private final VnodeFollower.Clocks clocks = new VnodeFollower.Clocks(epochClock, nanoClock);
  private GeneratedVnode vnode;
  private VnodeFollower follower;

  @BeforeEach
  void open() throws Exception {
    epochClock.update(START_MS);
    nanoClock.update(0);
    vnode = GeneratedVnode.create(directory, VGROUP, "power", RETENTION_SECONDS);
    vnode.wal().ingestTimestampUs(START_MS * 1000 - 250_000);
    follower = openFollower(StoreCounters.inMemory(Map.of(), epochClock));
  }

  private VnodeFollower openFollower(StoreCounters before) throws Exception {
    return VnodeFollower.open(
        new WalLog(vnode.directory(), RecycledHistory.NONE),
        store(),
        options(),
        before,
        START_MS,
        clocks);
  }

  private static TrackerOptions options() {
    return TrackerOptions.builder().journalRollBytes(1 << 16).unlimited().build();
  }

  private Path store() {
    return directory.resolve("store");
  }

  @AfterEach
  void close() throws IOException {
    follower.close();
    vnode.close();
  }

  private void advance(long ms) {
    epochClock.update(epochClock.time() + ms);
    nanoClock.update(nanoClock.nanoTime() + 1_000_000 * ms);
  }

  /** Takes in everything and brings the metrics up, a second after the last time. */
  private MetricSample pollAndRefresh() throws Exception {
    follower.poll(Long.MAX_VALUE);
    advance(1_000);
    follower.refresh();
    return CountersFile.open(store()).sample();
  }

  /** Returns which metrics differ, but for those that always do. */
  private static Set<Metric> moved(MetricSample before, MetricSample after) {
    Set<Metric> moved = EnumSet.noneOf(Metric.class);
    for (Metric metric : Metric.values()) {
      if (before.value(metric) != after.value(metric) && !RESTLESS.contains(metric)) {
        moved.add(metric);
      }
    }
    return moved;
  }

  @Test
  void shouldCountWhatComesAndRestWhenNothingDoes() throws Exception {
    MetricSample first = pollAndRefresh();
    assertEquals(Map.of("database", "power", "vgroup", "5"), first.labels());
    assertEquals(2, first.value(Metric.MESSAGES_PER_SECOND));
    MetricSample idle = pollAndRefresh();
    assertEquals(0, idle.value(Metric.EVENTS_PER_SECOND));
    assertEquals(Set.of(), moved(idle, pollAndRefresh()));

    for (int i = 0; i < 10; i++) {
      vnode.insert(i, 1);
    }
    MetricSample busy = pollAndRefresh();

    assertEquals(
        EnumSet.of(
            Metric.EVENTS_PER_SECOND,
            Metric.MESSAGES_PER_SECOND,
            Metric.BYTES_PER_SECOND,
            Metric.CONSUMER_LAG_MS),
        moved(idle, busy));
    assertEquals(10, busy.value(Metric.MESSAGES_PER_SECOND));
    assertEquals(20, busy.value(Metric.EVENTS_PER_SECOND), "a definition and a data block each");
    // Three polls, a second each, since the time that the log began with.
    assertEquals(3_250, busy.value(Metric.CONSUMER_LAG_MS));
    assertEquals(idle.values(), withRestless(pollAndRefresh(), idle));
  }

  /** Returns values with those that always move taken from another sample. */
  private static Map<Metric, Long> withRestless(MetricSample sample, MetricSample other) {
    Map<Metric, Long> values = sample.values();
    RESTLESS.forEach(metric -> values.put(metric, other.value(metric)));
    return values;
  }

  @Test
  void shouldMeasureABatchByTheClock() throws Exception {
    nanoClock.update(0);
    VnodeFollower.Clocks ticking =
        new VnodeFollower.Clocks(
            epochClock,
            () -> {
              nanoClock.update(nanoClock.nanoTime() + 7_000_000);
              return nanoClock.nanoTime();
            });
    follower.close();
    follower =
        VnodeFollower.open(
            new WalLog(vnode.directory(), RecycledHistory.NONE),
            store(),
            options(),
            StoreCounters.inMemory(Map.of(), epochClock),
            START_MS,
            ticking);

    follower.poll(Long.MAX_VALUE);
    assertEquals(7, follower.counters().get(Metric.PROCESSING_DELAY_MS));
  }

  @Test
  void shouldTakeInNoMoreThanItIsTold() throws Exception {
    follower.poll(Long.MAX_VALUE);
    for (int i = 0; i < 10; i++) {
      vnode.insert(i, 1);
    }

    IngestReport part = follower.poll(4);
    follower.refresh();

    assertEquals(4, part.records());
    assertFalse(part.isAtEnd());
    assertEquals(6, follower.counters().get(Metric.OFFSET_LAG));
    IngestReport rest = follower.poll(7);
    follower.refresh();
    assertEquals(6, rest.records());
    assertTrue(rest.isAtEnd());
    assertEquals(0, follower.counters().get(Metric.OFFSET_LAG));
    assertEquals(11, follower.standing().completeThrough());
  }

  @Test
  void shouldCountWhatWasLostAndWhatWasNotUnderstood() throws Exception {
    MetricSample before = pollAndRefresh();
    vnode.wal().append(MessageType.VND_ALTER_HASHRANGE, new byte[] {1});
    MetricSample undecoded = pollAndRefresh();
    assertEquals(1, undecoded.value(Metric.PARSE_ERRORS));
    assertEquals(0, undecoded.value(Metric.MESSAGES_DROPPED));
    assertEquals(1, undecoded.value(Metric.GAP_COUNT));
    assertEquals(0, before.value(Metric.GAP_COUNT));

    vnode.wal().nextVersion(10).roll();
    vnode.insert(1, 1);
    MetricSample lost = pollAndRefresh();

    assertEquals(1, lost.value(Metric.PARSE_ERRORS));
    assertEquals(7, lost.value(Metric.MESSAGES_DROPPED));
    assertEquals(2, lost.value(Metric.GAP_COUNT));
  }

  @Test
  void shouldShowWhatACheckpointLeavesOnDisk() throws Exception {
    vnode.insert(1, 1);
    MetricSample before = pollAndRefresh();
    assertEquals(1, before.value(Metric.LAST_CHECKPOINT_AGE_SECONDS));
    assertTrue(before.value(Metric.JOURNAL_SIZE_BYTES) > 0);
    assertTrue(before.value(Metric.MEMORY_USAGE_BYTES) > 0);
    assertTrue(follower.openEvents() > 0);

    follower.checkpoint();
    MetricSample after = pollAndRefresh();

    assertEquals(0, before.value(Metric.SEGMENT_COUNT));
    assertEquals(1, after.value(Metric.SEGMENT_COUNT));
    assertTrue(after.value(Metric.BITMAP_MEMORY_BYTES) > 0);
    assertEquals(1, after.value(Metric.LAST_CHECKPOINT_AGE_SECONDS));
    assertEquals(0, follower.openEvents());
    assertEquals(START_MS + 2_000, after.value(Metric.LAST_UPDATE_TIME));
    assertEquals(2, after.value(Metric.UPTIME_SECONDS));
  }

  @Test
  void shouldSeeTheHeadroomShrinkWhileTheLogIsNotRead() throws Exception {
    assertEquals(RETENTION_SECONDS, pollAndRefresh().value(Metric.WAL_HEADROOM_SECONDS));
    vnode.insert(1, 1);
    vnode.wal().roll();
    vnode.insert(2, 1);
    Path closed = WalSegment.list(vnode.directory().walDirectory()).get(0).file();
    Files.setLastModifiedTime(closed, FileTime.fromMillis(epochClock.time()));

    advance(600_000);
    follower.refresh();
    assertEquals(RETENTION_SECONDS - 600, follower.counters().get(Metric.WAL_HEADROOM_SECONDS));
    assertEquals(2, follower.counters().get(Metric.OFFSET_LAG));
    advance(10_000_000);
    follower.refresh();
    assertEquals(0, follower.counters().get(Metric.WAL_HEADROOM_SECONDS));

    assertEquals(RETENTION_SECONDS, pollAndRefresh().value(Metric.WAL_HEADROOM_SECONDS));
  }

  /** An alarm of the headroom was once raised at the start, by the 0 of what was not set yet. */
  @Test
  void shouldShowNoTimeOfUpdateBeforeTheValuesThatItIsTheTimeOf() throws Exception {
    ExecutorService beside = Executors.newSingleThreadExecutor();
    try {
      for (int i = 0; i < 20; i++) {
        follower.close();
        follower = openFollower(follower.counters());
        StoreCounters watched = follower.counters();
        CountDownLatch watches = new CountDownLatch(1);
        Future<MetricSample> first =
            beside.submit(
                () -> {
                  MetricSample sample = watched.sample();
                  watches.countDown();
                  while (sample.value(Metric.LAST_UPDATE_TIME) == 0) {
                    sample = watched.sample();
                  }
                  return sample;
                });
        watches.await();

        follower.refresh();

        assertEquals(RETENTION_SECONDS, first.get().value(Metric.WAL_HEADROOM_SECONDS));
      }
    } finally {
      beside.shutdownNow();
    }
  }

  @Test
  void shouldTakeTheTimeOfClosingFromWhatTheServerNoted() throws Exception {
    vnode.insert(1, 1);
    vnode.wal().roll();
    Files.writeString(
        vnode.directory().walDirectory().resolve("meta-ver3"),
        """
        {"meta":{"firstVer":"0","snapshotVer":"0","commitVer":"0","lastVer":"2"},
        "files":[{"firstVer":"0","lastVer":"2","createTs":"1","closeTs":"%d","fileSize":"1"}]}
        """
            .formatted(START_MS / 1000 - 100));

    WalHeadroom headroom = WalHeadroom.of(vnode.directory(), 1, START_MS);

    assertEquals(new WalHeadroom(2, RETENTION_SECONDS - 100), headroom);
  }

  @Test
  void shouldGoOnCountingWhenItIsOpenedAgain() throws Exception {
    vnode.wal().append(MessageType.VND_ALTER_HASHRANGE, new byte[] {1});
    follower.poll(Long.MAX_VALUE);
    StoreCounters before = follower.counters();
    long epoch = before.sample().epoch();
    follower.close();

    follower = openFollower(before);

    assertEquals(1, follower.counters().get(Metric.PARSE_ERRORS));
    assertEquals(0, follower.counters().get(Metric.GAP_COUNT));
    assertTrue(follower.counters().sample().epoch() > epoch);
    assertEquals(0, follower.poll(Long.MAX_VALUE).records());
  }

  @Test
  void shouldLeaveTheStoreToWhoeverHasIt() {
    StoreCounters counters = StoreCounters.inMemory(Map.of(), epochClock);

    assertThrows(StoreLockedException.class, () -> openFollower(counters));
  }

  @Test
  void shouldFindTheVnodesThatCanBeUsedAndNameTheOthers() throws Exception {
    Files.createDirectories(directory.resolve("vnode9"));
    Files.createDirectories(directory.resolve("vnodes"));
    Files.createFile(directory.resolve("vnode7"));
    List<String> unusable = new ArrayList<>();

    List<VnodeDirectory> found =
        VnodeDirectory.findUsable(directory, e -> unusable.add(e.getMessage()));

    assertEquals(List.of(vnode.directory()), found);
    assertEquals(
        List.of(
            "vnode is incomplete: missing=vnode.json, directory=" + directory.resolve("vnode9")),
        unusable);
    assertEquals(List.of(), VnodeDirectory.findUsable(directory.resolve("vnodes"), e -> {}));
    assertThrows(
        VnodeDirectoryException.class,
        () -> VnodeDirectory.findUsable(directory.resolve("nothing"), e -> {}));
  }

  @Test
  void shouldForgetAChainThatNobodyBacksUp() throws Exception {
    long dayUs = 86_400_000_000L;
    vnode.insert(1, 1);
    follower.poll(Long.MAX_VALUE);
    follower.close();
    try (ChangeTracker tracker =
        ChangeTracker.open(store(), StoreIdentity.open(store()).shard(), options())) {
      tracker.backups().commit(tracker.backups().prepare("weekly"));
    }
    follower = openFollower(StoreCounters.inMemory(Map.of(), epochClock));
    vnode.wal().ingestTimestampUs(START_MS * 1000);
    vnode.insert(1, 2);
    vnode.wal().ingestTimestampUs(START_MS * 1000 + 31 * dayUs);
    vnode.insert(1, 3);
    follower.poll(Long.MAX_VALUE);

    assertEquals(List.of(), follower.dropIdleChains(TimeUnit.DAYS.toNanos(32)));
    assertEquals(List.of("weekly"), follower.dropIdleChains(TimeUnit.DAYS.toNanos(30)));
    assertEquals(Map.of(), StoreReader.open(store()).chains());
  }
}
