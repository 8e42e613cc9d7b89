package io.tidemark.benchmarks;

import com.sun.management.ThreadMXBean;
import io.tidemark.block.WalPosition;
import io.tidemark.tdengine.IngestReport;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The whole way once: a generated WAL through decoders, journal and fold into a store, then
 * questions, a stop and a new opening.
 *
 * <p>Arguments: a directory for the files, the size in MiB (256), rows a submit (100), data bytes a
 * row (20).
 */
public final class IngestBenchmark {
  private static final int QUESTIONS = 5;
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private static final String VNODE =
      """
      {"config":{"vgId":"2","dbname":"1.bench","dbId":"1","precision":"0","daysPerFile":"1440",
      "keep0":"5256000","keep1":"5256000","keep2":"5256000","hashBegin":"0","hashEnd":"1",
      "wal.retentionPeriod":"3600","wal.level":"1","wal.encryptAlgorithm":"0"},
      "state":{"commit version":"0","commit ID":"0","commit term":"0"}}
      """;

  private IngestBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] args) throws IOException, WalDecodeException {
    if (args.length < 1) {
      System.err.println("usage: IngestBenchmark <directory> [MiB] [rows] [bytes per row]");
      System.exit(2);
    }
    long sizeBytes = (args.length > 1 ? Long.parseLong(args[1]) : 256) << 20;
    int rows = args.length > 2 ? Integer.parseInt(args[2]) : 100;
    int rowBytes = args.length > 3 ? Integer.parseInt(args[3]) : 20;
    Path root = Files.createTempDirectory(Path.of(args[0]), "ingest");
    try {
      VnodeDirectory vnode = new VnodeDirectory(root.resolve("vnode2"));
      GeneratedWal.write(vnode.walDirectory(), sizeBytes, rows, rowBytes);
      Files.writeString(vnode.configFile(), VNODE);
      for (int pass = 0; pass < 2; pass++) {
        ingest(vnode, root.resolve("store" + pass));
      }
    } finally {
      Footprint.delete(root);
    }
  }

  private static void ingest(VnodeDirectory vnode, Path store)
      throws IOException, WalDecodeException {
    String shard = WalEventSource.shardOf(vnode.config());
    long cpu = THREADS.getCurrentThreadCpuTime();
    try (ChangeTracker tracker = ChangeTracker.open(store, shard, TrackerOptions.defaults());
        WalEventSource source = WalEventSource.open(vnode, tracker)) {
      IngestReport report = source.catchUp();
      long cpuNs = THREADS.getCurrentThreadCpuTime() - cpu;
      System.out.printf(
          Locale.ROOT,
          "ingest walMiB=%d records=%d entries=%d mbPerCpuSecond=%.0f cpuNsPerRecord=%.0f%n",
          report.bytes() >> 20,
          report.records(),
          tracker.position(),
          report.bytes() * 1e3 / cpuNs,
          (double) cpuNs / report.records());
      tracker.seal();
      for (int i = 0; i < QUESTIONS; i++) {
        cpu = THREADS.getCurrentThreadCpuTime();
        ChangeSet answer =
            tracker.view().changedAfter(new WalPosition(1, report.lastVersion() / 2));
        cpuNs = THREADS.getCurrentThreadCpuTime() - cpu;
        System.out.printf(
            Locale.ROOT,
            "question blocks=%d verdict=%s cpuMs=%.2f%n",
            answer.changes().size(),
            answer.verdict(),
            cpuNs / 1e6);
      }
      cpu = THREADS.getCurrentThreadCpuTime();
    }
    System.out.printf(
        Locale.ROOT, "close cpuMs=%.1f%n", (THREADS.getCurrentThreadCpuTime() - cpu) / 1e6);
    cpu = THREADS.getCurrentThreadCpuTime();
    try (ChangeTracker tracker = ChangeTracker.open(store, shard, TrackerOptions.defaults())) {
      System.out.printf(
          Locale.ROOT,
          "open cpuMs=%.1f %s%n",
          (THREADS.getCurrentThreadCpuTime() - cpu) / 1e6,
          tracker.recovery().summary());
    }
  }
}
