package io.tidemark.archive;

import io.tidemark.backup.CopyKind;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes one data file of a run: records of blocks, compressed, encrypted.
 *
 * <p>Used by one thread. What it holds does not depend on how much is written.
 */
final class DataFileWriter implements Closeable {
  private static final ByteBuffer NO_CONTENT = ByteBuffer.allocate(0);

  private final StorageFile file;
  private final DigestedOutput raw;
  private final OutputStream body;
  private final byte[] fieldBytes = new byte[BlockRecord.LENGTH];
  private final ByteBuffer fields = BlockRecord.over(fieldBytes);
  private final byte[] copy = new byte[1 << 16];
  private long records;
  private long contentBytes;
  private boolean isComplete;

  /**
   * Begins a file; one of this name is replaced.
   *
   * @param key null if the file is not to be encrypted
   */
  DataFileWriter(
      StorageIO io,
      Path path,
      DataFileHeader header,
      Compression compression,
      @Nullable ArchiveKey key)
      throws IOException {
    this.file = io.create(path);
    this.raw = new DigestedOutput(file);
    try {
      byte[] encoded = header.encode();
      raw.write(encoded);
      this.body =
          compression.compress(
              key == null
                  ? raw
                  : new EncryptingOutputStream(raw, key.fileKey(header.salt(), encoded)));
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Writes that there is no content of a block. */
  void write(long blockId, CopyKind kind) throws IOException {
    record(blockId, kind.code(), NO_CONTENT);
    records++;
  }

  /**
   * Writes the content of a block.
   *
   * @param content from position to limit; its position does not move
   */
  void write(long blockId, CopyKind kind, ByteBuffer content) throws IOException {
    if (content.remaining() > BlockRecord.MAX_CONTENT_LENGTH) {
      throw new IOException(
          "block is too long: longest="
              + BlockRecord.MAX_CONTENT_LENGTH
              + ", length="
              + content.remaining()
              + ", blockId="
              + Long.toUnsignedString(blockId));
    }
    record(blockId, kind.code(), content);
    records++;
    contentBytes += content.remaining();
  }

  private void record(long blockId, int kind, ByteBuffer content) throws IOException {
    fields.putInt(BlockRecord.LENGTH_OFFSET, content.remaining());
    fields.putInt(BlockRecord.KIND_OFFSET, kind);
    fields.putLong(BlockRecord.ID_OFFSET, blockId);
    fields.putInt(BlockRecord.CRC_OFFSET, BlockRecord.crc(fieldBytes, content));
    body.write(fieldBytes, 0, BlockRecord.LENGTH);
    if (content.hasArray()) {
      body.write(content.array(), content.arrayOffset() + content.position(), content.remaining());
      return;
    }
    ByteBuffer left = content.duplicate();
    while (left.hasRemaining()) {
      int part = Math.min(left.remaining(), copy.length);
      left.get(copy, 0, part);
      body.write(copy, 0, part);
    }
  }

  /** Ends the file; it is durable when this returns, but for its name. Returns its SHA-256. */
  String complete() throws IOException {
    record(records, BlockRecord.END, NO_CONTENT);
    body.close();
    String sha256 = raw.complete();
    isComplete = true;
    return sha256;
  }

  /** Returns how many bytes were written. */
  long length() {
    return raw.length();
  }

  /** Returns how many bytes of content were written. */
  long contentBytes() {
    return contentBytes;
  }

  /** Closes the file; one that was not completed is of no use. */
  @Override
  public void close() throws IOException {
    try (file) {
      if (!isComplete) {
        body.close();
      }
    } catch (IOException e) {
      if (isComplete) {
        throw e;
      }
    }
  }
}
