package io.tidemark.state;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the metadata map knows of one of its files, or of an interval of groups that has none.
 *
 * <p>The interval begins with its first group and ends before that of the next one in the map.
 * Mutable; not thread-safe.
 */
final class MetadataFile {

  /** Number of an interval without a file. */
  static final int NO_FILE = 0;

  private final int number;
  private final long firstGroup;

  /** Whether rows were folded in that no file holds: they come from the history. */
  private final boolean isLost;

  /** Highest group id put; meaningless if there is none. */
  private long lastGroup;

  private int groupCount;
  private int chunkCount;

  /** Whether the stamp on the disk names the file, with its length and CRC. */
  private boolean isStamped;

  /** Whether the file was not changed since its length and CRC were taken. */
  private boolean isSealed;

  private long length;
  private int crc;

  private @Nullable ChronicleGroups groups;

  /** When it was last used while open, in ticks of the map. */
  private long lastUse;

  private MetadataFile(int number, long firstGroup, boolean isLost) {
    this.number = number;
    this.firstGroup = firstGroup;
    this.isLost = isLost;
  }

  /** Returns an interval of which nothing was folded in yet. */
  static MetadataFile untouched(long firstGroup) {
    return new MetadataFile(NO_FILE, firstGroup, false);
  }

  /** Returns an interval whose rows must be folded from the history again. */
  static MetadataFile lost(long firstGroup) {
    return new MetadataFile(NO_FILE, firstGroup, true);
  }

  /** Returns a new file. */
  static MetadataFile created(int number, long firstGroup) {
    return new MetadataFile(number, firstGroup, false);
  }

  /** Returns a file as the stamp on the disk describes it. */
  static MetadataFile stamped(
      int number,
      long firstGroup,
      long lastGroup,
      int groupCount,
      int chunkCount,
      long length,
      int crc) {
    MetadataFile file = new MetadataFile(number, firstGroup, false);
    file.lastGroup = lastGroup;
    file.groupCount = groupCount;
    file.chunkCount = chunkCount;
    file.onSealed(length, crc);
    file.onStamped();
    return file;
  }

  int number() {
    return number;
  }

  boolean hasFile() {
    return number != NO_FILE;
  }

  boolean isLost() {
    return isLost;
  }

  long firstGroup() {
    return firstGroup;
  }

  long lastGroup() {
    return lastGroup;
  }

  int groupCount() {
    return groupCount;
  }

  int chunkCount() {
    return chunkCount;
  }

  boolean isStamped() {
    return isStamped;
  }

  long length() {
    return length;
  }

  int crc() {
    return crc;
  }

  boolean isSealed() {
    return isSealed;
  }

  /** Notes that the file is on the disk with this length and CRC. */
  void onSealed(long sealedLength, int sealedCrc) {
    length = sealedLength;
    crc = sealedCrc;
    isSealed = true;
  }

  /** Notes that the file is about to be changed. */
  void onChanged() {
    isSealed = false;
  }

  /** Notes that the stamp on the disk will name the file. */
  void onStamped() {
    isStamped = true;
  }

  /** Notes that the stamp on the disk will not name the file any more. */
  void onStampLifted() {
    isStamped = false;
  }

  /** Notes that a group was put. */
  void onPut(long groupId, int oldChunks, int newChunks) {
    if (groupCount == 0 || groupId > lastGroup) {
      lastGroup = groupId;
    }
    if (oldChunks == 0) {
      groupCount++;
    }
    chunkCount += newChunks - oldChunks;
  }

  boolean isOpen() {
    return groups != null;
  }

  /** Returns the open file. */
  ChronicleGroups groups() {
    return Objects.requireNonNull(groups, "file is not open");
  }

  void onOpened(ChronicleGroups opened) {
    groups = opened;
  }

  void close() {
    if (groups != null) {
      groups.close();
      groups = null;
    }
  }

  long lastUse() {
    return lastUse;
  }

  void onUsed(long tick) {
    lastUse = tick;
  }
}
