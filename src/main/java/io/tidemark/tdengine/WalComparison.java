package io.tidemark.tdengine;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the log in the files shares with what was delivered of it, found by reading it once from its
 * oldest segment to its present end.
 *
 * <p>Remembers up to one place for each version that is known by term and checksum. Used by one
 * thread.
 */
final class WalComparison {

  /*
   * The log in the files. Where a version comes again, the log goes on from there: what was read of
   * it from that version on is not part of it any more. So a comparison ends with the last record,
   * not with the first difference.
   *
   * What is held. An entry whose term and checksum are known is held if both are the same. One that
   * is not known is held if its term is not above all delivered ones: whoever replaces an entry does
   * it in a higher term.
   *
   * What is common. Everything below the first entry that is not held. If that one's term is above
   * all delivered ones, the log turned away with it, in the way servers do, and what lies before it
   * was not touched. Otherwise the files were exchanged, and only an entry that is known tells. What
   * no file holds any more is common as well if the log turned away with the first record of the
   * term that follows the delivered ones.
   */

  static final long NOTHING = -1;

  /** A version and where its entry lies. */
  record Entry(long version, WalMark mark) {
    private static Entry of(WalRecord record) {
      return new Entry(record.version(), WalMark.of(record));
    }
  }

  private final EntryWindow window;
  private final Map<Long, WalMark> marks;
  private final long lastDelivered;

  private final TreeMap<Long, Entry> same = new TreeMap<>();
  private long held = NOTHING;
  private @Nullable Entry lastHeld;
  private @Nullable Entry contradiction;
  private boolean isTurn;
  private boolean isEmpty = true;

  /** How long the damage is behind the record read last; 0 if there is none. */
  private long damagedLength;

  private long damagedVersion = WalRecordCheck.NO_VERSION;
  private long newestTimestampNs = Long.MIN_VALUE;

  private WalComparison(EntryWindow window, Map<Long, WalMark> marks, long lastDelivered) {
    this.window = window;
    this.marks = marks;
    this.lastDelivered = lastDelivered;
  }

  /**
   * Reads the whole log; the reader stands at its end afterwards.
   *
   * @param marks entries that the window may have forgotten, by version
   * @param lastDelivered the last version of which an entry was delivered, −1 if none was; what a
   *     hole behind it holds replaces nothing
   */
  static WalComparison read(
      WalReader reader, EntryWindow window, Map<Long, WalMark> marks, long lastDelivered)
      throws IOException {
    WalComparison comparison = new WalComparison(window, marks, lastDelivered);
    reader.seekToSegmentOf(0);
    for (WalReader.Step step = reader.next(); step != WalReader.Step.END; step = reader.next()) {
      switch (step) {
        case RECORD -> comparison.add(reader.record());
        case DAMAGED -> comparison.damaged(reader);
        default -> {}
      }
    }
    return comparison;
  }

  private void damaged(WalReader reader) {
    damagedLength = reader.damagedLength();
    damagedVersion = reader.damagedVersion();
  }

  /**
   * Returns how many versions right before that of a record may have been written again in the
   * damage before it: from the one that an intact header there tells, or as many as fit. The torn
   * tail that a crash left tells the version behind the last, and replaces none.
   */
  private long hiddenBefore(WalRecord record) {
    long version = record.version();
    return damagedVersion == WalRecordCheck.NO_VERSION
        ? damagedLength / WalRecordDescriptor.HEADER_LENGTH
        : Math.max(0, version - damagedVersion);
  }

  private void add(WalRecord record) {
    long hidden = hiddenBefore(record);
    damagedLength = 0;
    damagedVersion = WalRecordCheck.NO_VERSION;
    add(record, hidden);
  }

  /** Adds a record behind damage that hides so many at most. */
  private void add(WalRecord record, long hidden) {
    isEmpty = false;
    newestTimestampNs = Math.max(newestTimestampNs, EventTranslator.timestampNs(record));
    long version = record.version();
    Entry contradicted = contradiction;
    if (version > lastDelivered || (contradicted != null && version > contradicted.version())) {
      return;
    }
    contradiction = null;
    isTurn = false;
    if (isSame(record)) {
      held = Math.max(held, version);
      lastHeld = Entry.of(record);
      same.put(version, lastHeld);
    } else if (!isKnown(version) && !window.isNewerTerm(record)) {
      held = version;
      lastHeld = Entry.of(record);
      same.tailMap(version, true).clear();
    } else {
      // In damage there may be versions before it that were written again as well.
      long untouched = Math.max(NOTHING, version - 1 - hidden);
      held = window.isFirstOfNextTerm(record) ? untouched : Math.min(held, untouched);
      contradiction = Entry.of(record);
      isTurn = window.isNewerTerm(record);
      same.tailMap(untouched, false).clear();
    }
  }

  private boolean isKnown(long version) {
    return window.has(version) || marks.containsKey(version);
  }

  private boolean isSame(WalRecord record) {
    if (window.has(record.version())) {
      return window.isSameEntry(record);
    }
    WalMark mark = marks.get(record.version());
    return mark != null && mark.isSameEntry(WalMark.of(record));
  }

  /** Returns whether the files hold no record at all. */
  boolean isEmpty() {
    return isEmpty;
  }

  /** Returns whether a version that was delivered is another entry now. */
  boolean isContradicted() {
    return contradiction != null;
  }

  /**
   * Returns the last version up to which the log is the delivered one, {@link #NOTHING} if none.
   */
  long common() {
    Entry known = lastKnown();
    return contradiction == null || isTurn ? held : known == null ? NOTHING : known.version();
  }

  /** Returns the first record behind the common part if the log turned away with it; else null. */
  @Nullable Entry turn() {
    return isTurn && held != NOTHING ? contradiction : null;
  }

  /** Returns the record behind which the log goes on; null if that is its first segment. */
  @Nullable Entry place() {
    return contradiction == null ? lastHeld : isTurn ? null : lastKnown();
  }

  private @Nullable Entry lastKnown() {
    Map.Entry<Long, Entry> last = same.lastEntry();
    return last == null ? null : last.getValue();
  }

  /** Returns the newest time of a record, in nanoseconds; −2^63 if there is none. */
  long newestTimestampNs() {
    return newestTimestampNs;
  }
}
