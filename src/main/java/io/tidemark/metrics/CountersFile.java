package io.tidemark.metrics;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.UnsupportedFormatException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * A file of counters as another process sees it, of a live or a dead writer.
 *
 * <p>Costs the writer nothing. Shows this one file for ever: when the store is opened again there
 * is another one under its name. Any thread.
 */
public final class CountersFile {
  private final UnsafeBuffer file;
  private final int count;
  private final Map<String, String> labels;

  private CountersFile(UnsafeBuffer file, int count, Map<String, String> labels) {
    this.file = file;
    this.count = count;
    this.labels = labels;
  }

  /**
   * Maps the file of a store.
   *
   * @param store the store directory
   * @throws CorruptFileException if it is no file of counters, or a damaged one
   * @throws UnsupportedFormatException if another version of this program wrote it
   */
  public static CountersFile open(Path store) throws IOException {
    Path path = store.resolve(StoreCounters.FILE_NAME);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long length = channel.size();
      if (length < CountersDescriptor.COUNTERS_OFFSET || length > Integer.MAX_VALUE) {
        throw new CorruptFileException(
            "not a file of counters: lengthBytes=" + length + ", file=" + path);
      }
      UnsafeBuffer file = new UnsafeBuffer(channel.map(FileChannel.MapMode.READ_ONLY, 0, length));
      int count = check(file, path);
      int labelsLength =
          file.getInt(CountersDescriptor.LABELS_LENGTH_OFFSET, CountersDescriptor.ORDER);
      byte[] text = new byte[labelsLength];
      file.getBytes(CountersDescriptor.LABELS_OFFSET, text);
      return new CountersFile(file, count, Labels.decode(text));
    }
  }

  /** Returns the number of counters if the header is right. */
  private static int check(UnsafeBuffer file, Path path) {
    long magic = file.getLong(CountersDescriptor.MAGIC_OFFSET, CountersDescriptor.ORDER);
    if (magic != CountersDescriptor.MAGIC) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT, "not a file of counters: magic=0x%016X, file=%s", magic, path));
    }
    int version = file.getInt(CountersDescriptor.VERSION_OFFSET, CountersDescriptor.ORDER);
    if (version != CountersDescriptor.VERSION) {
      throw new UnsupportedFormatException(
          "unknown version of a file of counters: expected="
              + CountersDescriptor.VERSION
              + ", actual="
              + version
              + ", file="
              + path);
    }
    int count = file.getInt(CountersDescriptor.COUNT_OFFSET, CountersDescriptor.ORDER);
    int labelsLength =
        file.getInt(CountersDescriptor.LABELS_LENGTH_OFFSET, CountersDescriptor.ORDER);
    if (count < 0
        || count > CountersDescriptor.COUNT_MAX
        || labelsLength < 0
        || labelsLength > CountersDescriptor.LABELS_LENGTH_MAX
        || file.capacity() != CountersDescriptor.fileLength(count)) {
      throw new CorruptFileException(
          "file of counters has a wrong length: counters="
              + count
              + ", labelsBytes="
              + labelsLength
              + ", lengthBytes="
              + file.capacity()
              + ", file="
              + path);
    }
    int expected = CountersDescriptor.crc(file, labelsLength);
    int actual = file.getInt(CountersDescriptor.CRC_OFFSET, CountersDescriptor.ORDER);
    if (expected != actual) {
      throw new CorruptFileException(
          String.format(
              Locale.ROOT,
              "file of counters has a wrong header CRC: expected=0x%08X, actual=0x%08X, file=%s",
              expected,
              actual,
              path));
    }
    return count;
  }

  /** Returns the values as they are now. */
  public MetricSample sample() {
    return sampleOf(file, count, labels);
  }

  static MetricSample sampleOf(UnsafeBuffer file, int count, Map<String, String> labels) {
    CountersReader reader =
        new CountersReader(
            CountersDescriptor.metadata(file, count), CountersDescriptor.values(file, count));
    EnumMap<Metric, Long> values = new EnumMap<>(Metric.class);
    // The writer sets the time last: read first, no value beside it is older than it says.
    read(reader, count, Metric.LAST_UPDATE_TIME, values);
    for (Metric metric : Metric.values()) {
      if (metric != Metric.LAST_UPDATE_TIME) {
        read(reader, count, metric, values);
      }
    }
    return new MetricSample(
        labels,
        file.getLong(CountersDescriptor.PID_OFFSET, CountersDescriptor.ORDER),
        file.getLong(CountersDescriptor.EPOCH_OFFSET, CountersDescriptor.ORDER),
        file.getLong(CountersDescriptor.STARTED_OFFSET, CountersDescriptor.ORDER),
        file.getLong(CountersDescriptor.HEARTBEAT_OFFSET, CountersDescriptor.ORDER),
        file.getInt(CountersDescriptor.STATE_OFFSET, CountersDescriptor.ORDER)
            == CountersDescriptor.STATE_CLOSED,
        values);
  }

  private static void read(
      CountersReader reader, int count, Metric metric, EnumMap<Metric, Long> values) {
    int counter = metric.number() - 1;
    if (counter < count && reader.getCounterTypeId(counter) == metric.number()) {
      values.put(metric, reader.getCounterValue(counter));
    }
  }
}
