package io.tidemark.benchmarks;

import io.tidemark.metrics.StoreCounters;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.PipelineMetrics;
import io.tidemark.tracker.Tidemark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Tells what metrics cost an event: CPU time of the whole process with a mapped file of counters
 * that is brought up ten times a second, and without, in turns. {@code of=states} asks for the
 * number of known blocks too, which keeps the states of what is not sealed.
 *
 * <p>The machine may be busy, and a store is not the same after a while; both parts of a pair are
 * next to each other, and which of them comes first changes from pair to pair.
 */
public final class MetricsCost {
  private static final Map<String, String> DEFAULTS =
      Map.of("pairs", "15", "seconds", "2", "of", "metrics");
  private static final int IDS = 1 << 16;
  private static final int RUN_LENGTH = 16;
  private static final long BLOCKS = 1L << 24;
  private static final long PERIOD_MS = 100;

  private final Tidemark store;
  private final StoreCounters counters;
  private final long[] blockIds = new long[IDS];
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final boolean isWithStates;
  private volatile boolean isOver;
  private volatile long known;
  private long updates;

  private MetricsCost(Tidemark store, StoreCounters counters, boolean isWithStates) {
    this.store = store;
    this.counters = counters;
    this.isWithStates = isWithStates;
    StoreWorkload workload = StoreWorkload.clustered(BLOCKS, RUN_LENGTH);
    for (int i = 0; i < IDS; i++) {
      blockIds[i] = workload.blockId(i);
    }
  }

  /** Runs what the command line says: a directory, then {@code name=value}. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 0) {
      throw new IllegalArgumentException("directory is missing: options=" + DEFAULTS);
    }
    NamedArguments values = NamedArguments.parse(DEFAULTS, List.of(args).subList(1, args.length));
    Path place = Files.createTempDirectory(Path.of(args[0]), "metrics");
    try (Tidemark store = Tidemark.at(place.resolve("store"), "run").open();
        StoreCounters counters =
            StoreCounters.create(
                place,
                Map.of(),
                1,
                System.currentTimeMillis(),
                System::currentTimeMillis,
                StoreCounters.inMemory(Map.of(), System::currentTimeMillis))) {
      new MetricsCost(store, counters, values.text("of").equals("states"))
          .run((int) values.number("pairs"), values.number("seconds"));
    } finally {
      FileStorageIO.INSTANCE.deleteTree(place);
    }
  }

  private void run(int pairs, long seconds) throws InterruptedException {
    Thread producer = new Thread(this::give, "producer");
    producer.start();
    try {
      measure(true, seconds);
      measure(false, seconds);
      double[] differences = new double[pairs];
      double[] bare = new double[pairs];
      for (int pair = 0; pair < pairs; pair++) {
        boolean isWithFirst = pair % 2 == 0;
        double first = measure(isWithFirst, seconds);
        double second = measure(!isWithFirst, seconds);
        bare[pair] = isWithFirst ? second : first;
        differences[pair] = isWithFirst ? first - second : second - first;
        System.out.printf(
            "pair %2d: without %.1f ns an event, with metrics %+.1f ns%n",
            pair + 1, bare[pair], differences[pair]);
      }
      System.out.printf(
          "median of %d pairs: without %.1f ns an event, with metrics %+.2f ns; updates=%d, known=%d%n",
          pairs, median(bare), median(differences), updates, known);
    } finally {
      isOver = true;
      producer.join();
      clock.shutdown();
    }
  }

  private void give() {
    for (long event = 0; !isOver; event++) {
      store.onBlockUpdate(
          blockIds[(int) event & (IDS - 1)], event, StoreWorkload.timestampNs(event));
    }
  }

  /** Returns the CPU time an event, in ns. */
  private double measure(boolean isWithMetrics, long seconds) throws InterruptedException {
    ScheduledFuture<?> updating =
        isWithMetrics
            ? clock.scheduleAtFixedRate(this::update, 0, PERIOD_MS, TimeUnit.MILLISECONDS)
            : null;
    ThreadCosts before = ThreadCosts.of("");
    long events = store.pipeline().statistics().eventsApplied();
    Thread.sleep(TimeUnit.SECONDS.toMillis(seconds));
    events = store.pipeline().statistics().eventsApplied() - events;
    double cpuNs = ThreadCosts.of("").since(before).cpuNs();
    if (updating != null) {
      updating.cancel(false);
    }
    return cpuNs / events;
  }

  private void update() {
    PipelineMetrics.update(store.pipeline().statistics(), counters);
    counters.heartbeat();
    if (isWithStates) {
      known = knownBlocks();
    }
    updates++;
  }

  private long knownBlocks() {
    try {
      return store.statistics().store().blocks().known();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
