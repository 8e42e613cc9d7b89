package io.tidemark.tracker;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.journal.EventLogs;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Deletes the files of a store that a newer checkpoint made superfluous; never truth. */
final class Retention {
  private static final int CHECKPOINTS_KEPT = 2;

  private final StorageIO io;
  private final EventLogs logs;
  private final StoreLayout layout;
  private final long storeId;
  private final long journalKeepBytes;

  Retention(StoreEnvironment environment, StoreLayout layout, long storeId, long journalKeepBytes) {
    this.io = environment.io();
    this.logs = environment.journal(layout, storeId);
    this.layout = layout;
    this.storeId = storeId;
    this.journalKeepBytes = journalKeepBytes;
  }

  /** Deletes files that were never completed. */
  void deleteTemporaries() throws IOException {
    for (Path directory :
        List.of(layout.root(), layout.segments(), layout.snapshots(), layout.catalogs())) {
      for (Path file : io.list(directory)) {
        if (file.getFileName().toString().endsWith(PublishedFile.TEMPORARY_SUFFIX)) {
          io.deleteTree(file);
        }
      }
    }
    logs.deleteLeftovers();
  }

  /** Deletes checkpoints beyond the kept ones, and the views only they named. */
  void deleteSuperseded(long checkpointPosition) throws IOException {
    List<Path> checkpoints = StoreImage.checkpointFiles(io, layout);
    long oldestKept = checkpointPosition;
    for (int i = 0; i < checkpoints.size(); i++) {
      if (i >= CHECKPOINTS_KEPT) {
        io.delete(checkpoints.get(i));
      } else {
        oldestKept = Math.min(oldestKept, positionOf(checkpoints.get(i), checkpointPosition));
      }
    }
    deleteBelow(layout.snapshots(), StoreLayout.SNAPSHOT_SUFFIX, oldestKept);
    deleteBelow(layout.catalogs(), StoreLayout.CATALOG_SUFFIX, oldestKept);
  }

  private long positionOf(Path checkpoint, long otherwise) throws IOException {
    try {
      return Checkpoint.open(io, checkpoint, storeId).position();
    } catch (CorruptFileException e) {
      return otherwise;
    }
  }

  private void deleteBelow(Path directory, String suffix, long position) throws IOException {
    for (Path file : io.list(directory)) {
      var number = StoreLayout.number(file, "", suffix);
      if (number.isPresent() && number.getAsLong() < position) {
        io.delete(file);
      }
    }
  }

  /**
   * Deletes the oldest logs that no recovery needs, beyond what is kept.
   *
   * <p>Oldest first, and each out of sight in one step: what is left of the journal after a kill
   * has no hole.
   */
  void recycleJournal(long checkpointPosition) throws IOException {
    List<Long> begins = logs.list();
    int oldestKept = Math.max(begins.size() - 1, 0);
    long kept = 0;
    while (oldestKept > 0) {
      kept += logs.length(begins.get(oldestKept - 1));
      boolean isSealed = begins.get(oldestKept) <= checkpointPosition + 1;
      if (isSealed && kept > journalKeepBytes) {
        break;
      }
      oldestKept--;
    }
    for (long begin : begins.subList(0, oldestKept)) {
      logs.recycle(begin);
    }
  }
}
