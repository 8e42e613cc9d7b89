package io.tidemark.tdengine;

import io.tidemark.block.BlockState;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.metrics.Metric;
import io.tidemark.metrics.RateMeter;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.state.StateCounts;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.Coverage;
import io.tidemark.tracker.RecoveryReport;
import io.tidemark.tracker.StoreView;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/**
 * Follows one log, of a vnode or of an embedded engine, into its store, and counts what it does.
 *
 * <p>Has the store open for writing. One thread at a time, not always the same; after an exception
 * of {@link #poll} only {@link #close} may be called.
 */
public final class VnodeFollower implements AutoCloseable {

  /** The time as a follower sees it. */
  public record Clocks(EpochClock epoch, NanoClock nano) {}

  private final FollowedLog log;
  private final ChangeTracker tracker;
  private final VgroupSource source;
  private final StoreCounters counters;
  private final StoreFiles files;
  private final Clocks clocks;
  private final long startedMs;
  private final RateMeter eventRate;
  private final RateMeter messageRate;
  private final RateMeter byteRate;

  private long events;
  private long messages;
  private long refreshedMessages;
  private long bytes;
  private long checkpointMs;
  private boolean isCaughtUp;

  private VnodeFollower(
      FollowedLog log,
      ChangeTracker tracker,
      VgroupSource source,
      StoreCounters counters,
      StoreFiles files,
      long startedMs,
      Clocks clocks) {
    this.log = log;
    this.tracker = tracker;
    this.source = source;
    this.counters = counters;
    this.files = files;
    this.startedMs = startedMs;
    this.clocks = clocks;
    this.checkpointMs = clocks.epoch().time();
    long nowNs = clocks.nano().nanoTime();
    this.eventRate = new RateMeter(nowNs);
    this.messageRate = new RateMeter(nowNs);
    this.byteRate = new RateMeter(nowNs);
  }

  /**
   * Opens the store of a log, creates it if there is none, and finds where to go on.
   *
   * @param store the store directory
   * @param before counters of this log before, whose totals go on
   * @param startedMs when the process began to follow, ms since the epoch
   * @throws WalDecodeException if what describes the log cannot be understood, or there is nothing
   *     to read
   * @throws io.tidemark.errors.StoreLockedException if another process follows it
   */
  public static VnodeFollower open(
      FollowedLog log,
      Path store,
      TrackerOptions options,
      StoreCounters before,
      long startedMs,
      Clocks clocks)
      throws IOException, WalDecodeException {
    ChangeTracker tracker = ChangeTracker.open(store, log.shard(), options);
    try {
      VgroupSource source = log.open(tracker);
      try {
        log.describeIn(store, tracker.identity().storeId());
        StoreCounters counters =
            StoreCounters.create(
                store, log.labels(), tracker.epoch(), startedMs, clocks.epoch(), before);
        return new VnodeFollower(
            log, tracker, source, counters, new StoreFiles(store), startedMs, clocks);
      } catch (IOException | WalDecodeException | RuntimeException e) {
        source.close();
        throw e;
      }
    } catch (IOException | WalDecodeException | RuntimeException e) {
      tracker.abandon();
      throw e;
    }
  }

  /** Returns what opening the store found. */
  public RecoveryReport recovery() {
    return tracker.recovery();
  }

  /** Returns the counters; any thread may read them. */
  public StoreCounters counters() {
    return counters;
  }

  /** Returns how many events take memory until they are sealed. */
  public int openEvents() {
    return tracker.openEvents();
  }

  /** Keeps them at or below a number from now on, by sealing earlier. */
  public void limitOpenEvents(int events) throws IOException {
    tracker.limitOpenEvents(events);
    if (tracker.openEvents() > events) {
      tracker.seal();
    }
  }

  /** Returns how often that was necessary. */
  public long earlySeals() {
    return tracker.earlySeals();
  }

  /**
   * Takes in what is new, but at most so many records; it is applied when this returns.
   *
   * @return what was taken in
   */
  public IngestReport poll(long recordLimit) throws IOException {
    long beganNs = clocks.nano().nanoTime();
    IngestReport report = source.catchUp(recordLimit);
    isCaughtUp = report.isAtEnd();
    if (report.records() > 0 || !report.newHoles().isEmpty()) {
      count(report, beganNs);
    }
    return report;
  }

  private void count(IngestReport report, long beganNs) {
    events += report.events();
    messages += report.records();
    bytes += report.bytes();
    long lost = report.newHoles().stream().mapToLong(hole -> hole.last() - hole.first() + 1).sum();
    counters.add(Metric.MESSAGES_DROPPED, lost - report.undecoded());
    counters.add(Metric.PARSE_ERRORS, report.undecoded());
    counters.set(Metric.PROCESSING_DELAY_MS, (clocks.nano().nanoTime() - beganNs) / 1_000_000);
    if (report.records() > 0) {
      long age = clocks.epoch().time() - report.lastTimestampUs() / 1000;
      counters.set(Metric.CONSUMER_LAG_MS, Math.max(0, age));
    }
  }

  /** Seals the open segment: its events then take no memory. */
  public void seal() throws IOException {
    tracker.seal();
  }

  /** Forgets chains that owe changes older than a limit; see {@code BackupChains.dropIdle}. */
  public List<String> dropIdleChains(long limitNs) throws IOException {
    return tracker.backups().dropIdle(limitNs);
  }

  /** Publishes everything, so that the next opening replays nothing. */
  public void checkpoint() throws IOException {
    tracker.checkpoint();
    checkpointMs = clocks.epoch().time();
  }

  /** Brings the metrics up that are not counted as it goes; looks at files. */
  public void refresh() throws IOException, WalDecodeException {
    long nowMs = clocks.epoch().time();
    long nowNs = clocks.nano().nanoTime();
    counters.set(Metric.EVENTS_PER_SECOND, eventRate.update(events, nowNs));
    counters.set(Metric.MESSAGES_PER_SECOND, messageRate.update(messages, nowNs));
    counters.set(Metric.BYTES_PER_SECOND, byteRate.update(bytes, nowNs));
    counters.set(Metric.GAP_COUNT, tracker.coverage().gapCount());
    counters.set(Metric.LAST_CHECKPOINT_AGE_SECONDS, Math.max(0, nowMs - checkpointMs) / 1000);
    counters.set(Metric.UPTIME_SECONDS, Math.max(0, nowMs - startedMs) / 1000);
    counters.set(Metric.MEMORY_USAGE_BYTES, ProcessMemory.usedBytes());
    counters.set(Metric.JOURNAL_SIZE_BYTES, files.journalBytes());
    counters.set(Metric.SEGMENT_COUNT, files.segmentCount());
    counters.set(Metric.BITMAP_MEMORY_BYTES, files.bitmapBytes());
    counters.set(Metric.METADATA_MEMORY_BYTES, files.metadataBytes());
    WalHeadroom headroom = log.headroom(source.nextVersion(), nowMs);
    counters.set(Metric.WAL_HEADROOM_SECONDS, headroom.seconds());
    if (isCaughtUp && messages == refreshedMessages) {
      counters.set(Metric.CONSUMER_LAG_MS, 0);
    }
    refreshedMessages = messages;
    // The index may lie; a poll that reached the end does not, if it was since the last look.
    counters.set(Metric.OFFSET_LAG, isCaughtUp ? 0 : headroom.unreadRecords());
    isCaughtUp = false;
    // Last: who sees it must find every value above in its place, or an alarm is raised by a 0.
    counters.set(Metric.LAST_UPDATE_TIME, nowMs);
    counters.heartbeat();
  }

  /** Returns everything applied so far, for questions; later polls do not show in it. */
  public StoreView view() {
    return tracker.view();
  }

  /** Returns what the log was declared complete of; changed by {@link #poll}. */
  public Coverage coverage() {
    return tracker.coverage();
  }

  /** Returns the uids of tables that have data blocks and no name, at most so many. */
  public List<Long> unnamedTables(int limit) {
    return source.unnamed(limit);
  }

  /** Gives tables their names, as a server tells them by uid; nothing counts as changed by that. */
  public void nameTables(List<RowFeed.Table> tables) throws IOException {
    source.name(tables);
  }

  /** Returns the names of all blocks so far. */
  public BlockCatalog names() {
    return BlockCatalog.of(tracker.catalog());
  }

  /**
   * Returns the highest block id that was given so far; 0 for none. Each one below was given too.
   */
  public long lastBlockId() {
    return tracker.nextBlockId() - 1;
  }

  /** Returns the state of a block. */
  public BlockState state(long blockId) throws IOException {
    return tracker.state(blockId);
  }

  /** Returns how many blocks are known, and how many are in each state. */
  public StateCounts counts() throws IOException {
    return tracker.counts();
  }

  /**
   * Declares a version unknown that was declared complete, because a change of it turned out to be
   * missing: answers across it are FULL_REQUIRED from now on. Durable when it returns.
   */
  public void distrust(long version, String reason) throws IOException {
    RecordBuffer record = new RecordBuffer();
    record.generation(tracker.coverage().generation());
    record.gap(version, version, reason);
    tracker.append(record);
  }

  /** Returns where it stands. */
  public Standing standing() {
    Long through = tracker.coverage().completeThrough();
    return new Standing(
        tracker.coverage().generation(),
        through == null ? -1 : through,
        source.nextVersion(),
        tracker.position(),
        tracker.durablePosition());
  }

  /**
   * Where a follower stands.
   *
   * @param generation how often the log was found rolled back, plus one
   * @param completeThrough version up to which the log is complete or its holes are named,
   *     unsigned; −1 for none
   * @param nextVersion version that is due next
   * @param journalPosition journal position of the last entry applied
   * @param durablePosition journal position up to which entries survive a power cut
   */
  public record Standing(
      int generation,
      long completeThrough,
      long nextVersion,
      long journalPosition,
      long durablePosition) {}

  /**
   * Publishes a checkpoint and gives the store back. The counters stay open: whoever has them
   * closes them, or goes on with them.
   */
  @Override
  public void close() throws IOException {
    try {
      source.close();
    } finally {
      tracker.close();
    }
  }
}
