package io.tidemark.tracker;

import io.tidemark.journal.EventLogReader;
import io.tidemark.journal.EventLogs;
import io.tidemark.journal.JournalRecord;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.OpenSegment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Folds an interval of the journal into segments again, from its logs.
 *
 * <p>A new segment begins where the generation changes, where positions are missing, where a run of
 * a chain ends, and where one grows too large. Not thread-safe.
 */
final class JournalReplay {

  /*
   * Which records count. A log ends where the next one begins, by the next one's name: whatever an
   * older log holds from there on was given up when the newer one was begun.
   *
   * Missing positions below the highest position known to be durable are damage: what lies behind
   * them is kept, and they become a hole. Above it nothing was acknowledged, and a power cut may
   * have taken one page and left the next: the journal ends where the first position is missing.
   */

  private final EventLogs logs;
  private final ReplayedSegments kept;
  private long entries;
  private long highestEpoch;
  private long damagedRecords;
  private long highestDurableMark;
  private long droppedEntries;

  JournalReplay(EventLogs logs) {
    this(logs, ReplayedSegments.onHeap());
  }

  /**
   * Reads logs.
   *
   * @param kept keeps what is folded
   */
  JournalReplay(EventLogs logs, ReplayedSegments kept) {
    this.logs = logs;
    this.kept = kept;
  }

  /** Receives intact records. */
  @FunctionalInterface
  interface RecordHandler {
    void onRecord(JournalRecord record) throws IOException;
  }

  /**
   * Passes on every intact record that may hold an entry of a closed interval of positions; also
   * those behind missing positions, whether they count or not.
   */
  void forEachRecord(long first, long last, RecordHandler handler) throws IOException {
    List<Long> begins = logs.list();
    for (int i = 0; i < begins.size(); i++) {
      long end = i + 1 < begins.size() ? begins.get(i + 1) - 1 : Long.MAX_VALUE;
      if (end < first || begins.get(i) > last) {
        continue;
      }
      try (EventLogReader log = logs.read(begins.get(i))) {
        JournalRecord record = log.next();
        while (record != null && record.firstPosition() <= end) {
          highestEpoch = Math.max(highestEpoch, record.epoch());
          highestDurableMark = Math.max(highestDurableMark, record.durableMark());
          if (record.lastPosition() >= first && record.firstPosition() <= last) {
            handler.onRecord(record);
          }
          record = log.next();
        }
        damagedRecords += log.damagedRecords();
      }
    }
  }

  /** Folds a closed interval of positions, as far as its entries are there. */
  List<ChangeSegment> replay(long first, long last, long nextBlockId) throws IOException {
    Folder folder = new Folder(first, last, nextBlockId);
    forEachRecord(first, last, folder::fold);
    folder.cut();
    return folder.segments;
  }

  /**
   * Folds everything from a position to the end of what counts.
   *
   * @param durable a position known to be durable from elsewhere
   */
  List<ChangeSegment> replayTail(long first, long durable, long nextBlockId) throws IOException {
    List<ChangeSegment> found = replay(first, Long.MAX_VALUE, nextBlockId);
    long mark = Math.max(durable, highestDurableMark);
    List<ChangeSegment> tail = new ArrayList<>();
    long next = first;
    for (ChangeSegment segment : found) {
      if (droppedEntries > 0 || (segment.firstPosition() > next && next > mark)) {
        droppedEntries += segment.lastPosition() - segment.firstPosition() + 1;
      } else {
        tail.add(segment);
        next = segment.lastPosition() + 1;
      }
    }
    entries -= droppedEntries;
    return tail;
  }

  /** Returns how many entries lay behind the end of what counts. */
  long droppedEntries() {
    return droppedEntries;
  }

  /** Returns how many entries were folded. */
  long entries() {
    return entries;
  }

  /** Returns the highest epoch of any record seen. */
  long highestEpoch() {
    return highestEpoch;
  }

  /** Returns how many records were passed over because they were cut, altered or stale. */
  long damagedRecords() {
    return damagedRecords;
  }

  /** Folds records into one open segment after another. */
  private final class Folder {
    private final List<ChangeSegment> segments = new ArrayList<>();
    private final long last;
    private long next;
    private long nextBlockId;
    private @Nullable OpenSegment open;

    Folder(long first, long last, long nextBlockId) {
      this.next = first;
      this.last = last;
      this.nextBlockId = nextBlockId;
    }

    void fold(JournalRecord record) throws IOException {
      long from = Math.max(next, record.firstPosition());
      long to = Math.min(last, record.lastPosition());
      if (from > to) {
        return;
      }
      OpenSegment current = open;
      if (current == null
          || current.generation() != record.generation()
          || from != next
          || record.beginsRun()
          || current.isFull(kept.segmentEvents())) {
        cut();
        current = new OpenSegment(record.generation(), from, nextBlockId);
        open = current;
      }
      record.forEach(from, to, current);
      entries += to - from + 1;
      next = to + 1;
    }

    void cut() throws IOException {
      OpenSegment current = open;
      if (current != null) {
        segments.add(kept.keep(current));
        nextBlockId = current.nextBlockId();
      }
      open = null;
    }
  }
}
