package io.tidemark.tracker;

import io.tidemark.segment.ChangeSegment;
import io.tidemark.storage.FileNumber;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Names of everything in a store directory. */
public record StoreLayout(Path root) {

  static final String SEGMENT_SUFFIX = ".seg";
  static final String SNAPSHOT_SUFFIX = ".snap";
  static final String CATALOG_SUFFIX = ".cat";
  static final String CHECKPOINT_PREFIX = "checkpoint-";

  /** Returns the file that tells which store this is. */
  public Path store() {
    return root.resolve("STORE");
  }

  /** Returns the file whose lock the writer holds. */
  public Path lock() {
    return root.resolve("LOCK");
  }

  /** Returns the file that holds space back. */
  public Path reserve() {
    return root.resolve("RESERVE");
  }

  /** Returns the file that describes the vgroup that the store tracks. */
  public Path vnode() {
    return root.resolve("VNODE");
  }

  /** Returns the directory of the journal's queues. */
  public Path journal() {
    return root.resolve("journal");
  }

  /** Returns the directory of the change segments. */
  public Path segments() {
    return root.resolve("segments");
  }

  /** Returns the directory of the base. */
  public Path base() {
    return root.resolve("base");
  }

  /** Returns the directory of the metadata map. */
  public Path metadata() {
    return root.resolve("metadata");
  }

  /** Returns the directory of the snapshots. */
  public Path snapshots() {
    return root.resolve("snapshots");
  }

  /** Returns the directory of the catalogs. */
  public Path catalogs() {
    return root.resolve("catalog");
  }

  Path segment(long first, long last) {
    return segments()
        .resolve(FileNumber.format(first) + "-" + FileNumber.format(last) + SEGMENT_SUFFIX);
  }

  Path segment(ChangeSegment segment) {
    return segment(segment.firstPosition(), segment.lastPosition());
  }

  Path snapshot(long position) {
    return snapshots().resolve(FileNumber.format(position) + SNAPSHOT_SUFFIX);
  }

  Path catalog(long position) {
    return catalogs().resolve(FileNumber.format(position) + CATALOG_SUFFIX);
  }

  Path checkpoint(long number) {
    return root.resolve(CHECKPOINT_PREFIX + FileNumber.format(number));
  }

  /** Returns the number that a name holds between a prefix and a suffix, if it is such a name. */
  static OptionalLong number(Path file, String prefix, String suffix) {
    String name = file.getFileName().toString();
    if (name.length() != prefix.length() + FileNumber.DIGITS + suffix.length()
        || !name.startsWith(prefix)
        || !name.endsWith(suffix)) {
      return OptionalLong.empty();
    }
    return FileNumber.parse(name.substring(prefix.length(), prefix.length() + FileNumber.DIGITS));
  }

  /** Returns the first position in a segment's name, if it is a segment's name. */
  static OptionalLong firstOfSegment(Path file) {
    return isSegment(file)
        ? FileNumber.parse(file.getFileName().toString().substring(0, FileNumber.DIGITS))
        : OptionalLong.empty();
  }

  /** Returns the last position in a segment's name, if it is a segment's name. */
  static OptionalLong lastOfSegment(Path file) {
    return isSegment(file)
        ? FileNumber.parse(
            file.getFileName()
                .toString()
                .substring(FileNumber.DIGITS + 1, 2 * FileNumber.DIGITS + 1))
        : OptionalLong.empty();
  }

  /** Returns the position in a snapshot's name, if it is a snapshot's name. */
  static OptionalLong ofSnapshot(Path file) {
    return number(file, "", SNAPSHOT_SUFFIX);
  }

  /** Returns the position in a catalog's name, if it is a catalog's name. */
  static OptionalLong ofCatalog(Path file) {
    return number(file, "", CATALOG_SUFFIX);
  }

  private static boolean isSegment(Path file) {
    String name = file.getFileName().toString();
    return name.length() == 2 * FileNumber.DIGITS + 1 + SEGMENT_SUFFIX.length()
        && name.endsWith(SEGMENT_SUFFIX);
  }
}
