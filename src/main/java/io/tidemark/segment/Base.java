package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.storage.FileNumber;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The last level of merging: one row for each block that was ever touched until one journal
 * position, of all generations, and the control entries until then.
 *
 * <p>Immutable; any number of threads may read. {@link BaseFolder} makes the next one.
 */
public final class Base {

  /*
   * Files hold ranges of ids that follow on one another from 0 to the highest id; ranges are chosen
   * by number of rows, so that ids that lie far apart share a file. A fold writes the ranges it
   * touches anew and names them in a manifest with those it left as they were. The manifest is
   * published last: until then the base before and the segments are the truth, from then on the new
   * one, and what only the old one named may be deleted.
   */

  private final BaseManifest manifest;
  private final List<BaseFile> files;

  Base(BaseManifest manifest, List<BaseFile> files) {
    this.manifest = manifest;
    this.files = List.copyOf(files);
  }

  /**
   * What was found in a directory.
   *
   * @param base the newest base whose bytes are right; null if there is none
   * @param dropped why newer ones were passed over; if not empty, history may be missing
   */
  public record Found(@Nullable Base base, List<String> dropped) {

    /** Copies the list. */
    public Found {
      dropped = List.copyOf(dropped);
    }
  }

  /**
   * Opens the newest base in a directory whose bytes are right.
   *
   * @param storeId the store it must belong to, 0 for any
   * @param isTrusted whether files are known to be right: their payload is checked when it is first
   *     used, which may throw {@code CorruptFileException} then; manifests are checked in any case
   */
  public static Found openNewest(StorageIO io, Path directory, long storeId, boolean isTrusted)
      throws IOException {
    List<String> dropped = new ArrayList<>();
    for (Path file : manifests(io, directory)) {
      try {
        return new Found(open(io, file, storeId, isTrusted), dropped);
      } catch (CorruptFileException e) {
        dropped.add(String.valueOf(e.getMessage()));
      } catch (NoSuchFileException e) {
        dropped.add("file of the base is missing: file=" + e.getFile());
      }
    }
    return new Found(null, dropped);
  }

  /**
   * Opens the base that a manifest names.
   *
   * @param storeId the store it must belong to, 0 for any
   * @param isTrusted whether to leave payloads to be checked as they are used
   * @throws CorruptFileException if a byte of it is wrong
   */
  public static Base open(StorageIO io, Path manifestFile, long storeId, boolean isTrusted)
      throws IOException {
    BaseManifest manifest = BaseManifest.open(io, manifestFile, storeId);
    Path directory = manifestFile.toAbsolutePath().resolveSibling("");
    List<BaseFile> files = new ArrayList<>();
    for (BaseRange range : manifest.ranges()) {
      files.add(BaseFile.open(io, directory, range, storeId, isTrusted));
    }
    return new Base(manifest, files);
  }

  /** Returns the manifests, newest first. */
  private static List<Path> manifests(StorageIO io, Path directory) throws IOException {
    List<Path> result = new ArrayList<>();
    for (Path file : io.list(directory)) {
      if (file.getFileName().toString().endsWith(BaseManifest.SUFFIX)) {
        result.add(0, file);
      }
    }
    return result;
  }

  /**
   * Deletes the files of a directory that belong to a base but not to this one.
   *
   * <p>Manifests first: what is left after a kill never names a file that is gone.
   */
  public void deleteOthers(StorageIO io, Path directory) throws IOException {
    Set<String> named = new HashSet<>();
    named.add(BaseManifest.fileName(lastPosition()));
    files.forEach(file -> named.add(file.range().fileName()));
    for (Path manifestFile : manifests(io, directory)) {
      deleteUnlessNamed(io, manifestFile, named);
    }
    io.forceDirectory(directory);
    for (Path file : io.list(directory)) {
      if (file.getFileName().toString().endsWith(BaseRange.SUFFIX)) {
        deleteUnlessNamed(io, file, named);
      }
    }
  }

  private static void deleteUnlessNamed(StorageIO io, Path file, Set<String> named)
      throws IOException {
    if (!named.contains(file.getFileName().toString())) {
      io.delete(file);
    }
  }

  /** Returns the position in the name of a file of a base, if it is such a name. */
  public static OptionalLong positionOf(Path file) {
    String name = file.getFileName().toString();
    String stem = name.substring(0, Math.max(name.indexOf('.'), 0));
    return name.endsWith(BaseManifest.SUFFIX) || name.endsWith(BaseRange.SUFFIX)
        ? FileNumber.parse(stem.substring(stem.indexOf('-') + 1))
        : OptionalLong.empty();
  }

  /** Returns the last journal position folded in. */
  public long lastPosition() {
    return manifest.position();
  }

  /** Returns a block id higher than every one given until its end. */
  public long nextBlockId() {
    return manifest.nextBlockId();
  }

  /** Returns the highest flush of all blocks; null if there was none. */
  public @Nullable WalPosition flushAll() {
    return manifest.flushAll();
  }

  /** Returns the files, ids ascending; each answers range questions as a segment does. */
  public List<BaseFile> files() {
    return files;
  }

  /** Returns how many blocks it knows. */
  public long rowCount() {
    return files.stream().mapToLong(BaseFile::rowCount).sum();
  }

  /** Returns how long its files are together, in bytes. */
  public long lengthBytes() {
    return files.stream().mapToLong(BaseFile::lengthBytes).sum();
  }

  /** Passes on the control entries in journal order. */
  public void forEachControl(JournalEntryHandler handler) {
    manifest.forEachControl(handler);
  }
}
