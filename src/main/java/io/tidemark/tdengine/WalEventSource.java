package io.tidemark.tdengine;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Hole;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.CoverMark;
import io.tidemark.tracker.Coverage;
import io.tidemark.tracker.Rollback;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings the WAL of one vnode into its tracker: every version once, or a hole that names it.
 *
 * <p>Used by the tracker's thread. Reads files only; the server is not disturbed.
 */
public final class WalEventSource implements AutoCloseable {

  /*
   * Continuity. Versions are dense. One that is skipped is a hole, one that cannot be decoded is a
   * hole of one version. Where the WAL begins behind the version that is due, what lies between is a
   * hole: the server recycled it before it was read.
   *
   * Where to go on. With each batch the journal keeps a mark: term, checksum and place of its last
   * record. At opening the mark's record is looked up; found unchanged, reading goes on behind it.
   *
   * Rollback. A server that crashed may write versions again with other content, always in a higher
   * term. A known version that comes again as another entry begins a new generation at that version.
   * What the old generation changed from there on has gone back, so each of those blocks is updated at
   * the new generation's last common position; a change that was in a hole may have gone back too,
   * which is a hole at that position. Until that is complete nothing of the new generation is
   * declared, so a crash in between makes the next opening do it again.
   */

  private static final String RECYCLED = "recycled by the server before it was read";
  private static final String MISSING = "missing in the WAL";

  private final ChangeTracker tracker;
  private final WalReader reader;
  private final EventBatch batch;
  private final EventTranslator translator;
  private final EntryWindow window = new EntryWindow();
  private int generation;

  /** Version that is due next. */
  private long expected;

  private String pendingDamage = "";

  private long records;
  private long bytes;
  private long undecoded;
  private long firstVersion = -1;
  private long lastVersion = -1;
  private long lastTimestampUs;
  private int generationsBegun;
  private final List<Hole> newHoles = new ArrayList<>();

  private WalEventSource(ChangeTracker tracker, WalReader reader, FileSets fileSets) {
    this.tracker = tracker;
    this.reader = reader;
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

  /**
   * Opens the WAL of a vnode where the tracker's store left off.
   *
   * @throws WalDecodeException if vnode.json cannot be understood, or says that there is no WAL
   *     that can be read
   */
  public static WalEventSource open(VnodeDirectory vnode, ChangeTracker tracker)
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
      WalEventSource source = new WalEventSource(tracker, reader, config.fileSets());
      source.findStart();
      return source;
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  private void findStart() throws IOException {
    Coverage coverage = tracker.coverage();
    List<CoverMark> marks = marks(coverage);
    for (CoverMark mark : marks) {
      WalMark decoded = WalMark.decode(mark.bytes());
      if (decoded != null) {
        window.add(mark.last(), decoded.term(), decoded.bodyChecksum());
      }
    }
    Long delivered = coverage.deliveredThrough(generation);
    if (delivered == null) {
      if (generation > 1) {
        // The crash came while the generation was begun.
        long firstOwn = coverage.firstOwn(generation);
        revive(firstOwn, newestTimestampNs());
        expected = firstOwn;
        reader.seekToSegmentOf(firstOwn);
      } else {
        expected = 0;
        reader.seekToSegmentOf(0);
      }
      return;
    }
    expected = delivered + 1;
    CoverMark last = marks.isEmpty() ? null : marks.get(marks.size() - 1);
    WalMark mark = last == null ? null : WalMark.decode(last.bytes());
    if (last == null || mark == null) {
      reader.seekToSegmentOf(expected);
      return;
    }
    if (isAt(last.last(), mark)) {
      return;
    }
    locate(marks);
  }

  /** Returns the marks of the log as it is now: of each generation what the later ones share. */
  private List<CoverMark> marks(Coverage coverage) {
    List<CoverMark> marks = new ArrayList<>();
    long end = -1;
    for (int number = generation; number >= 1; number--) {
      for (CoverMark mark : coverage.marks(number)) {
        if (Long.compareUnsigned(mark.last(), end) < 0) {
          marks.add(mark);
        }
      }
      long firstOwn = coverage.firstOwn(number);
      end = Long.compareUnsigned(firstOwn, end) < 0 ? firstOwn : end;
    }
    marks.sort(Comparator.comparing(CoverMark::last, Long::compareUnsigned));
    return marks;
  }

  /** Whether the mark's record lies where it was; then the reader stands behind it. */
  private boolean isAt(long version, WalMark mark) throws IOException {
    if (reader.segments().stream()
        .noneMatch(
            segment ->
                segment.firstVersion() == mark.segmentFirstVersion()
                    && segment.lengthBytes() > mark.fileOffset())) {
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
    return true;
  }

  /**
   * Reads the whole WAL for the newest marked record that is still its version's last entry, and
   * goes on behind it; if the newest mark itself was replaced, in a new generation.
   */
  private void locate(List<CoverMark> marks) throws IOException {
    Map<Long, WalMark> wanted = new HashMap<>();
    for (CoverMark mark : marks) {
      WalMark decoded = WalMark.decode(mark.bytes());
      if (decoded != null) {
        wanted.put(mark.last(), decoded);
      }
    }
    Map<Long, WalMark> found = new HashMap<>();
    long timestampNs = Long.MIN_VALUE;
    reader.seekToSegmentOf(0);
    for (WalReader.Step step = reader.next(); step != WalReader.Step.END; step = reader.next()) {
      if (step == WalReader.Step.RECORD) {
        WalRecord record = reader.record();
        timestampNs = Math.max(timestampNs, EventTranslator.timestampNs(record));
        if (wanted.containsKey(record.version())) {
          // The last one of a version counts: it is the one the server uses.
          found.put(record.version(), WalMark.of(record));
        }
      }
    }
    boolean isRolledBack = false;
    long common = -1;
    for (Map.Entry<Long, WalMark> entry : found.entrySet()) {
      WalMark mark = wanted.get(entry.getKey());
      if (mark != null && mark.isSameEntry(entry.getValue())) {
        common = Math.max(common, entry.getKey());
      } else {
        isRolledBack = true;
      }
    }
    if (isRolledBack && common < marks.get(marks.size() - 1).last()) {
      beginGeneration(common + 1, timestampNs);
    }
    WalMark place = found.get(common);
    if (place == null || !isAt(common, place)) {
      // Versions below the due one may have been replaced in any segment.
      reader.seekToSegmentOf(0);
    }
  }

  /** Reads the whole WAL for the newest time of a record. */
  private long newestTimestampNs() throws IOException {
    long newest = Long.MIN_VALUE;
    reader.seekToSegmentOf(0);
    for (WalReader.Step step = reader.next(); step != WalReader.Step.END; step = reader.next()) {
      if (step == WalReader.Step.RECORD) {
        newest = Math.max(newest, EventTranslator.timestampNs(reader.record()));
      }
    }
    return newest;
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
    IngestReport report =
        new IngestReport(
            records,
            bytes,
            batch.takeEventCount(),
            undecoded,
            firstVersion,
            lastVersion,
            lastTimestampUs,
            generationsBegun,
            newHoles,
            reader.tail(),
            isAtEnd);
    records = 0;
    bytes = 0;
    undecoded = 0;
    firstVersion = -1;
    lastVersion = -1;
    generationsBegun = 0;
    newHoles.clear();
    return report;
  }

  /** Returns the version that is due next. */
  public long nextVersion() {
    return expected;
  }

  /** A segment's name says that every version below it was written before. */
  private void segment(long first) throws IOException {
    if (first > expected) {
      hole(first - 1, first == reader.firstSegmentVersion() ? RECYCLED : MISSING);
    }
  }

  private void record(WalRecord record) throws IOException {
    long version = record.version();
    if (version < expected) {
      if (window.isSameEntry(record) || isKnown(record)) {
        return;
      }
      beginGeneration(version, EventTranslator.timestampNs(record));
    } else if (window.isOlderTerm(record)) {
      // Written before a rollback that was taken in already; its version is still to come.
      return;
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
    boolean isNewTerm = Long.compareUnsigned(record.term(), window.highestTerm()) > 0;
    return !window.has(record.version()) && (!isNewTerm || window.highestTerm() == 0);
  }

  private void take(WalRecord record) throws IOException {
    long version = record.version();
    try {
      translator.translate(record);
      batch.complete(record);
    } catch (WalDecodeException e) {
      gap(version, version, e.getMessage());
      undecoded++;
    }
    window.add(record);
    expected = version + 1;
    records++;
    bytes += record.lengthBytes();
    firstVersion = firstVersion < 0 ? version : firstVersion;
    lastVersion = version;
    lastTimestampUs = record.ingestTimestampUs();
  }

  private void hole(long last, String reason) throws IOException {
    gap(expected, last, pendingDamage.isEmpty() ? reason : pendingDamage);
    expected = last + 1;
    pendingDamage = "";
  }

  private void gap(long first, long last, @Nullable String reason) throws IOException {
    String text = reason == null ? MISSING : reason;
    batch.gap(first, last, text);
    newHoles.add(new Hole(generation, first, last, text));
  }

  /** The log was rolled back: from {@code firstOwn} on it has other content than was delivered. */
  private void beginGeneration(long firstOwn, long timestampNs) throws IOException {
    batch.append();
    generation++;
    generationsBegun++;
    batch.beginGeneration(generation, firstOwn);
    revive(firstOwn, timestampNs);
    window.truncate(firstOwn);
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
    }
    batch.append();
  }

  /** Closes the WAL files; the tracker stays open. */
  @Override
  public void close() throws IOException {
    reader.close();
  }
}
