package io.tidemark.snapshot;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.state.BlockStates;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.FileType;
import io.tidemark.storage.MappedBitmap;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file with the state bitmaps of all blocks at one sealed journal position. */
public final class Snapshot {

  /*
   * Payload, little-endian:
   *
   *   0               4               8
   *  +---------------+---------------+
   *  | generation    | generation    |   0   of the highest position folded; of the flush of all blocks
   *  +---------------+---------------+
   *  | WAL offset                    |   8   of the highest position folded
   *  +-------------------------------+
   *  | WAL offset                    |  16   up to which all blocks were flushed
   *  +-------------------------------+
   *  | cursor                        |  24   journal position the default chain has committed through
   *  +-------------------------------+
   *  | known   offset u64, length u64|  32   portable 64-bit Roaring bitmaps
   *  | dirty   offset u64, length u64|  48
   *  | new     offset u64, length u64|  64
   *  | deleted offset u64, length u64|  80
   *  +-------------------------------+
   *  | bitmaps ...                   |  96
   *
   * Invariants: dirty, new and deleted are disjoint subsets of known; the header's last position is
   * the end of a segment.
   */
  private static final int VERSION = 1;

  private static final int BITMAPS = 4;
  private static final int FLUSH_GENERATION_OFFSET = Integer.BYTES;
  private static final int HIGHEST_OFFSET = FLUSH_GENERATION_OFFSET + Integer.BYTES;
  private static final int FLUSH_OFFSET = HIGHEST_OFFSET + Long.BYTES;
  private static final int CURSOR_OFFSET = FLUSH_OFFSET + Long.BYTES;
  private static final int DIRECTORY_OFFSET = CURSOR_OFFSET + Long.BYTES;
  private static final int DIRECTORY_ENTRY_LENGTH = 2 * Long.BYTES;
  private static final int BITMAPS_OFFSET = DIRECTORY_OFFSET + BITMAPS * DIRECTORY_ENTRY_LENGTH;

  private Snapshot() {}

  /** Publishes the states as they stand at a journal position; durable when it returns. */
  public static void publish(
      StorageIO io, Path file, long storeId, long position, BlockStates.Image states)
      throws IOException {
    List<byte[]> bitmaps = new ArrayList<>();
    for (MappedBitmap bitmap :
        List.of(states.known(), states.dirty(), states.created(), states.deleted())) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      bitmap.write(out);
      bitmaps.add(out.toByteArray());
    }
    long length = BITMAPS_OFFSET;
    for (byte[] bitmap : bitmaps) {
      length += bitmap.length;
    }
    ByteBuffer payload =
        ByteBuffer.allocate(Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
    payload.putInt(states.highest().generation()).putInt(states.flushAll().generation());
    payload.putLong(states.highest().walOffset()).putLong(states.flushAll().walOffset());
    payload.putLong(states.cursor());
    long offset = BITMAPS_OFFSET;
    for (byte[] bitmap : bitmaps) {
      payload.putLong(offset).putLong(bitmap.length);
      offset += bitmap.length;
    }
    bitmaps.forEach(payload::put);
    PublishedFile.publish(
        io, file, FileType.SNAPSHOT, VERSION, storeId, 0, position, payload.flip());
  }

  /** Publishes the states, as they stand at a journal position, to the operating system. */
  public static void publish(Path file, long storeId, long position, BlockStates.Image states)
      throws IOException {
    publish(FileStorageIO.INSTANCE, file, storeId, position, states);
  }

  /** Maps a snapshot of the operating system. */
  public static BlockStates.Image open(Path file, long storeId) throws IOException {
    return open(FileStorageIO.INSTANCE, file, storeId);
  }

  /**
   * Maps a snapshot; the states start as what lies in the file.
   *
   * @throws CorruptFileException if any byte of it is wrong
   */
  public static BlockStates.Image open(StorageIO io, Path file, long storeId) throws IOException {
    ByteBuffer payload =
        PublishedFile.open(io, file, FileType.SNAPSHOT, VERSION, storeId).payload();
    return new BlockStates.Image(
        bitmap(payload, 0),
        bitmap(payload, 1),
        bitmap(payload, 2),
        bitmap(payload, 3),
        new WalPosition(payload.getInt(0), payload.getLong(HIGHEST_OFFSET)),
        new WalPosition(payload.getInt(FLUSH_GENERATION_OFFSET), payload.getLong(FLUSH_OFFSET)),
        payload.getLong(CURSOR_OFFSET));
  }

  private static MappedBitmap bitmap(ByteBuffer payload, int index) {
    int entry = DIRECTORY_OFFSET + index * DIRECTORY_ENTRY_LENGTH;
    return MappedBitmap.of(
        payload.slice(
            Math.toIntExact(payload.getLong(entry)),
            Math.toIntExact(payload.getLong(entry + Long.BYTES))));
  }
}
