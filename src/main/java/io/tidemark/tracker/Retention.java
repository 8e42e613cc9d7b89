package io.tidemark.tracker;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.Directories;
import io.tidemark.storage.PublishedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Deletes the files of a store that a newer checkpoint made superfluous; never truth. */
final class Retention {
  private static final int CHECKPOINTS_KEPT = 2;

  private final StoreLayout layout;
  private final long storeId;
  private final long journalKeepBytes;

  Retention(StoreLayout layout, long storeId, long journalKeepBytes) {
    this.layout = layout;
    this.storeId = storeId;
    this.journalKeepBytes = journalKeepBytes;
  }

  /** Deletes files that were never completed. */
  static void deleteTemporaries(StoreLayout layout) throws IOException {
    for (Path directory :
        List.of(
            layout.root(),
            layout.journal(),
            layout.segments(),
            layout.snapshots(),
            layout.catalogs())) {
      for (Path file : Directories.list(directory)) {
        if (file.getFileName().toString().endsWith(PublishedFile.TEMPORARY_SUFFIX)) {
          Directories.deleteTree(file);
        }
      }
    }
  }

  /** Deletes checkpoints beyond the kept ones, and the views only they named. */
  void deleteSuperseded(long checkpointPosition) throws IOException {
    List<Path> checkpoints = StoreImage.checkpointFiles(layout);
    long oldestKept = checkpointPosition;
    for (int i = 0; i < checkpoints.size(); i++) {
      if (i >= CHECKPOINTS_KEPT) {
        Files.delete(checkpoints.get(i));
      } else {
        oldestKept = Math.min(oldestKept, positionOf(checkpoints.get(i), checkpointPosition));
      }
    }
    deleteBelow(layout.snapshots(), StoreLayout.SNAPSHOT_SUFFIX, oldestKept);
    deleteBelow(layout.catalogs(), StoreLayout.CATALOG_SUFFIX, oldestKept);
  }

  private long positionOf(Path checkpoint, long otherwise) throws IOException {
    try {
      return Checkpoint.open(checkpoint, storeId).position();
    } catch (CorruptFileException e) {
      return otherwise;
    }
  }

  private static void deleteBelow(Path directory, String suffix, long position) throws IOException {
    for (Path file : Directories.list(directory)) {
      var number = StoreLayout.number(file, "", suffix);
      if (number.isPresent() && number.getAsLong() < position) {
        Files.delete(file);
      }
    }
  }

  /**
   * Deletes the oldest journal directories that no recovery needs, beyond what is kept.
   *
   * <p>Oldest first, and each out of sight in one step: what is left of the journal after a kill
   * has no hole.
   */
  void recycleJournal(long checkpointPosition) throws IOException {
    List<Path> directories = JournalReplay.directories(layout);
    int oldestKept = Math.max(directories.size() - 1, 0);
    long kept = 0;
    while (oldestKept > 0) {
      kept += lengthOf(directories.get(oldestKept - 1));
      boolean isSealed =
          JournalReplay.firstOf(directories.get(oldestKept)) <= checkpointPosition + 1;
      if (isSealed && kept > journalKeepBytes) {
        break;
      }
      oldestKept--;
    }
    for (Path directory : directories.subList(0, oldestKept)) {
      Path doomed =
          directory.resolveSibling(directory.getFileName() + PublishedFile.TEMPORARY_SUFFIX);
      Files.move(directory, doomed, StandardCopyOption.ATOMIC_MOVE);
      Directories.deleteTree(doomed);
    }
  }

  private static long lengthOf(Path directory) throws IOException {
    long length = 0;
    for (Path file : Directories.list(directory)) {
      length += Files.size(file);
    }
    return length;
  }
}
