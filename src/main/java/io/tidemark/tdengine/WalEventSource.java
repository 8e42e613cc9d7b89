package io.tidemark.tdengine;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Hole;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.Coverage;
import io.tidemark.tracker.Rollback;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings the WAL of one vnode into its tracker: every version once, or a hole that names it.
 *
 * <p>Used by the tracker's thread. Reads files only; the server is not disturbed.
 */
public final class WalEventSource implements VgroupSource {

  /*
   * Continuity. Versions are dense. One that is skipped is a hole, one that cannot be decoded is a
   * hole of one version. Where the WAL begins behind the version that is due, what lies between is a
   * hole: the server recycled it before it was read.
   *
   * One log. What is read next belongs to the log that was delivered as long as the record read last
   * lies where it lay: a server that takes an entry back cuts its file or deletes it. The reader's
   * window sees to that inside a segment, the anchor from one segment to the next. Over an opening
   * the journal's marks do: term, checksum and place of each batch's last record.
   *
   * Recycled versions. What the data files still show of them is journaled before their hole is: then
   * the blocks have their ids before the first record that is read changes or deletes them. The hole
   * stays one, for nothing shows definitions and what is gone. A crash in between does it again.
   *
   * Holes. A version above the newest entry that was delivered lies in a hole, which another source may
   * have left: whatever is there now replaces nothing, and the hole stays.
   *
   * Comparison. Where that cannot be seen, because the reader had to begin a segment again or the
   * anchor's record is gone, the whole log is compared with what was delivered (see WalComparison),
   * and reading goes on behind what they share. If nothing that was delivered is left in the files,
   * because the server recycled it, the next record decides: one of the last delivered term, or the
   * first one of the term that follows it, can only continue it.
   *
   * Rollback. A server that crashed may write versions again with other content, always in a higher
   * term. A delivered version that comes again as another entry begins a new generation behind the
   * last common version; so does a record that cannot be shown to continue what was delivered.
   * What the old generation changed from there on has gone back, so each of those blocks is updated at
   * the new generation's last common position; a change that was in a hole may have gone back too,
   * which is a hole at that position. Until that is complete nothing of the new generation is
   * declared, so a crash in between makes the next opening do it again.
   */

  private static final String RECYCLED = "recycled by the server before it was read";
  private static final String MISSING = "missing in the WAL";
  private static final String EXCHANGED = "perhaps written again before the server recycled it";

  private static final int COMPARE_ATTEMPTS_MAX = 16;

  private final ChangeTracker tracker;
  private final WalReader reader;
  private final EventBatch batch;
  private final EventTranslator translator;
  private final RecycledHistory history;
  private final EntryWindow window = new EntryWindow();
  private final Path walDirectory;
  private final WalAnchor anchor;
  private int generation;

  /** Version that is due next. */
  private long expected;

  /**
   * Version below {@link #expected} up to which the log in the files is known to be the delivered
   * one.
   */
  private long common = -1;

  /** Newest version that was delivered as an entry; the ones above it are a hole. */
  private long newestEntry = -1;

  /** Segment the reader has moved to last. */
  private long segment = WalReader.NO_SEGMENT;

  private String pendingDamage = "";

  private final IngestTally tally = new IngestTally();

  private WalEventSource(
      ChangeTracker tracker,
      WalReader reader,
      Path walDirectory,
      FileSets fileSets,
      RecycledHistory history) {
    this.tracker = tracker;
    this.history = history;
    this.reader = reader;
    this.walDirectory = walDirectory;
    this.anchor = new WalAnchor(walDirectory);
    this.batch = new EventBatch(tracker);
    this.translator = new EventTranslator(batch, fileSets, tracker);
    this.generation = tracker.coverage().generation();
  }

  /** Returns which log a vnode's store tracks, as {@code ChangeTracker.open} wants it. */
  public static String shardOf(VnodeConfig config) {
    return "tdengine vgroup "
        + config.vgroupId()
        + " of database "
        + config.database()
        + " ("
        + config.databaseId()
        + ")";
  }

  /** Opens the WAL of a vnode, of whose recycled versions nothing can be known. */
  public static WalEventSource open(VnodeDirectory vnode, ChangeTracker tracker)
      throws IOException, WalDecodeException {
    return open(vnode, tracker, RecycledHistory.NONE);
  }

  /**
   * Opens the WAL of a vnode where the tracker's store left off.
   *
   * @param history asked about versions that the server recycled before they were read
   * @throws WalDecodeException if vnode.json cannot be understood, or says that there is no WAL
   *     that can be read
   */
  public static WalEventSource open(
      VnodeDirectory vnode, ChangeTracker tracker, RecycledHistory history)
      throws IOException, WalDecodeException {
    VnodeConfig config = vnode.config();
    if (config.walLevel() == 0 || config.walEncryption() != 0) {
      throw new WalDecodeException(
          "WAL cannot be read: level="
              + config.walLevel()
              + ", encryption="
              + config.walEncryption()
              + ", file="
              + vnode.configFile());
    }
    WalReader reader = WalReader.open(vnode.walDirectory());
    try {
      WalEventSource source =
          new WalEventSource(tracker, reader, vnode.walDirectory(), config.fileSets(), history);
      source.findStart();
      return source;
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  private void findStart() throws IOException {
    Coverage coverage = tracker.coverage();
    NavigableMap<Long, WalMark> marks = WalMarks.delivered(coverage);
    marks.forEach((version, mark) -> window.add(version, mark.term(), mark.bodyChecksum()));
    Long delivered = coverage.deliveredThrough(generation);
    if (delivered == null) {
      expected = coverage.firstOwn(generation);
      newestEntry = expected - 1;
      if (generation > 1) {
        // The crash came while the generation was begun: it replaces entries of the ones before.
        WalMarks.termsBefore(coverage, generation).forEach(window::noteTerm);
        WalComparison log = readLog();
        revive(expected, log.newestTimestampNs());
      }
      compare();
      return;
    }
    expected = delivered + 1;
    Map.Entry<Long, WalMark> newest = marks.lastEntry();
    if (newest == null) {
      common = delivered;
      reader.seekToSegmentOf(expected);
      return;
    }
    newestEntry = newest.getKey();
    if (isAt(newest.getKey(), newest.getValue())) {
      common = delivered;
    } else {
      compare();
    }
  }

  /** Whether an entry lies where it was; then the reader stands behind it. */
  private boolean isAt(long version, WalMark mark) throws IOException {
    if (reader.segments().stream()
        .noneMatch(
            listed ->
                listed.firstVersion() == mark.segmentFirstVersion()
                    && listed.lengthBytes() > mark.fileOffset())) {
      return false;
    }
    reader.seek(mark.segmentFirstVersion(), mark.fileOffset());
    WalReader.Step step = reader.next();
    while (step == WalReader.Step.SEGMENT) {
      step = reader.next();
    }
    if (step != WalReader.Step.RECORD
        || reader.record().version() != version
        || reader.record().segmentFirstVersion() != mark.segmentFirstVersion()
        || !mark.isSameEntry(WalMark.of(reader.record()))) {
      return false;
    }
    segment = mark.segmentFirstVersion();
    anchor.drop(reader.record());
    return true;
  }

  /** Finds out what the log in the files shares with what was delivered, and goes on behind it. */
  private void compare() throws IOException {
    for (int attempt = 0; attempt < COMPARE_ATTEMPTS_MAX; attempt++) {
      segment = WalReader.NO_SEGMENT;
      anchor.lift();
      pendingDamage = "";
      long first = reader.firstSegmentVersion();
      if (first == WalReader.NO_SEGMENT || first >= expected) {
        // Nothing that was delivered is left; what lies in a hole was never told to anybody.
        common = newestEntry < expected - 1 ? expected - 1 : -1;
        reader.seekToSegmentOf(0);
        return;
      }
      if (goOnBehindCommon(readLog())) {
        return;
      }
    }
    throw new IOException(
        "log changes faster than it can be compared: attempts="
            + COMPARE_ATTEMPTS_MAX
            + ", directory="
            + walDirectory);
  }

  private WalComparison readLog() throws IOException {
    return WalComparison.read(reader, window, WalMarks.delivered(tracker.coverage()), newestEntry);
  }

  /**
   * Returns whether the log was still the one compared when the reader stood behind its common
   * part.
   */
  private boolean goOnBehindCommon(WalComparison log) throws IOException {
    if (log.isContradicted() || isCutAndRecycled(log)) {
      beginGeneration(log.common() + 1, log.newestTimestampNs());
    }
    common = log.common() >= newestEntry ? expected - 1 : log.common();
    WalComparison.Entry turn = log.turn();
    if (turn != null) {
      if (!isAt(turn.version(), turn.mark())) {
        return false;
      }
      judge(reader.record());
      return true;
    }
    WalComparison.Entry place = log.place();
    if (place != null) {
      return isAt(place.version(), place.mark());
    }
    reader.seekToSegmentOf(0);
    return true;
  }

  /**
   * Whether the newest segment is empty and begins below what was delivered: the log went back, and
   * what was written since is recycled already.
   */
  private boolean isCutAndRecycled(WalComparison log) throws IOException {
    long first = reader.firstSegmentVersion();
    return log.isEmpty() && first > 0 && first <= newestEntry;
  }

  /**
   * Reads the WAL to its present end; everything read is applied when this returns.
   *
   * <p>May be called again and again.
   */
  public IngestReport catchUp() throws IOException {
    return catchUp(Long.MAX_VALUE);
  }

  /**
   * Reads the WAL to its present end or so many of its records, whichever comes first; everything
   * read is applied when this returns.
   *
   * @param recordLimit at least 1; records known before count too
   */
  @Override
  public IngestReport catchUp(long recordLimit) throws IOException {
    boolean isAtEnd = false;
    long seen = 0;
    while (!isAtEnd && seen < recordLimit) {
      switch (reader.next()) {
        case SEGMENT -> segment(reader.segmentFirstVersion());
        case RECORD -> {
          record(reader.record());
          seen++;
        }
        case DAMAGED ->
            pendingDamage =
                "damaged: "
                    + reader.damageReason()
                    + ", segment="
                    + reader.segmentFirstVersion()
                    + ", offset="
                    + reader.damagedOffset();
        case END -> isAtEnd = true;
      }
    }
    batch.append();
    return tally.report(batch.takeEventCount(), reader.tail(), isAtEnd);
  }

  @Override
  public long nextVersion() {
    return expected;
  }

  /** A segment's name says that every version below it was written before. */
  private void segment(long first) throws IOException {
    boolean isBehind = first > segment;
    segment = first;
    if (!isBehind || !anchor.holds(first)) {
      compare();
    } else if (first > expected) {
      boolean isRecycled = first == reader.firstSegmentVersion();
      hole(first - 1, isRecycled ? RECYCLED : MISSING);
    }
  }

  private void record(WalRecord record) throws IOException {
    if (anchor.holds(record.segmentFirstVersion())) {
      anchor.drop(record);
      judge(record);
    } else {
      compare();
    }
  }

  private void judge(WalRecord record) throws IOException {
    long version = record.version();
    if (version < expected) {
      if (version > newestEntry || window.isSameEntry(record) || isKnown(record)) {
        common = Math.max(common, version);
        return;
      }
      // Before it there may be damage that was the first version of its term.
      if (!pendingDamage.isEmpty()
          || !window.isNewerTerm(record)
          || (version - 1 > common && !window.isFirstOfNextTerm(record))) {
        compare();
        return;
      }
      beginGeneration(version, EventTranslator.timestampNs(record));
    } else if (common < expected - 1 && !window.isFollowedBy(record)) {
      beginGeneration(common + 1, EventTranslator.timestampNs(record));
      if (version > expected) {
        hole(version - 1, EXCHANGED);
      }
    } else if (version > expected) {
      hole(version - 1, MISSING);
    }
    pendingDamage = "";
    take(record);
  }

  /**
   * Whether a version at or below what was delivered is the entry that was delivered.
   *
   * <p>Outside the window that is certain only where a mark says so; a term that is not above all
   * seen says it as well, because an entry that replaces another one has a higher term.
   */
  private boolean isKnown(WalRecord record) {
    return !window.has(record.version()) && !window.isNewerTerm(record);
  }

  private void take(WalRecord record) throws IOException {
    long version = record.version();
    try {
      translator.translate(record);
      batch.complete(record);
    } catch (WalDecodeException e) {
      gap(version, version, e.getMessage());
      if (record.messageClass() != MessageClass.ALTER_TABLE) {
        translator.hide(version);
      }
      tally.undecoded();
    }
    window.add(record);
    common = version;
    newestEntry = version;
    expected = version + 1;
    tally.records(1, version, version, record.ingestTimestampUs());
    tally.bytes(record.lengthBytes());
  }

  private void hole(long last, String reason) throws IOException {
    String known = reason.equals(RECYCLED) ? knownOf(expected, last) : "";
    gap(expected, last, (pendingDamage.isEmpty() ? reason : pendingDamage) + known);
    translator.hide(last);
    if (common == expected - 1 || reason.equals(RECYCLED)) {
      common = last;
    }
    expected = last + 1;
    pendingDamage = "";
  }

  /** Takes in what can be known of versions that are a hole, and returns what to say of it. */
  private String knownOf(long first, long last) throws IOException {
    batch.append();
    String known;
    try {
      known = history.replay(first, last, translator::seed);
    } catch (IOException e) {
      known = "data files tell nothing of it: " + e.getMessage();
    }
    return known.isEmpty() ? "" : "; " + known;
  }

  private void gap(long first, long last, @Nullable String reason) throws IOException {
    String text = reason == null ? MISSING : reason;
    batch.gap(first, last, text);
    tally.hole(new Hole(generation, first, last, text));
  }

  /** The log was rolled back: from {@code firstOwn} on it has other content than was delivered. */
  private void beginGeneration(long firstOwn, long timestampNs) throws IOException {
    batch.append();
    generation++;
    tally.generationBegun();
    batch.beginGeneration(generation, firstOwn);
    translator.goBack(firstOwn);
    revive(firstOwn, timestampNs);
    window.truncate(firstOwn);
    newestEntry = Math.min(newestEntry, firstOwn - 1);
    common = firstOwn - 1;
    expected = firstOwn;
  }

  /**
   * Updates every block that the generations before changed from {@code firstOwn} on, and declares
   * a gap if not all of them are known.
   *
   * @param timestampNs when it went back, or later; not when it changed: who copied it in between
   *     must copy it again
   */
  private void revive(long firstOwn, long timestampNs) throws IOException {
    Hole unknown =
        Rollback.undo(
            tracker.view(),
            generation,
            firstOwn,
            timestampNs,
            (blockId, lastCommon, wentBackNs) -> {
              batch.event(BlockEventType.UPDATE, blockId, lastCommon, wentBackNs);
              byte[] name = tracker.catalog().name(blockId);
              if (name != null) {
                translator.revive(BlockName.decode(name));
              }
            });
    if (unknown != null) {
      gap(unknown.first(), unknown.last(), unknown.reason());
      translator.hide(unknown.last());
    }
    batch.append();
  }

  @Override
  public List<Long> unnamed(int limit) {
    return translator.unnamed(limit);
  }

  @Override
  public void name(List<RowFeed.Table> tables) throws IOException {
    translator.name(tables);
  }

  /** Closes the WAL files; the tracker stays open. */
  @Override
  public void close() throws IOException {
    reader.close();
  }
}
