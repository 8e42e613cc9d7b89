package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.storage.ChronicleSettings;
import io.tidemark.storage.Directories;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.openhft.chronicle.map.ChronicleMap;
import org.jspecify.annotations.Nullable;

/**
 * Position and time of the last change of every block: Chronicle Map files, a view folded from the
 * change segments.
 *
 * <p>Only the writer process opens it. Single thread. Opening the first file compiles classes and
 * takes seconds, so nothing that answers range or state questions goes through it.
 */
public final class ChronicleMetadataMap implements AutoCloseable {

  /*
   * Files. One Chronicle Map file per range of 2^20 ids, made when the range is first touched: the
   * library needs a file's capacity up front. An entry holds a group of 64 neighbouring blocks, so
   * a fold in id order touches each entry once.
   *
   * Trust. Chronicle Map loses entries in a power cut and keeps its locks after a kill. So the file
   * STAMP says through which journal position the map is complete and names its files; it is deleted
   * before the first change of a session and published again after every file was closed and forced.
   * Without an intact STAMP, or with a named file gone or cut, all files are deleted and folded
   * again from the segments.
   *
   * Payload of STAMP, little-endian: for each file: range u64, length of the file u64.
   */

  private static final int RANGE_BITS = 20;
  private static final int STAMP_VERSION = 1;
  private static final String STAMP = "STAMP";
  private static final String FILE_PREFIX = "range-";

  static {
    ChronicleSettings.apply();
  }

  private final Path directory;
  private final long storeId;
  private final Map<Long, ChronicleMap<Long, byte[]>> ranges = new TreeMap<>(Long::compareUnsigned);
  private long foldedThrough;
  private boolean isStamped;

  private ChronicleMetadataMap(Path directory, long storeId, long foldedThrough) {
    this.directory = directory;
    this.storeId = storeId;
    this.foldedThrough = foldedThrough;
    this.isStamped = foldedThrough > 0;
  }

  /** Opens the map: as it was stamped, or empty. */
  public static ChronicleMetadataMap open(Path directory, long storeId) throws IOException {
    Files.createDirectories(directory);
    long stamped = 0;
    try {
      stamped = readStamp(directory, storeId);
    } catch (NoSuchFileException | CorruptFileException e) {
      stamped = 0;
    }
    if (stamped == 0) {
      for (Path file : Directories.list(directory)) {
        Files.delete(file);
      }
    }
    return new ChronicleMetadataMap(directory, storeId, stamped);
  }

  /** Returns the position of the stamp, 0 if a file it names is not there as it was. */
  private static long readStamp(Path directory, long storeId) throws IOException {
    PublishedFile stamp =
        PublishedFile.open(
            directory.resolve(STAMP), FileType.METADATA_STAMP, STAMP_VERSION, storeId);
    ByteBuffer files = stamp.payload();
    while (files.hasRemaining()) {
      Path file = directory.resolve(fileName(files.getLong()));
      long length = files.getLong();
      if (!Files.exists(file) || Files.size(file) != length) {
        return 0;
      }
    }
    return stamp.header().lastPosition();
  }

  /** Returns the journal position through which all segments are folded in; 0 for none. */
  public long foldedThrough() {
    return foldedThrough;
  }

  /**
   * Folds the next segment in; it must lie behind what was folded before.
   *
   * @throws CorruptFileException if stored bytes it would change are not what was written; rebuild
   *     the map
   */
  public void fold(ChangeSegment segment) throws IOException {
    assert segment.lastPosition() > foldedThrough
        : "segment is folded already: folded=" + foldedThrough + ", last=" + segment.lastPosition();
    removeStamp();
    GroupFold fold = new GroupFold();
    segment.forEachMaxima(fold::block);
    fold.finish();
    foldedThrough = segment.lastPosition();
  }

  private void removeStamp() throws IOException {
    if (isStamped) {
      Files.deleteIfExists(directory.resolve(STAMP));
      Directories.force(directory);
      isStamped = false;
    }
  }

  /** Folds blocks that come in id order, one group at a time. */
  private final class GroupFold {
    private final BlockMaxima row = new BlockMaxima();
    private @Nullable MetadataGroup group;
    private byte[] value = new byte[0];
    private long groupId;

    void block(long blockId, BlockMaxima maxima, long timestampNs) {
      MetadataGroup current = group;
      if (current == null || blockId >>> MetadataGroup.ID_BITS != groupId) {
        finish();
        groupId = blockId >>> MetadataGroup.ID_BITS;
        byte[] stored = rangeOf(blockId).get(groupId);
        value = stored == null ? new byte[MetadataGroup.LENGTH] : stored;
        current = stored == null ? new MetadataGroup(value) : intact(value, blockId);
        group = current;
      }
      current.read(blockId, row);
      boolean isLater = isLastChangeAtLeast(maxima, row);
      row.fold(maxima);
      current.write(blockId, row, isLater ? timestampNs : current.timestampNs(blockId));
    }

    void finish() {
      MetadataGroup current = group;
      if (current != null) {
        current.seal();
        rangeOf(groupId << MetadataGroup.ID_BITS).put(groupId, value);
      }
      group = null;
    }
  }

  /** Whether the last change of a comes after that of b, or is of the same place and rank. */
  private static boolean isLastChangeAtLeast(BlockMaxima a, BlockMaxima b) {
    int order = a.lastChange().compareTo(b.lastChange());
    return order > 0 || (order == 0 && lastRank(a) >= lastRank(b));
  }

  /** Returns the rank of the last change, -1 if there was none. */
  private static int lastRank(BlockMaxima maxima) {
    WalPosition last = maxima.lastChange();
    int rank = -1;
    for (BlockEventType type : BlockEventType.values()) {
      if (type.isChange()
          && maxima.has(type)
          && maxima.generation(type) == last.generation()
          && maxima.walOffset(type) == last.walOffset()) {
        rank = Math.max(rank, type.rank());
      }
    }
    return rank;
  }

  private MetadataGroup intact(byte[] value, long blockId) {
    MetadataGroup group = new MetadataGroup(value);
    if (!group.isIntact()) {
      throw new CorruptFileException(
          "corrupt metadata map: wrong CRC: block="
              + Long.toUnsignedString(blockId)
              + ", directory="
              + directory);
    }
    return group;
  }

  /**
   * Reads what is known of a block.
   *
   * @param maxima set to the block's history, without flushes of all blocks
   * @return timestamp of its last change, {@link Long#MIN_VALUE} if it was only ever flushed, or
   *     null if it had no event
   * @throws CorruptFileException if the stored bytes are not what was written; rebuild the map
   */
  public @Nullable Long read(long blockId, BlockMaxima maxima) {
    long range = blockId >>> RANGE_BITS;
    if (!ranges.containsKey(range) && !Files.exists(directory.resolve(fileName(range)))) {
      return null;
    }
    byte[] value = rangeOf(blockId).get(blockId >>> MetadataGroup.ID_BITS);
    if (value == null) {
      return null;
    }
    MetadataGroup group = intact(value, blockId);
    if (!group.isPresent(blockId)) {
      return null;
    }
    group.read(blockId, maxima);
    return group.timestampNs(blockId);
  }

  private ChronicleMap<Long, byte[]> rangeOf(long blockId) {
    return ranges.computeIfAbsent(blockId >>> RANGE_BITS, this::openRange);
  }

  private ChronicleMap<Long, byte[]> openRange(long range) {
    try {
      return ChronicleMap.of(Long.class, byte[].class)
          .name("tidemark-metadata")
          .entries(1L << (RANGE_BITS - MetadataGroup.ID_BITS))
          .constantValueSizeBySample(new byte[MetadataGroup.LENGTH])
          .checksumEntries(false)
          .createPersistedTo(directory.resolve(fileName(range)).toFile());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String fileName(long range) {
    return FILE_PREFIX + String.format("%012x", range);
  }

  /** Closes and forces every file, then stamps the map as complete through what was folded. */
  @Override
  public void close() throws IOException {
    for (Map.Entry<Long, ChronicleMap<Long, byte[]>> range : ranges.entrySet()) {
      range.getValue().close();
    }
    if (!isStamped && foldedThrough > 0) {
      for (long range : ranges.keySet()) {
        try (FileChannel channel =
            FileChannel.open(directory.resolve(fileName(range)), StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
      PublishedFile.publish(
          directory.resolve(STAMP),
          FileType.METADATA_STAMP,
          STAMP_VERSION,
          storeId,
          0,
          foldedThrough,
          stamp());
      isStamped = true;
    }
    ranges.clear();
  }

  /** Returns the names and lengths of all files of the map. */
  private ByteBuffer stamp() throws IOException {
    List<Path> files =
        Directories.list(directory).stream()
            .filter(file -> file.getFileName().toString().startsWith(FILE_PREFIX))
            .toList();
    ByteBuffer payload =
        ByteBuffer.allocate(files.size() * 2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Path file : files) {
      String range = file.getFileName().toString().substring(FILE_PREFIX.length());
      payload.putLong(Long.parseUnsignedLong(range, 16)).putLong(Files.size(file));
    }
    return payload.flip();
  }
}
