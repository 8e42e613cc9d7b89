package io.tidemark.metrics;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.agrona.BufferUtil;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersManager;
import org.jspecify.annotations.Nullable;

/**
 * The values of one store's metrics, in a mapped file that other processes read while they move,
 * and after the writer died.
 *
 * <p>One thread at a time changes them; any thread reads. A change costs nanoseconds, allocates
 * nothing and reads no clock. The file is a view: nothing forces it, and it is begun anew at every
 * opening of the store.
 */
public final class StoreCounters implements AutoCloseable {
  /*
   * The file is made whole under a temporary name and renamed, so a reader never sees half a header.
   * It is never cut or unmapped: one that has it mapped goes on reading what was last written, and a
   * file that replaced it is another file.
   */

  /** The file's name in a store directory. */
  public static final String FILE_NAME = "counters.dat";

  private static final String TEMPORARY_NAME = FILE_NAME + ".tmp";
  private static final int COUNT = Metric.values().length;

  private final UnsafeBuffer file;
  private final EpochClock clock;
  private final Map<String, String> labels;
  private final EnumMap<Metric, AtomicCounter> counters = new EnumMap<>(Metric.class);

  private StoreCounters(UnsafeBuffer file, Map<String, String> labels, EpochClock clock) {
    this.file = file;
    this.labels = new TreeMap<>(labels);
    this.clock = clock;
    CountersManager manager =
        new CountersManager(
            CountersDescriptor.metadata(file, COUNT),
            CountersDescriptor.values(file, COUNT),
            StandardCharsets.UTF_8);
    for (Metric metric : Metric.values()) {
      counters.put(metric, manager.newCounter(metric.id(), metric.number()));
    }
  }

  /**
   * Begins counters that no other process sees: of a store that could not be opened yet.
   *
   * @param labels names and values that tell this store from others
   */
  public static StoreCounters inMemory(Map<String, String> labels, EpochClock clock) {
    ByteBuffer memory =
        BufferUtil.allocateDirectAligned(CountersDescriptor.fileLength(COUNT), Long.BYTES);
    return begin(memory, labels, 0, clock.time(), clock);
  }

  /**
   * Begins the file of a store whose lock the caller holds.
   *
   * @param store the store directory
   * @param labels names and values that tell this store from others; 200 bytes at most
   * @param epoch the number of this opening of the store
   * @param startedMs when the process began to follow, ms since the epoch
   * @param before counters whose totals go on in these; null for none
   */
  public static StoreCounters create(
      Path store,
      Map<String, String> labels,
      long epoch,
      long startedMs,
      EpochClock clock,
      @Nullable StoreCounters before)
      throws IOException {
    Path temporary = store.resolve(TEMPORARY_NAME);
    Files.deleteIfExists(temporary);
    MappedByteBuffer memory;
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      // Written, not only reserved: a full disk is told here and not by a signal later.
      channel.write(ByteBuffer.allocate(CountersDescriptor.fileLength(COUNT)), 0);
      memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, CountersDescriptor.fileLength(COUNT));
    }
    StoreCounters begun = begin(memory, labels, epoch, startedMs, clock);
    if (before != null) {
      for (Metric metric : Metric.values()) {
        if (metric.kind() == Metric.Kind.TOTAL) {
          begun.set(metric, before.get(metric));
        }
      }
    }
    Files.move(
        temporary,
        store.resolve(FILE_NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    return begun;
  }

  private static StoreCounters begin(
      ByteBuffer memory, Map<String, String> labels, long epoch, long startedMs, EpochClock clock) {
    UnsafeBuffer file = new UnsafeBuffer(memory);
    byte[] text = Labels.encode(labels, CountersDescriptor.LABELS_LENGTH_MAX);
    file.putLong(
        CountersDescriptor.MAGIC_OFFSET, CountersDescriptor.MAGIC, CountersDescriptor.ORDER);
    file.putInt(
        CountersDescriptor.VERSION_OFFSET, CountersDescriptor.VERSION, CountersDescriptor.ORDER);
    file.putInt(CountersDescriptor.COUNT_OFFSET, COUNT, CountersDescriptor.ORDER);
    file.putLong(
        CountersDescriptor.PID_OFFSET, ProcessHandle.current().pid(), CountersDescriptor.ORDER);
    file.putLong(CountersDescriptor.EPOCH_OFFSET, epoch, CountersDescriptor.ORDER);
    file.putLong(CountersDescriptor.STARTED_OFFSET, startedMs, CountersDescriptor.ORDER);
    file.putInt(CountersDescriptor.LABELS_LENGTH_OFFSET, text.length, CountersDescriptor.ORDER);
    file.putBytes(CountersDescriptor.LABELS_OFFSET, text);
    file.putInt(
        CountersDescriptor.CRC_OFFSET,
        CountersDescriptor.crc(file, text.length),
        CountersDescriptor.ORDER);
    file.putInt(
        CountersDescriptor.STATE_OFFSET, CountersDescriptor.STATE_OPEN, CountersDescriptor.ORDER);
    StoreCounters counters = new StoreCounters(file, labels, clock);
    counters.heartbeat();
    return counters;
  }

  /** Returns the value of a metric; from any thread. */
  public long get(Metric metric) {
    return counter(metric).get();
  }

  /** Sets the value of a metric. */
  public void set(Metric metric, long value) {
    counter(metric).setRelease(value);
  }

  /** Adds to the value of a metric. */
  public void add(Metric metric, long increment) {
    AtomicCounter counter = counter(metric);
    counter.setRelease(counter.getPlain() + increment);
  }

  private AtomicCounter counter(Metric metric) {
    return Objects.requireNonNull(counters.get(metric));
  }

  /** Tells other processes that the writer is alive. Reads the clock: not for each event. */
  public void heartbeat() {
    file.putLong(CountersDescriptor.HEARTBEAT_OFFSET, clock.time(), CountersDescriptor.ORDER);
  }

  /** Returns all values as they are now; from any thread. */
  public MetricSample sample() {
    return CountersFile.sampleOf(file, COUNT, labels);
  }

  /** Tells other processes that the writer ended in good order; the last values stay. */
  @Override
  public void close() {
    heartbeat();
    file.putInt(
        CountersDescriptor.STATE_OFFSET, CountersDescriptor.STATE_CLOSED, CountersDescriptor.ORDER);
  }
}
