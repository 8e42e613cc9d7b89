package io.tidemark.tdengine;

import io.tidemark.block.Hole;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.Coverage;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.EpochClock;

/**
 * Brings the rows of a topic into the tracker of their vgroup, and declares every version that was
 * passed a hole.
 *
 * <p>Used by the tracker's thread.
 */
final class TopicEventSource implements VgroupSource {

  /*
   * Coverage. A topic hides deletions, definitions and what was dropped, so nothing of it is complete.
   * The blocks that had rows are journaled first, then the hole that they lie in: a crash in between
   * brings the same rows again, to the same places. What the server recycled before it was read is a
   * hole of its own, of which nothing is known.
   *
   * Places. A row lies somewhere in a stretch of versions. Its block is created at the first of them,
   * if it is new, and changes at the last.
   *
   * Rollback. A topic that ends below what was delivered belongs to a log that was rolled back or
   * replaced, nobody knows to where: a generation begins that shares nothing, and all of the topic is
   * read again. A generation whose beginner crashed before it had said what went back gets a hole at
   * the place where it would have said so.
   */

  private static final String ROWS_ONLY = "read from a topic, which shows rows and nothing else";
  private static final String RECYCLED = "recycled by the server before it was read from the topic";
  private static final String REPLACED =
      "topic ends below what was delivered: log was rolled back or replaced";
  private static final String NOT_UNDONE = "rolled back, and what went back was not found out";
  private static final int NAMES_MAX = 3;

  private final ChangeTracker tracker;
  private final RowFeed feed;
  private final TimestampPrecision precision;
  private final FileSets fileSets;
  private final EventBatch batch;
  private final EventTranslator translator;
  private final EpochClock clock;
  private int generation;

  /** Version that is due next. */
  private long expected;

  private final IngestTally tally = new IngestTally();

  private TopicEventSource(
      ChangeTracker tracker, RowFeed feed, VnodeConfig config, EpochClock clock) {
    this.tracker = tracker;
    this.feed = feed;
    this.precision = config.precision();
    this.fileSets = config.fileSets();
    this.clock = clock;
    this.batch = new EventBatch(tracker);
    this.translator = new EventTranslator(batch, fileSets, tracker);
    this.generation = tracker.coverage().generation();
  }

  /** Begins where the tracker's store left off. */
  static TopicEventSource open(
      VnodeConfig config, ChangeTracker tracker, RowFeed feed, EpochClock clock)
      throws IOException {
    TopicEventSource source = new TopicEventSource(tracker, feed, config, clock);
    source.findStart();
    return source;
  }

  private void findStart() throws IOException {
    Coverage coverage = tracker.coverage();
    Long delivered = coverage.deliveredThrough(generation);
    if (delivered != null) {
      expected = delivered + 1;
      return;
    }
    expected = coverage.firstOwn(generation);
    if (generation > 1) {
      long lastCommon = Math.max(0, expected - 1);
      batch.gap(lastCommon, lastCommon, NOT_UNDONE);
    }
  }

  /**
   * Reads rows until nothing comes or there are so many; everything read is applied when this
   * returns.
   */
  @Override
  public IngestReport catchUp(long recordLimit) throws IOException {
    boolean isAtEnd = false;
    while (!isAtEnd && tally.records() < recordLimit) {
      RowFeed.Batch read = feed.read(expected);
      if (read.end() < expected) {
        beginGeneration(read.begin());
      } else {
        isAtEnd = !take(read);
      }
    }
    batch.append();
    return tally.report(batch.takeEventCount(), null, isAtEnd);
  }

  /** Takes in a stretch and declares it unknown; returns whether there was any. */
  private boolean take(RowFeed.Batch read) throws IOException {
    if (read.begin() > expected) {
      batch.gap(expected, read.begin() - 1, RECYCLED);
      tally.hole(new Hole(generation, expected, read.begin() - 1, RECYCLED));
      expected = read.begin();
    }
    if (read.next() <= expected) {
      return false;
    }
    long first = expected;
    long last = read.next() - 1;
    long readMs = clock.time();
    for (Map.Entry<RowFeed.Table, SortedSet<Long>> table : fileSetsOf(read.rows()).entrySet()) {
      for (long fileSet : table.getValue()) {
        translator.rows(
            table.getKey(), fileSet, first, last, TimeUnit.MILLISECONDS.toNanos(readMs));
      }
    }
    batch.gap(first, last, reason(read.unknownTables()));
    expected = read.next();
    tally.records(read.rows().size(), first, last, TimeUnit.MILLISECONDS.toMicros(readMs));
    return true;
  }

  private Map<RowFeed.Table, SortedSet<Long>> fileSetsOf(List<RowFeed.Row> read) {
    Map<RowFeed.Table, SortedSet<Long>> sets = new LinkedHashMap<>();
    for (RowFeed.Row row : read) {
      sets.computeIfAbsent(row.table(), unused -> new TreeSet<>())
          .add(fileSets.fileSetOf(ticks(row.time())));
    }
    return sets;
  }

  /** Returns a time in the database's precision, cut at the ends of the range. */
  private long ticks(Instant time) {
    long second = precision.ticksPerSecond();
    long nanosPerTick = TimeUnit.SECONDS.toNanos(1) / second;
    try {
      return Math.addExact(
          Math.multiplyExact(time.getEpochSecond(), second), time.getNano() / nanosPerTick);
    } catch (ArithmeticException e) {
      return time.getEpochSecond() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  private static String reason(SortedSet<String> unknownTables) {
    if (unknownTables.isEmpty()) {
      return ROWS_ONLY;
    }
    StringBuilder text = new StringBuilder(ROWS_ONLY + "; rows of tables that are not known");
    unknownTables.stream().limit(NAMES_MAX).forEach(name -> text.append(", table=").append(name));
    int more = unknownTables.size() - NAMES_MAX;
    return more > 0 ? text.append(", more=").append(more).toString() : text.toString();
  }

  private void beginGeneration(long begin) throws IOException {
    generation++;
    tally.generationBegun();
    long last = Math.max(0, begin - 1);
    batch.beginGeneration(generation, 0);
    batch.gap(0, last, REPLACED);
    tally.hole(new Hole(generation, 0, last, REPLACED));
    for (long id : tracker.catalog().ids()) {
      translator.revive(BlockName.decode(Objects.requireNonNull(tracker.catalog().name(id))));
    }
    expected = begin;
  }

  @Override
  public long nextVersion() {
    return expected;
  }

  @Override
  public List<Long> unnamed(int limit) {
    return translator.unnamed(limit);
  }

  @Override
  public void name(List<RowFeed.Table> tables) throws IOException {
    translator.name(tables);
  }

  /** Does nothing: the feed belongs to whoever gave it. */
  @Override
  public void close() {}
}
