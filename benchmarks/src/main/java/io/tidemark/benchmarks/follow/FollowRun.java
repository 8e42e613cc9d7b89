package io.tidemark.benchmarks.follow;

import com.sun.management.OperatingSystemMXBean;
import io.tidemark.benchmarks.ThreadCosts;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.plugin.ConfigurationSource;
import io.tidemark.plugin.LiveConfiguration;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.WalDecodeException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Writes a log at a rate, follows it with the turns of an agent, and tells how far the follower is
 * behind and what it spends.
 *
 * <p>The writer waits for nobody, and every record counts: from when it was complete in its file,
 * and from when it was due, so that a pause of the machine counts for all that was due in it (no
 * coordinated omission).
 */
public final class FollowRun {
  private static final int STREAMS_A_PAIR = 2;
  private static final String WRITER = "main";
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final FollowOptions options;
  private final Histogram lag = new Histogram(3);
  private final Histogram first = new Histogram(3);
  private final PacedWal wal;
  private final GeneratedVnode vnode;
  private final Queue<Look> looks = new ConcurrentLinkedQueue<>();
  private volatile long applied;

  /** Everything below a version was applied, by the nano clock since. */
  private record Look(long nextVersion, long sinceNs) {}

  private FollowRun(FollowOptions options, GeneratedVnode vnode) {
    this.options = options;
    this.vnode = vnode;
    long streams = 2 + STREAMS_A_PAIR * (long) options.pairs();
    this.wal = new PacedWal(vnode, options, streams * stream() + options.rests());
  }

  private long stream() {
    return options.ratePerSecond() * options.seconds();
  }

  /** Runs what the command line says. */
  public static void main(String[] args)
      throws IOException, InterruptedException, WalDecodeException {
    FollowOptions options = FollowOptions.parse(List.of(args));
    Path place = Files.createTempDirectory(options.directory(), "follow");
    try (GeneratedVnode vnode = GeneratedVnode.create(place, 2, "power", 3600)) {
      new FollowRun(options, vnode).run(place);
    } finally {
      FileStorageIO.INSTANCE.deleteTree(place);
    }
  }

  private static Configuration configuration(Path place) throws IOException {
    Path file = place.resolve("agent.json");
    Files.writeString(file, "{}");
    return LiveConfiguration.read(
            new ConfigurationSource(
                file,
                Map.of(),
                Map.of(
                    ConfigurationKeys.DATA_DIRECTORY.path(), place.toString(),
                    ConfigurationKeys.PERSISTENCE_PATH.path(), place.toString())))
        .current();
  }

  private double percentOfCore(long cpuNs) {
    return 100.0 * cpuNs / TimeUnit.SECONDS.toNanos(options.seconds());
  }

  private void run(Path place) throws IOException, InterruptedException, WalDecodeException {
    Path store = place.resolve("store");
    FollowLoop loop =
        FollowLoop.start(
            vnode.directory(), store, configuration(place), this::onApplied, options.isWatched());
    try {
      measure(new Histogram(3));
      wal.late().reset();
      long processNs = PROCESS.getProcessCpuTime();
      long writerNs = ThreadCosts.of(WRITER).cpuNs();
      long costNs = measure(lag);
      processNs = PROCESS.getProcessCpuTime() - processNs;
      writerNs = ThreadCosts.of(WRITER).cpuNs() - writerNs;
      print("due to complete in its file", wal.late());
      print("complete to applied", lag);
      System.out.printf(
          Locale.ROOT,
          "CPU a record: follower %.0f ns, process without the writer %.0f ns: %.1f and %.1f %% of a core%n",
          costNs / (double) stream(),
          (processNs - writerNs) / (double) stream(),
          percentOfCore(costNs),
          percentOfCore(processNs - writerNs));
      compare(store);
      rest();
    } finally {
      loop.end();
    }
  }

  /** Called by the follower's thread, which is measured: it only takes a note. */
  private void onApplied(long nextVersion, long sinceNs) {
    if (nextVersion > applied) {
      looks.add(new Look(nextVersion, sinceNs));
      applied = nextVersion;
    }
  }

  /** Waits until a version is applied, and records the lags of all from another one on. */
  private void awaitApplied(long first, long last, Histogram lags) {
    while (applied <= last) {
      LockSupport.parkNanos(1_000_000);
    }
    long version = first;
    for (Look look = looks.poll(); look != null; look = looks.poll()) {
      for (; version < look.nextVersion(); version++) {
        lags.recordValue(Math.max(0, look.sinceNs() - wal.completeNs(version)));
      }
    }
  }

  /** Writes a stream, and returns the CPU time that the follower spends on it, in ns. */
  private long measure(Histogram lags) throws IOException {
    looks.clear();
    ThreadCosts before = ThreadCosts.of(FollowLoop.THREAD);
    long last = wal.write(stream());
    while (applied <= last) {
      LockSupport.parkNanos(1_000_000);
    }
    long costNs = ThreadCosts.of(FollowLoop.THREAD).since(before).cpuNs();
    awaitApplied(last - stream() + 1, last, lags);
    return costNs;
  }

  private void compare(Path store) throws IOException, InterruptedException {
    int pairs = options.pairs();
    if (pairs == 0) {
      return;
    }
    double[] shares = new double[pairs];
    try (CounterReading reading = CounterReading.start(store)) {
      for (int pair = 0; pair < pairs; pair++) {
        boolean isReadFirst = pair % 2 == 0;
        double one = measure(reading, isReadFirst);
        double other = measure(reading, !isReadFirst);
        double bare = isReadFirst ? other : one;
        shares[pair] = ((isReadFirst ? one : other) / bare - 1) * 100;
        System.out.printf(
            Locale.ROOT,
            "pair %2d: %.0f ns a record, read meanwhile %+.2f %%%n",
            pair + 1,
            bare / stream(),
            shares[pair]);
      }
      Arrays.sort(shares);
      System.out.printf(
          Locale.ROOT,
          "median of %d pairs: read meanwhile %+.2f %%, quartiles %+.2f and %+.2f; reads=%d%n",
          pairs,
          shares[pairs / 2],
          shares[pairs / 4],
          shares[pairs * 3 / 4],
          reading.end());
    }
  }

  private double measure(CounterReading reading, boolean isRead) throws IOException {
    if (isRead) {
      reading.read();
    } else {
      reading.rest();
    }
    return measure(new Histogram(3));
  }

  /** Lets the log rest, writes one record, and again. */
  private void rest() throws IOException, InterruptedException {
    if (options.rests() == 0) {
      return;
    }
    long cpuNs = 0;
    long restedNs = 0;
    for (int i = 0; i < options.rests(); i++) {
      // Not in step with the follower.
      Thread.sleep(options.restMs() / 2);
      ThreadCosts before = ThreadCosts.of(FollowLoop.THREAD);
      long began = System.nanoTime();
      Thread.sleep(options.restMs() / 2 + 37L * i % 211);
      cpuNs += ThreadCosts.of(FollowLoop.THREAD).since(before).cpuNs();
      restedNs += System.nanoTime() - began;
      looks.clear();
      long version = wal.write(1);
      awaitApplied(version, version, first);
    }
    print("first after a rest, complete to applied", first);
    System.out.printf(Locale.ROOT, "at rest: %.3f %% of a core%n", 100.0 * cpuNs / restedNs);
  }

  private static void print(String what, Histogram latencies) {
    System.out.printf(
        Locale.ROOT,
        "%s, ms: p50=%.2f p90=%.2f p99=%.2f p99.9=%.2f max=%.2f records=%d%n",
        what,
        latencies.getValueAtPercentile(50) / 1e6,
        latencies.getValueAtPercentile(90) / 1e6,
        latencies.getValueAtPercentile(99) / 1e6,
        latencies.getValueAtPercentile(99.9) / 1e6,
        latencies.getMaxValue() / 1e6,
        latencies.getTotalCount());
  }
}
