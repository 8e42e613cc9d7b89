package io.tidemark.benchmarks.comparison;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * The workload: events that every engine is given, made once and read by each.
 *
 * <p>A file, so that thinking up events costs no engine's process anything. Used by one thread.
 */
final class EventFile implements Closeable {
  private static final int RUN = 16;
  private static final long RANDOM_RANGE = 1_000_000_000;
  private static final int DELETE_ONE_IN = 128;
  private static final long FIRST_OFFSET = 1_000;
  private static final long OFFSET_STEP = 137;
  private static final long FIRST_NS = 1_700_000_000_000_000_000L;
  private static final long STEP_NS = 1_000;

  private final FileChannel file;
  private final EventBatch batch = new EventBatch();
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(EventBatch.CAPACITY * EventBatch.EVENT_LENGTH);

  private EventFile(FileChannel file) {
    this.file = file;
  }

  /**
   * Writes a workload: the same arguments write the same file.
   *
   * @param isClustered whether ids come in runs of 16 at random places of [0, events), else each
   *     anywhere in [0, 10^9)
   * @param extra how many events follow, of the same kind
   * @param seed of the places and of what is deleted
   */
  static void write(Path path, boolean isClustered, long events, long extra, long seed)
      throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    long runs = Math.max(events / RUN, 1);
    long run = 0;
    try (EventFile out =
        new EventFile(
            FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE))) {
      for (long event = 0; event < events + extra; event++) {
        if (event % RUN == 0) {
          run = random.nextLong(runs);
        }
        out.batch.add(
            isClustered ? run * RUN + event % RUN : random.nextLong(RANDOM_RANGE),
            walOffset(event),
            timestampNs(event),
            random.nextInt(DELETE_ONE_IN) == 0);
        if (out.batch.size() == EventBatch.CAPACITY || event == events + extra - 1) {
          out.write();
        }
      }
    }
  }

  private void write() throws IOException {
    buffer.clear();
    batch.writeTo(buffer);
    buffer.flip();
    while (buffer.hasRemaining()) {
      file.write(buffer);
    }
    batch.clear();
  }

  /** Opens a workload at its first event. */
  static EventFile read(Path path) throws IOException {
    return new EventFile(FileChannel.open(path, StandardOpenOption.READ));
  }

  /** Goes on at an event. */
  void seek(long event) throws IOException {
    file.position(event * EventBatch.EVENT_LENGTH);
  }

  /**
   * Reads the next events into the batch that is returned, which the next call fills again.
   *
   * @param limit events at most
   * @return an empty batch at the end
   */
  EventBatch next(long limit) throws IOException {
    int wanted = (int) Math.min(limit, EventBatch.CAPACITY);
    buffer.clear().limit(wanted * EventBatch.EVENT_LENGTH);
    while (buffer.hasRemaining() && file.read(buffer) >= 0) {
      // A file gives less than was asked for only at its end.
    }
    buffer.flip();
    batch.readFrom(buffer, buffer.remaining() / EventBatch.EVENT_LENGTH);
    return batch;
  }

  /** Returns the WAL offset of an event; ascending. */
  static long walOffset(long event) {
    return FIRST_OFFSET + event * OFFSET_STEP;
  }

  /** Returns the timestamp of an event, ns; ascending. */
  static long timestampNs(long event) {
    return FIRST_NS + event * STEP_NS;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
