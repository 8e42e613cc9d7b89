package io.tidemark.benchmarks.comparison;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The journal of engines that have none which survives a kill without a force: an append-only file
 * of batches.
 *
 * <p>A record is count, CRC32C and events, written by one system call. Used by one thread.
 */
final class BatchLog implements Closeable {
  private static final int HEADER_LENGTH = 2 * Integer.BYTES;
  private static final int RECORD_LENGTH =
      HEADER_LENGTH + EventBatch.CAPACITY * EventBatch.EVENT_LENGTH;

  private final FileChannel file;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(RECORD_LENGTH);
  private final CRC32C crc = new CRC32C();

  /** Takes one batch after another. */
  @FunctionalInterface
  interface Sink {
    void apply(EventBatch batch) throws IOException;
  }

  /**
   * Opens a journal at its end.
   *
   * @param replay is given everything that is in it
   */
  BatchLog(Path path, Sink replay) throws IOException {
    file =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      replay(replay);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Hands out every whole record, and cuts off a torn one. */
  private void replay(Sink sink) throws IOException {
    EventBatch batch = new EventBatch();
    long end = 0;
    while (read(batch, end)) {
      sink.apply(batch);
      end += HEADER_LENGTH + (long) batch.size() * EventBatch.EVENT_LENGTH;
    }
    file.truncate(end).position(end);
  }

  private boolean read(EventBatch batch, long position) throws IOException {
    buffer.clear();
    while (buffer.hasRemaining() && file.read(buffer, position + buffer.position()) >= 0) {
      // A file gives less than was asked for only at its end.
    }
    buffer.flip();
    if (buffer.remaining() < HEADER_LENGTH) {
      return false;
    }
    int count = buffer.getInt();
    int expected = buffer.getInt();
    int length = count * EventBatch.EVENT_LENGTH;
    if (count < 1 || count > EventBatch.CAPACITY || buffer.remaining() < length) {
      return false;
    }
    buffer.limit(HEADER_LENGTH + length);
    if (checksum() != expected) {
      return false;
    }
    batch.readFrom(buffer, count);
    return true;
  }

  /** Appends a batch: it survives the process from now on. */
  void append(EventBatch batch) throws IOException {
    buffer.clear().position(HEADER_LENGTH);
    batch.writeTo(buffer);
    buffer.flip().position(HEADER_LENGTH);
    int checksum = checksum();
    buffer.putInt(0, batch.size()).putInt(Integer.BYTES, checksum).position(0);
    while (buffer.hasRemaining()) {
      file.write(buffer);
    }
  }

  /** Returns the checksum from the buffer's position to its limit, both of which stay. */
  private int checksum() {
    crc.reset();
    crc.update(buffer.duplicate());
    return (int) crc.getValue();
  }

  /** Forgets everything: the engine has it in files of its own. */
  void clear() throws IOException {
    file.truncate(0).position(0);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
