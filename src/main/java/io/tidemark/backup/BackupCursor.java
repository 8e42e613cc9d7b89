package io.tidemark.backup;

import io.tidemark.block.WalPosition;
import io.tidemark.tracker.ChangeBounds;
import io.tidemark.tracker.StoreView;

/**
 * Where somebody else's last backup ended, in terms of the engine: everything after it has to be in
 * the next run.
 *
 * <p>It is translated once, when a run is prepared, to a journal position; and downwards: the run
 * may hold more than what changed after it, never less. Immutable.
 */
public abstract class BackupCursor {
  private BackupCursor() {}

  /**
   * Returns the cursor at a time: changes with a timestamp at or after it follow.
   *
   * @param timestampNs ns since the epoch
   */
  public static BackupCursor time(long timestampNs) {
    return new BackupCursor() {
      @Override
      boolean isBefore(ChangeBounds changes, StoreView view) {
        return changes.maxTimestampNs() >= timestampNs;
      }
    };
  }

  /**
   * Returns the cursor at a WAL offset: changes above it follow, in the oldest generation that
   * reached it and in all that came later.
   *
   * @param walOffset unsigned
   */
  public static BackupCursor wal(long walOffset) {
    return new BackupCursor() {
      @Override
      boolean isBefore(ChangeBounds changes, StoreView view) {
        int generation = view.oldestGenerationWith(walOffset);
        return changes.last().compareTo(new WalPosition(generation, walOffset)) > 0;
      }
    };
  }

  /** Returns the cursor at both: what follows either of them follows. */
  public static BackupCursor hybrid(long timestampNs, long walOffset) {
    BackupCursor time = time(timestampNs);
    BackupCursor wal = wal(walOffset);
    return new BackupCursor() {
      @Override
      boolean isBefore(ChangeBounds changes, StoreView view) {
        return time.isBefore(changes, view) || wal.isBefore(changes, view);
      }
    };
  }

  /** Returns whether any of the changes may follow the cursor. */
  abstract boolean isBefore(ChangeBounds changes, StoreView view);

  /**
   * Returns the highest journal position behind which everything lies that follows the cursor.
   *
   * @param end nothing above it is wanted
   */
  long toJournalPosition(StoreView view, long end) {
    long position = 0;
    for (StoreView.Stretch stretch : view.stretches()) {
      ChangeBounds changes = stretch.changes();
      if (stretch.last() > end || (changes != null && isBefore(changes, view))) {
        break;
      }
      position = stretch.last();
    }
    return position;
  }
}
