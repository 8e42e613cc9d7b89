package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.storage.FileNumber;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.PublishedFileWriter;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Names the files that are the base at one journal position, and holds the control entries up to
 * it.
 *
 * <p>Immutable.
 */
final class BaseManifest {

  /*
   *   0               4               8
   *  +-------------------------------+
   *  | next block id                 |   0   higher than every id given until the position
   *  +---------------+---------------+
   *  | flags         | ranges        |   8   bit 0: a flush-all
   *  +---------------+---------------+
   *  | flush-all WAL offset          |  16   highest one
   *  +---------------+---------------+
   *  | its generation| 0             |  24
   *  +---------------+---------------+
   *  | ranges ...                    |  32   for each, ids ascending: first id u64, position u64,
   *  +-------------------------------+       payload length u64, payload CRC32C u32, 0 u32
   *  | control entries ...           |       see ControlSection
   *
   *  The header's last position is the base's end; its first is 1.
   *  Invariants: the first range begins at 0; the first ids of all are those of containers; no range
   *  was written at a position behind the base's end.
   */

  static final int VERSION = 1;
  static final String SUFFIX = ".manifest";

  private static final int FLAG_FLUSH_ALL = 1;
  private static final int FLAGS_OFFSET = Long.BYTES;
  private static final int RANGE_COUNT_OFFSET = FLAGS_OFFSET + Integer.BYTES;
  private static final int FLUSH_ALL_OFFSET = RANGE_COUNT_OFFSET + Integer.BYTES;
  private static final int FLUSH_ALL_GENERATION_OFFSET = FLUSH_ALL_OFFSET + Long.BYTES;
  private static final int RANGES_OFFSET = FLUSH_ALL_GENERATION_OFFSET + Long.BYTES;
  private static final int RANGE_LENGTH = 4 * Long.BYTES;

  private final long position;
  private final ByteBuffer payload;

  private BaseManifest(long position, ByteBuffer payload) {
    this.position = position;
    this.payload = payload;
  }

  /** Returns the name of the manifest at a position. */
  static String fileName(long position) {
    return FileNumber.format(position) + SUFFIX;
  }

  /**
   * Maps a manifest and checks every byte of it.
   *
   * @throws CorruptFileException if any byte is wrong
   */
  static BaseManifest open(StorageIO io, Path file, long storeId) throws IOException {
    PublishedFile published =
        PublishedFile.open(io, file, FileType.BASE_MANIFEST, VERSION, storeId);
    ByteBuffer payload = published.payload();
    if (payload.capacity() < RANGES_OFFSET) {
      throw new CorruptFileException(
          "corrupt base manifest: cut: length=" + payload.capacity() + ", file=" + file);
    }
    return new BaseManifest(published.header().lastPosition(), payload);
  }

  /** Publishes a manifest; durable when it returns. */
  static void publish(
      StorageIO io,
      Path file,
      long storeId,
      long position,
      long nextBlockId,
      @Nullable WalPosition flushAll,
      List<BaseRange> ranges,
      Consumer<JournalEntryHandler> control)
      throws IOException {
    try (PublishedFileWriter out =
        new PublishedFileWriter(io, file, FileType.BASE_MANIFEST, VERSION, storeId)) {
      ByteBuffer head =
          ByteBuffer.allocate(RANGES_OFFSET + ranges.size() * RANGE_LENGTH)
              .order(ByteOrder.LITTLE_ENDIAN);
      head.putLong(nextBlockId).putInt(flushAll == null ? 0 : FLAG_FLUSH_ALL);
      head.putInt(ranges.size());
      head.putLong(flushAll == null ? 0 : flushAll.walOffset());
      head.putInt(flushAll == null ? 0 : flushAll.generation()).putInt(0);
      for (BaseRange range : ranges) {
        head.putLong(range.firstId()).putLong(range.position()).putLong(range.payloadLength());
        head.putInt(range.payloadCrc()).putInt(0);
      }
      out.write(head.array());
      control.accept(new ControlSection(out::write));
      out.publish(1, position);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  long position() {
    return position;
  }

  long nextBlockId() {
    return payload.getLong(0);
  }

  @Nullable WalPosition flushAll() {
    return (payload.getInt(FLAGS_OFFSET) & FLAG_FLUSH_ALL) == 0
        ? null
        : new WalPosition(
            payload.getInt(FLUSH_ALL_GENERATION_OFFSET), payload.getLong(FLUSH_ALL_OFFSET));
  }

  /** Returns the files, ids ascending. */
  List<BaseRange> ranges() {
    List<BaseRange> ranges = new ArrayList<>();
    for (int i = 0; i < payload.getInt(RANGE_COUNT_OFFSET); i++) {
      int at = RANGES_OFFSET + i * RANGE_LENGTH;
      ranges.add(
          new BaseRange(
              payload.getLong(at),
              payload.getLong(at + Long.BYTES),
              payload.getLong(at + 2 * Long.BYTES),
              payload.getInt(at + 3 * Long.BYTES)));
    }
    return ranges;
  }

  /** Passes on the control entries in journal order. */
  void forEachControl(JournalEntryHandler handler) {
    ByteBuffer in = payload.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    in.position(RANGES_OFFSET + payload.getInt(RANGE_COUNT_OFFSET) * RANGE_LENGTH);
    ControlSection.forEach(in, handler);
  }
}
