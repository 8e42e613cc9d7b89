package io.tidemark.benchmarks;

import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.Durability;
import io.tidemark.tracker.PipelineStatistics;
import io.tidemark.tracker.Tidemark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Gives events to a store through its pipeline, at a rate or as fast as they are taken, and tells
 * what an event costs, how many are applied and acknowledged a second, and after which time.
 *
 * <p>Latencies are counted from the moment at which an event was due, not from that at which it was
 * given: whoever is held back is late for all that was due meanwhile (no coordinated omission). How
 * late the producer is when it sleeps until an event is due and then does nothing is what the
 * machine adds to every one of them.
 */
public final class PipelineRun {

  /*
   * Event i of a run at a rate is due i intervals after the start; producers take turns. Its entry is
   * the i-th behind the first position, because nothing else is journaled: one producer gives all that
   * is due, in order. So a position says which events are applied or durable.
   */

  private static final int IDS = 1 << 16;
  private static final long BLOCKS = 1L << 24;
  private static final int RUN_LENGTH = 16;
  private static final long RANGE = 1_000_000_000;
  private static final long MAX_LATENCY_NS = TimeUnit.MINUTES.toNanos(10);
  private static final long NS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final long WAIT_MS = 100;

  private final PipelineRunOptions options;
  private final long[] blockIds = new long[IDS];
  private final AtomicLong given = new AtomicLong();
  private final Histogram alone = new Histogram(MAX_LATENCY_NS, 3);
  private final Histogram offered = new Histogram(MAX_LATENCY_NS, 3);
  private final Histogram applied = new Histogram(MAX_LATENCY_NS, 3);
  private final Histogram durable = new Histogram(MAX_LATENCY_NS, 3);
  private long durableThrough;
  private volatile long dueStartNs = Long.MAX_VALUE;
  private volatile long firstPosition;
  private volatile boolean isOver;

  private PipelineRun(PipelineRunOptions options) {
    this.options = options;
    StoreWorkload workload =
        options.isClustered()
            ? StoreWorkload.clustered(BLOCKS, RUN_LENGTH)
            : StoreWorkload.random(BLOCKS, RANGE);
    for (int i = 0; i < IDS; i++) {
      blockIds[i] = workload.blockId(i);
    }
  }

  /** Runs what the command line says. */
  public static void main(String[] args) throws IOException, InterruptedException {
    PipelineRunOptions options = PipelineRunOptions.parse(List.of(args));
    new PipelineRun(options).run();
  }

  private void run() throws IOException, InterruptedException {
    Path place = Files.createTempDirectory(options.directory(), "pipeline");
    try (Tidemark store =
        Tidemark.at(place.resolve("store"), "run")
            .durability(options.durability())
            .onDurable((position, through) -> onDurable(position))
            .open()) {
      AtomicLong called = new AtomicLong();
      for (int i = 0; i < options.listeners(); i++) {
        store.addListener("counter " + i, event -> called.incrementAndGet());
      }
      if (options.ratePerSecond() == 0) {
        giveAsFastAsTaken(store);
      } else {
        giveAtRate(store);
      }
      store.statistics().listeners().forEach(System.out::println);
    } finally {
      FileStorageIO.INSTANCE.deleteTree(place);
    }
  }

  private void give(Tidemark store, long event) {
    store.onBlockUpdate(blockIds[(int) event & (IDS - 1)], event, StoreWorkload.timestampNs(event));
  }

  private void giveAsFastAsTaken(Tidemark store) throws InterruptedException, IOException {
    List<Thread> producers = new ArrayList<>();
    for (int i = 0; i < options.producers(); i++) {
      Thread producer = new Thread(() -> giveUntilOver(store), "producer-" + i);
      producers.add(producer);
      producer.start();
    }
    Thread.sleep(TimeUnit.SECONDS.toMillis(options.seconds()));
    Moment before = Moment.now(store);
    Thread.sleep(TimeUnit.SECONDS.toMillis(options.seconds()));
    Moment.now(store).print(before);
    isOver = true;
    for (Thread producer : producers) {
      producer.join();
    }
  }

  private void giveUntilOver(Tidemark store) {
    while (!isOver) {
      long first = given.getAndAdd(RUN_LENGTH);
      for (int i = 0; i < RUN_LENGTH; i++) {
        give(store, first + i);
      }
    }
  }

  /** Finds out how late a producer is that offers nothing, warms up at the rate, then measures. */
  private void giveAtRate(Tidemark store) throws InterruptedException, IOException {
    Thread.currentThread().setName("producer-0");
    offerNothing();
    for (boolean isMeasured : new boolean[] {false, true}) {
      long events = options.ratePerSecond() * options.seconds();
      firstPosition = store.flush() + 1;
      store.awaitDurable(firstPosition - 1, TimeUnit.SECONDS.toMillis(options.seconds()));
      offered.reset();
      applied.reset();
      durable.reset();
      durableThrough = firstPosition - 1;
      isOver = false;
      Thread observer = new Thread(() -> observe(store, events), "observer");
      Moment before = Moment.now(store);
      dueStartNs = System.nanoTime();
      observer.start();
      for (long event = 0; event < events; event++) {
        offered.recordValue(Math.min(MAX_LATENCY_NS, awaitDue(event)));
        give(store, event);
      }
      long last = store.flush();
      store.awaitDurable(last, TimeUnit.MINUTES.toMillis(1));
      observer.join();
      if (isMeasured) {
        Moment.now(store).print(before);
        print("due to nothing", alone);
        print("due to offered", offered);
        print("accept to applied", applied);
        if (options.durability() != Durability.ASYNC) {
          print("accept to durable", durable);
        }
      }
      dueStartNs = Long.MAX_VALUE;
    }
  }

  private void offerNothing() {
    for (int pass = 0; pass < 2; pass++) {
      alone.reset();
      dueStartNs = System.nanoTime();
      for (long event = 0; event < options.ratePerSecond() * options.seconds(); event++) {
        alone.recordValue(Math.min(MAX_LATENCY_NS, awaitDue(event)));
      }
      dueStartNs = Long.MAX_VALUE;
    }
  }

  private long dueNs(long event) {
    return dueStartNs + event * NS_PER_SECOND / options.ratePerSecond();
  }

  /**
   * Returns how late it is, ns: what the machine, and being held back before, add to every figure.
   */
  private long awaitDue(long event) {
    long due = dueNs(event);
    long lateNs = System.nanoTime() - due;
    while (lateNs < 0) {
      LockSupport.parkNanos(-lateNs);
      lateNs = System.nanoTime() - due;
    }
    return lateNs;
  }

  /** Waits for what is applied, again and again, as somebody does who asks a question. */
  private void observe(Tidemark store, long events) {
    long through = firstPosition - 1;
    long last = firstPosition + events - 1;
    try {
      while (through < last) {
        if (store.pipeline().awaitApplied(through + 1, WAIT_MS)) {
          long now = System.nanoTime();
          through = record(applied, through, Math.min(last, store.engine().position()), now);
        }
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Called by the forcing thread. */
  private void onDurable(long position) {
    if (dueStartNs != Long.MAX_VALUE) {
      durableThrough = record(durable, durableThrough, position, System.nanoTime());
    }
  }

  private long record(Histogram latencies, long from, long through, long now) {
    for (long position = from + 1; position <= through; position++) {
      long latencyNs = now - dueNs(position - firstPosition);
      latencies.recordValue(Math.min(MAX_LATENCY_NS, Math.max(0, latencyNs)));
    }
    return Math.max(from, through);
  }

  private static void print(String what, Histogram latencies) {
    if (latencies.getTotalCount() > 0) {
      System.out.printf(
          Locale.ROOT,
          "%s, us: p50=%.0f p90=%.0f p99=%.0f p99.9=%.0f max=%.0f events=%d%n",
          what,
          latencies.getValueAtPercentile(50) / 1e3,
          latencies.getValueAtPercentile(90) / 1e3,
          latencies.getValueAtPercentile(99) / 1e3,
          latencies.getValueAtPercentile(99.9) / 1e3,
          latencies.getMaxValue() / 1e3,
          latencies.getTotalCount());
    }
  }

  /** What was done and spent until a moment. */
  private record Moment(
      long nanos,
      PipelineStatistics pipeline,
      ThreadCosts producers,
      ThreadCosts writer,
      ThreadCosts all) {

    static Moment now(Tidemark store) throws IOException {
      return new Moment(
          System.nanoTime(),
          store.statistics().pipeline(),
          ThreadCosts.of("producer-"),
          ThreadCosts.of("tidemark-writer-"),
          ThreadCosts.of(""));
    }

    void print(Moment before) {
      double seconds = (nanos - before.nanos) / (double) NS_PER_SECOND;
      long events = pipeline.eventsApplied() - before.pipeline.eventsApplied();
      long acknowledged = pipeline.durablePosition() - before.pipeline.durablePosition();
      long forces = pipeline.forces() - before.pipeline.forces();
      System.out.printf(
          Locale.ROOT,
          "applied %.3f M/s, acknowledged %.3f M/s, %d forces, %d events, %.0f an append, %.1f s%n",
          events / seconds / 1e6,
          acknowledged / seconds / 1e6,
          forces,
          events,
          events / (double) Math.max(1, pipeline.batches() - before.pipeline.batches()),
          seconds);
      System.out.println(
          "an event, producers: " + producers.since(before.producers).perEvent(events));
      System.out.println("an event, writer:    " + writer.since(before.writer).perEvent(events));
      System.out.println("an event, all:       " + all.since(before.all).perEvent(events));
    }
  }
}
