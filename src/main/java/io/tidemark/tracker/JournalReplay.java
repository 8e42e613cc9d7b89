package io.tidemark.tracker;

import io.tidemark.journal.JournalRecord;
import io.tidemark.journal.JournalScanner;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.OpenSegment;
import io.tidemark.storage.Directories;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Folds an interval of the journal into segments again, from the queue directories.
 *
 * <p>A new segment begins where the generation changes, where positions are missing, where a run of
 * a chain ends, and where one grows too large. Not thread-safe.
 */
final class JournalReplay {
  private static final int MAX_EVENTS = 1 << 20;

  private final StoreLayout layout;
  private final long storeId;
  private long entries;
  private long highestEpoch;
  private long damagedRecords;

  JournalReplay(StoreLayout layout, long storeId) {
    this.layout = layout;
    this.storeId = storeId;
  }

  /** Receives intact records. */
  @FunctionalInterface
  interface RecordHandler {
    void onRecord(JournalRecord record);
  }

  /** Passes on every intact record that may hold an entry of a closed interval of positions. */
  void forEachRecord(long first, long last, RecordHandler handler) throws IOException {
    List<Path> directories = directories(layout);
    for (int i = 0; i < directories.size(); i++) {
      boolean isBelow = i + 1 < directories.size() && firstOf(directories.get(i + 1)) <= first;
      if (isBelow || firstOf(directories.get(i)) > last) {
        continue;
      }
      try (JournalScanner scanner = new JournalScanner(directories.get(i), storeId)) {
        JournalRecord record = scanner.next();
        while (record != null) {
          highestEpoch = Math.max(highestEpoch, record.epoch());
          if (record.lastPosition() >= first && record.firstPosition() <= last) {
            handler.onRecord(record);
          }
          record = scanner.next();
        }
        damagedRecords += scanner.damagedRecords();
      }
    }
  }

  /** Returns the journal's queue directories, oldest first. */
  static List<Path> directories(StoreLayout layout) throws IOException {
    return Directories.list(layout.journal()).stream()
        .filter(path -> StoreLayout.number(path, "", "").isPresent())
        .toList();
  }

  /** Returns the position of the first entry that a queue directory was made for. */
  static long firstOf(Path directory) {
    return StoreLayout.number(directory, "", "").orElseThrow();
  }

  /** Folds a closed interval of positions, as far as its entries are there. */
  List<ChangeSegment> replay(long first, long last, long nextBlockId) throws IOException {
    Folder folder = new Folder(first, last, nextBlockId);
    forEachRecord(first, last, folder::fold);
    folder.cut();
    return folder.segments;
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

    void fold(JournalRecord record) {
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
          || current.isFull(MAX_EVENTS)) {
        cut();
        current = new OpenSegment(record.generation(), from, nextBlockId);
        open = current;
      }
      record.forEach(from, to, current);
      entries += to - from + 1;
      next = to + 1;
    }

    void cut() {
      OpenSegment current = open;
      if (current != null) {
        segments.add(current.toSegment());
        nextBlockId = current.nextBlockId();
      }
      open = null;
    }
  }
}
