package io.tidemark.ingest;

import io.tidemark.storage.Crc;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFileWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the data files of one run, block by block in unsigned order of ids.
 *
 * <p>Nothing counts before a manifest names the files. Not thread-safe.
 */
final class EmbeddedRunWriter implements Closeable {
  private static final int CHUNK_LENGTH = 1 << 16;
  private static final int FIRST_ROWS = 256;

  private final EmbeddedDirectory directory;
  private final long engineId;
  private final long first;
  private final long last;
  private final int maxFileBytes;
  private final byte[] chunk = new byte[CHUNK_LENGTH];
  private final List<EmbeddedManifest.DataFile> files = new ArrayList<>();
  private long nextNumber;
  private @Nullable PublishedFileWriter out;
  private int contentBytes;
  private ByteBuffer rows =
      ByteBuffer.allocate(FIRST_ROWS * EmbeddedDataDescriptor.ROW_LENGTH)
          .order(ByteOrder.LITTLE_ENDIAN);

  /**
   * Begins a run.
   *
   * @param nextNumber number of its first file
   * @param first WAL offset of the first change that it may hold
   * @param last WAL offset of the last one
   * @param maxFileBytes contents and rows after which the next file begins
   */
  EmbeddedRunWriter(
      EmbeddedDirectory directory,
      long engineId,
      long nextNumber,
      long first,
      long last,
      int maxFileBytes) {
    this.directory = directory;
    this.engineId = engineId;
    this.nextNumber = nextNumber;
    this.first = first;
    this.last = last;
    this.maxFileBytes = maxFileBytes;
  }

  /** Writes the present block of some rows, or that it was deleted. */
  void put(EmbeddedRows block) throws IOException {
    if (contentBytes + rows.position() >= maxFileBytes) {
      finishFile();
    }
    if (block.length() == EmbeddedDataDescriptor.DELETED) {
      putRow(block.blockId(), EmbeddedDataDescriptor.DELETED, 0);
      return;
    }
    ByteBuffer content = block.content();
    putRow(block.blockId(), content.remaining(), Crc.of(content, 0, content.remaining()));
    contentBytes += content.remaining();
    while (content.hasRemaining()) {
      int part = Math.min(chunk.length, content.remaining());
      content.get(chunk, 0, part);
      out().write(chunk, 0, part);
    }
  }

  private void putRow(long blockId, int length, int crc) {
    if (!rows.hasRemaining()) {
      rows =
          ByteBuffer.allocate(2 * rows.capacity()).order(ByteOrder.LITTLE_ENDIAN).put(rows.flip());
    }
    rows.putLong(blockId).putInt(contentBytes).putInt(length).putInt(crc).putInt(0);
  }

  private PublishedFileWriter out() throws IOException {
    PublishedFileWriter writer = out;
    if (writer == null) {
      writer =
          new PublishedFileWriter(
              directory.io(),
              directory.data(nextNumber),
              FileType.EMBEDDED_DATA,
              EmbeddedDataDescriptor.VERSION,
              engineId);
      out = writer;
    }
    return writer;
  }

  private void finishFile() throws IOException {
    if (rows.position() == 0) {
      return;
    }
    int length = rows.position();
    ByteBuffer trailer =
        ByteBuffer.allocate(EmbeddedDataDescriptor.TRAILER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    trailer.putInt(length / EmbeddedDataDescriptor.ROW_LENGTH).putInt(Crc.of(rows, 0, length));
    PublishedFileWriter writer = out();
    writer.write(rows.array(), 0, length);
    writer.write(trailer.array(), 0, trailer.capacity());
    int crc = writer.publish(first, last);
    writer.close();
    files.add(
        new EmbeddedManifest.DataFile(
            nextNumber, (long) contentBytes + length + trailer.capacity(), crc));
    out = null;
    nextNumber++;
    contentBytes = 0;
    rows.clear();
  }

  /** Ends the run; its files are durable when this returns. */
  List<EmbeddedManifest.DataFile> finish() throws IOException {
    finishFile();
    return files;
  }

  /** Gives up the file that was not finished. */
  @Override
  public void close() throws IOException {
    if (out != null) {
      out.close();
    }
  }
}
