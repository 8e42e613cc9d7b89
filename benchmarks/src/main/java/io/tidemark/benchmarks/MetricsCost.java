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
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Tells what metrics cost an event: CPU time with a mapped file of counters that is brought up ten
 * times a second, and without, in turns. {@code of=states} asks for the number of known blocks too,
 * which keeps the states of what is not sealed.
 *
 * <p>The machine may be busy, and a store is not the same after a while; both parts of a pair are
 * next to each other, and which of them comes first changes from pair to pair. Sealing and merging
 * come in bursts that no pair has alike, so the threads that count, producer and writer, and the
 * one that brings the counters up are also looked at without the others.
 */
public final class MetricsCost {
  private static final Map<String, String> DEFAULTS =
      Map.of("pairs", "15", "seconds", "2", "of", "metrics");
  private static final int IDS = 1 << 16;
  private static final int RUN_LENGTH = 16;
  private static final long BLOCKS = 1L << 24;
  private static final long PERIOD_MS = 100;
  private static final String PRODUCER = "producer";
  private static final String WRITER = "tidemark-writer-";
  private static final String UPDATER = "updater";

  private final Tidemark store;
  private final StoreCounters counters;
  private final long[] blockIds = new long[IDS];
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(work -> new Thread(work, UPDATER));
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
    Thread producer = new Thread(this::give, PRODUCER);
    producer.start();
    try {
      measure(true, seconds);
      measure(false, seconds);
      Cost[] without = new Cost[pairs];
      Cost[] with = new Cost[pairs];
      for (int pair = 0; pair < pairs; pair++) {
        boolean isWithFirst = pair % 2 == 0;
        Cost first = measure(isWithFirst, seconds);
        Cost second = measure(!isWithFirst, seconds);
        without[pair] = isWithFirst ? second : first;
        with[pair] = isWithFirst ? first : second;
      }
      System.out.printf(Locale.ROOT, "pairs=%d, updates=%d, known=%d%n", pairs, updates, known);
      print("all threads", without, with, Cost::allNs);
      print("producer and writer", without, with, Cost::countingNs);
      System.out.printf(
          Locale.ROOT, "updater: %.3f ns an event%n", quantile(with, 0.5, Cost::updatingNs));
    } finally {
      isOver = true;
      producer.join();
      clock.shutdown();
    }
  }

  private static void print(
      String threads, Cost[] without, Cost[] with, ToDoubleFunction<Cost> what) {
    double[] differences = new double[with.length];
    for (int pair = 0; pair < with.length; pair++) {
      differences[pair] = what.applyAsDouble(with[pair]) - what.applyAsDouble(without[pair]);
    }
    System.out.printf(
        Locale.ROOT,
        "%s: without %.1f ns an event, with metrics %+.2f ns in the median, half of the pairs"
            + " within %+.1f to %+.1f%n",
        threads,
        quantile(without, 0.5, what),
        quantile(differences, 0.5),
        quantile(differences, 0.25),
        quantile(differences, 0.75));
  }

  private static double quantile(Cost[] costs, double share, ToDoubleFunction<Cost> what) {
    return quantile(Arrays.stream(costs).mapToDouble(what).toArray(), share);
  }

  private static double quantile(double[] values, double share) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) (share * sorted.length)];
  }

  /**
   * CPU time an event, in ns.
   *
   * @param allNs of all threads of Java
   * @param countingNs of the producer and the writer
   * @param updatingNs of the thread that brings the counters up
   */
  private record Cost(double allNs, double countingNs, double updatingNs) {

    static Cost now() {
      return new Cost(
          ThreadCosts.of("").cpuNs(),
          ThreadCosts.of(PRODUCER).cpuNs() + ThreadCosts.of(WRITER).cpuNs(),
          ThreadCosts.of(UPDATER).cpuNs());
    }

    Cost since(Cost before, long events) {
      return new Cost(
          (allNs - before.allNs) / events,
          (countingNs - before.countingNs) / events,
          (updatingNs - before.updatingNs) / events);
    }
  }

  private void give() {
    for (long event = 0; !isOver; event++) {
      store.onBlockUpdate(
          blockIds[(int) event & (IDS - 1)], event, StoreWorkload.timestampNs(event));
    }
  }

  private Cost measure(boolean isWithMetrics, long seconds) throws InterruptedException {
    ScheduledFuture<?> updating =
        isWithMetrics
            ? clock.scheduleAtFixedRate(this::update, 0, PERIOD_MS, TimeUnit.MILLISECONDS)
            : null;
    Cost before = Cost.now();
    long events = store.pipeline().statistics().eventsApplied();
    Thread.sleep(TimeUnit.SECONDS.toMillis(seconds));
    events = store.pipeline().statistics().eventsApplied() - events;
    Cost cost = Cost.now().since(before, events);
    if (updating != null) {
      updating.cancel(false);
    }
    return cost;
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
}
