package io.tidemark.tracker;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.journal.EventLogs;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** Deletes the files of a store that a newer checkpoint made superfluous; never truth. */
final class Retention {
  private static final int CHECKPOINTS_KEPT = 2;

  private final StorageIO io;
  private final EventLogs logs;
  private final StoreLayout layout;
  private final long storeId;

  Retention(StoreEnvironment environment, StoreLayout layout, long storeId) {
    this.io = environment.io();
    this.logs = environment.journal(layout, storeId);
    this.layout = layout;
    this.storeId = storeId;
  }

  /** Deletes files that were never completed. */
  void deleteTemporaries() throws IOException {
    for (Path directory :
        List.of(
            layout.root(),
            layout.segments(),
            layout.base(),
            layout.snapshots(),
            layout.catalogs())) {
      for (Path file : io.list(directory)) {
        if (file.getFileName().toString().endsWith(PublishedFile.TEMPORARY_SUFFIX)) {
          io.deleteTree(file);
        }
      }
    }
    logs.deleteLeftovers();
  }

  /**
   * Deletes damaged segments in whose place there is something else now, and checkpoints that name
   * a file which is gone or altered.
   *
   * @param live the files of the segments that are used
   */
  void deleteReplaced(List<Path> damaged, Set<Path> live) throws IOException {
    for (Path file : damaged) {
      if (!live.contains(file) && io.exists(file)) {
        io.delete(file);
      }
    }
    for (Path file : StoreImage.checkpointFiles(io, layout)) {
      if (!isWhole(file)) {
        io.delete(file);
      }
    }
  }

  /** Returns whether every file that a checkpoint names is there as it was named. */
  boolean areCheckpointsWhole() throws IOException {
    for (Path file : StoreImage.checkpointFiles(io, layout)) {
      if (!isWhole(file)) {
        return false;
      }
    }
    return true;
  }

  private boolean isWhole(Path checkpoint) throws IOException {
    try {
      for (Checkpoint.NamedFile file : Checkpoint.open(io, checkpoint, storeId).files()) {
        if (!file.isThere(io, layout.root())) {
          return false;
        }
      }
      return true;
    } catch (CorruptFileException e) {
      return false;
    }
  }

  /** Deletes checkpoints beyond the kept ones, and the files that none of the kept names. */
  void deleteSuperseded(long checkpointPosition, long basePosition) throws IOException {
    List<Path> checkpoints = StoreImage.checkpointFiles(io, layout);
    Set<Path> named = new HashSet<>();
    for (int i = 0; i < checkpoints.size(); i++) {
      if (i >= CHECKPOINTS_KEPT) {
        io.delete(checkpoints.get(i));
      } else {
        addNamed(checkpoints.get(i), named);
      }
    }
    for (Path file : io.list(layout.snapshots())) {
      if (isBelow(StoreLayout.ofSnapshot(file), checkpointPosition) && !named.contains(file)) {
        io.delete(file);
      }
    }
    for (Path file : io.list(layout.catalogs())) {
      if (isBelow(StoreLayout.ofCatalog(file), checkpointPosition) && !named.contains(file)) {
        io.delete(file);
      }
    }
    deleteMerged(named, basePosition);
  }

  private static boolean isBelow(OptionalLong position, long end) {
    return position.isPresent() && position.getAsLong() < end;
  }

  private void addNamed(Path checkpoint, Set<Path> named) throws IOException {
    try {
      for (Checkpoint.NamedFile file : Checkpoint.open(io, checkpoint, storeId).files()) {
        named.add(layout.root().resolve(file.path()));
      }
    } catch (CorruptFileException e) {
      // It names nothing that could be relied on.
    }
  }

  /**
   * Deletes segments that lie inside the base or a longer one which a kept checkpoint names, oldest
   * first.
   */
  private void deleteMerged(Set<Path> named, long basePosition) throws IOException {
    List<Path> files = io.list(layout.segments());
    for (Path file : files) {
      boolean isInBase = StoreLayout.lastOfSegment(file).orElse(Long.MAX_VALUE) <= basePosition;
      if (!named.contains(file)
          && (isInBase || named.stream().anyMatch(longer -> isInside(file, longer)))) {
        io.delete(file);
      }
    }
  }

  private static boolean isInside(Path inner, Path outer) {
    OptionalLong first = StoreLayout.firstOfSegment(inner);
    OptionalLong outerFirst = StoreLayout.firstOfSegment(outer);
    return first.isPresent()
        && outerFirst.isPresent()
        && outerFirst.getAsLong() <= first.getAsLong()
        && StoreLayout.lastOfSegment(inner).orElseThrow()
            <= StoreLayout.lastOfSegment(outer).orElseThrow();
  }
}
