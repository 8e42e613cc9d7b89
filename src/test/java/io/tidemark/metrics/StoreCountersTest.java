package io.tidemark.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.metrics.MetricSample.Liveness;
import io.tidemark.testing.ChildJvm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agrona.concurrent.CachedEpochClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCountersTest {
  private static final Map<String, String> LABELS = Map.of("database", "power", "vgroup", "23");
  private static final long EPOCH = 7;
  private static final long STARTED_MS = 1_000;
  private static final long NOW_MS = 5_000;
  private static final long SILENT_AFTER_MS = 3_000;

  @TempDir private Path store;
  private final CachedEpochClock clock = new CachedEpochClock();

  @BeforeEach
  void setTime() {
    clock.update(NOW_MS);
  }

  private StoreCounters create() throws IOException {
    return StoreCounters.create(store, LABELS, EPOCH, STARTED_MS, clock, null);
  }

  @Test
  void shouldShowEveryMetricToAnotherReader() throws IOException {
    StoreCounters counters = create();
    CountersFile reader = CountersFile.open(store);

    for (Metric metric : Metric.values()) {
      counters.set(metric, 1_000 + metric.number());
    }
    counters.add(Metric.PARSE_ERRORS, 5);

    MetricSample sample = reader.sample();
    for (Metric metric : Metric.values()) {
      long added = metric == Metric.PARSE_ERRORS ? 5 : 0;
      assertEquals(1_000 + metric.number() + added, sample.value(metric), metric.id());
    }
    assertEquals(LABELS, sample.labels());
    assertEquals(EPOCH, sample.epoch());
    assertEquals(STARTED_MS, sample.startedMs());
    assertEquals(ProcessHandle.current().pid(), sample.pid());
    assertEquals(counters.sample(), sample);
  }

  @Test
  void shouldTellALiveWriterFromASilentAndAClosedOne() throws IOException {
    StoreCounters counters = create();
    CountersFile reader = CountersFile.open(store);
    assertEquals(
        Liveness.LIVE, reader.sample().liveness(NOW_MS + SILENT_AFTER_MS, SILENT_AFTER_MS));
    assertEquals(
        Liveness.SILENT, reader.sample().liveness(NOW_MS + SILENT_AFTER_MS + 1, SILENT_AFTER_MS));

    clock.update(NOW_MS + 10_000);
    counters.heartbeat();

    assertEquals(Liveness.LIVE, reader.sample().liveness(NOW_MS + 10_001, SILENT_AFTER_MS));
    counters.close();
    assertEquals(Liveness.CLOSED, reader.sample().liveness(NOW_MS + 99_999, SILENT_AFTER_MS));
  }

  @Test
  void shouldKeepTotalsAndNothingElseWhenAStoreIsOpenedAgain() throws IOException {
    StoreCounters before = StoreCounters.inMemory(LABELS, clock);
    before.set(Metric.CONNECTION_RETRIES, 3);
    before.set(Metric.OFFSET_LAG, 4);

    StoreCounters after = StoreCounters.create(store, LABELS, EPOCH, STARTED_MS, clock, before);

    assertEquals(3, after.get(Metric.CONNECTION_RETRIES));
    assertEquals(0, after.get(Metric.OFFSET_LAG));
  }

  @Test
  void shouldLetAReaderOfTheFileBeforeGoOnReading() throws IOException {
    StoreCounters first = create();
    first.set(Metric.OFFSET_LAG, 1);
    CountersFile reader = CountersFile.open(store);

    StoreCounters second = create();
    second.set(Metric.OFFSET_LAG, 2);

    assertEquals(1, reader.sample().value(Metric.OFFSET_LAG));
    assertEquals(2, CountersFile.open(store).sample().value(Metric.OFFSET_LAG));
    try (Stream<Path> files = Files.list(store)) {
      assertEquals(List.of(store.resolve(StoreCounters.FILE_NAME)), files.toList());
    }
  }

  @Test
  void shouldReadFileOfAWriterThatKnewFewerMetrics() throws IOException {
    create().set(Metric.OFFSET_LAG, 9);
    Path file = store.resolve(StoreCounters.FILE_NAME);
    byte[] bytes = Files.readAllBytes(file);
    int known = Metric.OFFSET_LAG.number();
    byte[] shorter = new byte[CountersDescriptor.fileLength(known)];
    int metadata = CountersDescriptor.metadataLength(known);
    System.arraycopy(bytes, 0, shorter, 0, CountersDescriptor.COUNTERS_OFFSET + metadata);
    System.arraycopy(
        bytes,
        CountersDescriptor.COUNTERS_OFFSET
            + CountersDescriptor.metadataLength(Metric.values().length),
        shorter,
        CountersDescriptor.COUNTERS_OFFSET + metadata,
        shorter.length - CountersDescriptor.COUNTERS_OFFSET - metadata);
    put(shorter, CountersDescriptor.COUNT_OFFSET, known);
    Files.delete(file);
    Files.write(file, shorter);

    MetricSample sample = CountersFile.open(store).sample();

    assertEquals(9, sample.value(Metric.OFFSET_LAG));
    assertFalse(sample.values().containsKey(Metric.GAP_COUNT));
    assertEquals(known, sample.values().size());
  }

  /** Writes a number and the header's CRC. */
  private static void put(byte[] bytes, int offset, int number) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(offset, number);
    int labelsLength = buffer.getInt(CountersDescriptor.LABELS_LENGTH_OFFSET);
    buffer.putInt(
        CountersDescriptor.CRC_OFFSET,
        CountersDescriptor.crc(new UnsafeBuffer(bytes), Math.max(0, Math.min(labelsLength, 208))));
  }

  @Test
  void shouldRefuseEveryWrongHeader() throws IOException {
    create();
    Path file = store.resolve(StoreCounters.FILE_NAME);
    byte[] right = Files.readAllBytes(file);
    int labelsLength =
        ByteBuffer.wrap(right)
            .order(ByteOrder.LITTLE_ENDIAN)
            .getInt(CountersDescriptor.LABELS_LENGTH_OFFSET);

    for (int i = 0; i < CountersDescriptor.LABELS_OFFSET + labelsLength; i++) {
      byte[] wrong = right.clone();
      wrong[i] ^= 1;
      Files.write(file, wrong);
      assertThrows(TidemarkException.class, () -> CountersFile.open(store), "byte " + i);
    }
    for (int length : new int[] {0, 511, 512, right.length - 1}) {
      Files.write(file, Arrays.copyOf(right, length));
      assertThrows(CorruptFileException.class, () -> CountersFile.open(store), "length " + length);
    }
    for (int count : new int[] {-1, 0, 24, 26, 1025, Integer.MAX_VALUE}) {
      byte[] wrong = right.clone();
      put(wrong, CountersDescriptor.COUNT_OFFSET, count);
      Files.write(file, wrong);
      assertThrows(CorruptFileException.class, () -> CountersFile.open(store), "count " + count);
    }
    for (int wrongLength : new int[] {-1, 209, Integer.MAX_VALUE}) {
      byte[] wrong = right.clone();
      put(wrong, CountersDescriptor.LABELS_LENGTH_OFFSET, wrongLength);
      Files.write(file, wrong);
      assertThrows(CorruptFileException.class, () -> CountersFile.open(store));
    }
    Files.write(file, new byte[right.length]);
    CorruptFileException zeros =
        assertThrows(CorruptFileException.class, () -> CountersFile.open(store));
    assertEquals(
        "not a file of counters: magic=0x0000000000000000, file=" + file, zeros.getMessage());
  }

  @Test
  void shouldRefuseAnotherVersion() throws IOException {
    create();
    Path file = store.resolve(StoreCounters.FILE_NAME);
    byte[] bytes = Files.readAllBytes(file);
    put(bytes, CountersDescriptor.VERSION_OFFSET, 2);
    Files.write(file, bytes);

    UnsupportedFormatException refused =
        assertThrows(UnsupportedFormatException.class, () -> CountersFile.open(store));

    assertEquals(
        "unknown version of a file of counters: expected=1, actual=2, file=" + file,
        refused.getMessage());
  }

  @Test
  void shouldRefuseLabelsThatDoNotFit() {
    String tooLong = "x".repeat(CountersDescriptor.LABELS_LENGTH_MAX - 2);

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> StoreCounters.inMemory(Map.of("a", tooLong), clock));

    assertEquals("labels are too long: lengthBytes=209, limitBytes=208", refused.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> StoreCounters.inMemory(Map.of("a", "one\nb=two"), clock));
  }

  @Test
  void shouldShowTheLastValuesOfAKilledWriter() throws Exception {
    try (ChildJvm child = ChildJvm.start(CountingProcess.class, store.toString())) {
      assertEquals("counting", child.readLine());
      CountersFile reader = CountersFile.open(store);
      long seen = reader.sample().value(Metric.EVENTS_DROPPED);

      child.kill();

      MetricSample last = CountersFile.open(store).sample();
      assertTrue(last.value(Metric.EVENTS_DROPPED) >= seen);
      assertEquals(last, reader.sample());
      assertEquals(child.pid(), last.pid());
      assertFalse(last.isClosed());
    }
  }

  /** A process that counts until it is killed. */
  static final class CountingProcess {
    private CountingProcess() {}

    /** Argument: the store. */
    public static void main(String[] args) throws IOException {
      StoreCounters counters =
          StoreCounters.create(
              Path.of(args[0]), LABELS, EPOCH, STARTED_MS, System::currentTimeMillis, null);
      counters.add(Metric.EVENTS_DROPPED, 1);
      System.out.println("counting");
      while (true) {
        counters.add(Metric.EVENTS_DROPPED, 1);
      }
    }
  }
}
