package io.tidemark.state;

import io.tidemark.storage.ChronicleSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import net.openhft.chronicle.bytes.BytesStore;
import net.openhft.chronicle.map.ChronicleMap;
import net.openhft.chronicle.map.ExternalMapQueryContext;
import net.openhft.chronicle.map.MapEntry;

/**
 * One open file of the metadata map: a Chronicle Map from group id to packed group.
 *
 * <p>Keys and values go in and out as bytes, so that nothing is allocated for an entry. A file
 * whose bytes are not what was written must not be opened: the library would wait for locks, walk
 * in circles or read beyond the mapping. Single thread.
 */
final class ChronicleGroups implements AutoCloseable {

  /*
   * Sizes. The library needs a file's capacity when the file is made, so every file has the same,
   * and the map begins another one when it is full. One segment: entries lie in the order they were
   * put, and a fold in id order walks forward. The file is sparse: what was never written takes no
   * space on the disk. Entries take whole chunks; a second tier of the same size is there in case
   * the free chunks lie too scattered.
   */

  /** Entries a file holds. */
  static final int MAX_GROUPS = 1 << 14;

  /** Bytes an entry takes a multiple of. */
  static final int CHUNK_LENGTH = 64;

  /** Chunks a file holds. */
  static final int MAX_CHUNKS = (16 << 20) / CHUNK_LENGTH;

  /** What the library keeps beside a value: the key, and the value's length. */
  private static final int ENTRY_OVERHEAD = Long.BYTES + 2;

  /** A guess the library asks for; the sizes above decide. */
  private static final int TYPICAL_VALUE_LENGTH = 900;

  private static final int SPARE_TIERS_FACTOR = 2;

  static {
    ChronicleSettings.apply();
  }

  private final ChronicleMap<Long, byte[]> map;
  private final ByteBuffer key =
      ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final BytesStore<?, ?> keyBytes = BytesStore.wrap(key);
  private final BytesStore<?, ?> valueBytes;

  private ChronicleGroups(ChronicleMap<Long, byte[]> map, ByteBuffer value) {
    this.map = map;
    this.valueBytes = BytesStore.wrap(value);
  }

  /**
   * Opens a file, and creates it if it is not there.
   *
   * @param value where packed groups are put and taken from; {@link MetadataGroup#newBuffer}
   */
  static ChronicleGroups open(Path file, ByteBuffer value) throws IOException {
    ChronicleMap<Long, byte[]> map =
        ChronicleMap.of(Long.class, byte[].class)
            .name("tidemark-metadata")
            .actualSegments(1)
            .entriesPerSegment(MAX_GROUPS)
            .averageValueSize(TYPICAL_VALUE_LENGTH)
            .actualChunkSize(CHUNK_LENGTH)
            .actualChunksPerSegmentTier(MAX_CHUNKS)
            .maxChunksPerEntry(chunks(MetadataGroup.MAX_LENGTH))
            .maxBloatFactor(SPARE_TIERS_FACTOR)
            .checksumEntries(false)
            .sparseFile(true)
            .skipCloseOnExitHook(true)
            .createPersistedTo(file.toFile());
    return new ChronicleGroups(map, value);
  }

  /** Returns how many chunks a packed group of this length takes. */
  static int chunks(int length) {
    return (ENTRY_OVERHEAD + length + CHUNK_LENGTH - 1) / CHUNK_LENGTH;
  }

  /**
   * Copies a packed group into the value buffer.
   *
   * @return its length, 0 if the file does not hold it, or a length no group has if its bytes are
   *     not what was written
   */
  int get(long groupId) {
    key.putLong(0, groupId);
    try (ExternalMapQueryContext<Long, byte[], ?> query =
        map.queryContext(keyBytes, 0, Long.BYTES)) {
      query.readLock().lock();
      MapEntry<Long, byte[]> entry = query.entry();
      if (entry == null) {
        return 0;
      }
      long length = entry.value().size();
      if (length > 0 && length <= MetadataGroup.MAX_LENGTH) {
        entry.value().writeTo(valueBytes, MetadataGroup.VALUE_OFFSET);
      }
      return length == 0 ? Integer.MAX_VALUE : (int) Math.min(length, Integer.MAX_VALUE);
    }
  }

  /** Puts the packed group in the value buffer, or replaces the one that is there. */
  void put(long groupId, int length) {
    key.putLong(0, groupId);
    try (ExternalMapQueryContext<Long, byte[], ?> query =
        map.queryContext(keyBytes, 0, Long.BYTES)) {
      query.updateLock().lock();
      MapEntry<Long, byte[]> entry = query.entry();
      var value = query.wrapValueBytesAsData(valueBytes, MetadataGroup.VALUE_OFFSET, length);
      if (entry == null) {
        query.absentEntry().doInsert(value);
      } else {
        entry.doReplaceValue(value);
      }
    }
  }

  /** Returns the ids of all groups in order. */
  long[] groupIds() {
    long[] ids = new long[Math.toIntExact(map.longSize())];
    int[] count = {0};
    map.forEachEntry(entry -> ids[count[0]++] = entry.key().bytes().readLong(entry.key().offset()));
    Arrays.sort(ids);
    return ids;
  }

  @Override
  public void close() {
    map.close();
  }
}
