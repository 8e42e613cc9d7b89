package io.tidemark.benchmarks;

import com.sun.management.ThreadMXBean;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.TimestampPrecision;
import io.tidemark.tdengine.taosdump.AlteredObjects;
import io.tidemark.tdengine.taosdump.CallCosts;
import io.tidemark.tdengine.taosdump.ChangedBlock;
import io.tidemark.tdengine.taosdump.IncrementalSet;
import io.tidemark.tdengine.taosdump.KnownBlocks;
import io.tidemark.tdengine.taosdump.PlanOptions;
import io.tidemark.tdengine.taosdump.ScriptNotes;
import io.tidemark.tdengine.taosdump.TaosdumpPlan;
import io.tidemark.tdengine.taosdump.TaosdumpScript;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Makes the taosdump scripts of a large incremental set, from changed blocks to forced files.
 *
 * <p>Arguments: a directory for the scripts, the number of tables (10000), of changed file sets a
 * table (10). The tables are copied one by one: their stable is said to hold very much more.
 */
public final class TaosdumpScriptBenchmark {
  private static final int PASSES = 5;
  private static final int MINUTES_PER_DAY = 1440;
  private static final long NS_PER_MS = 1_000_000;
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private TaosdumpScriptBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] args) throws IOException {
    if (args.length < 1) {
      System.err.println("usage: TaosdumpScriptBenchmark <directory> [tables] [file sets]");
      System.exit(2);
    }
    int tables = args.length > 1 ? Integer.parseInt(args[1]) : 10_000;
    int fileSets = args.length > 2 ? Integer.parseInt(args[2]) : 10;
    IncrementalSet set = set(tables, fileSets);
    Path root = Files.createTempDirectory(Path.of(args[0]), "taosdump-script");
    try {
      for (int pass = 0; pass < PASSES; pass++) {
        write(set, root.resolve("pass-" + pass));
      }
    } finally {
      Footprint.delete(root);
    }
  }

  /** Every second file set of every table changed, so that neighbours cannot be joined. */
  private static IncrementalSet set(int tables, int fileSets) {
    List<ChangedBlock> blocks = new ArrayList<>();
    KnownBlocks known = new KnownBlocks();
    for (int table = 0; table < tables; table++) {
      for (long fileSet = 0; fileSet < fileSets; fileSet++) {
        WalPosition at = new WalPosition(1, blocks.size());
        BlockName name =
            new BlockName(
                BlockName.Kind.DATA, table, 1, 20_000 + 2 * fileSet, "d" + table, "meters");
        blocks.add(new ChangedBlock(2, ChangeKind.DIRTY, name, at, at, false));
      }
    }
    for (long fileSet = 0; fileSet < 2L * fileSets; fileSet++) {
      known.add("meters", 20_000 + fileSet, 1_000_000_000L);
    }
    return new IncrementalSet(
        "power",
        new FileSets(TimestampPrecision.MILLISECOND, MINUTES_PER_DAY),
        blocks,
        List.of(),
        known);
  }

  private static void write(IncrementalSet set, Path directory) throws IOException {
    CallCosts dear = new CallCosts(1_500, 1_300_000, 10_000_000);
    long wall = System.nanoTime();
    long cpu = THREADS.getCurrentThreadCpuTime();
    TaosdumpPlan plan = TaosdumpPlan.of(set, new PlanOptions(dear, AlteredObjects.RELOAD));
    new TaosdumpScript(plan, new ScriptNotes("a benchmark", Instant.EPOCH, List.of()))
        .writeTo(directory);
    cpu = THREADS.getCurrentThreadCpuTime() - cpu;
    wall = System.nanoTime() - wall;
    System.out.printf(
        Locale.ROOT,
        "%d blocks, %d calls, %d bytes: %d ms CPU, %d ms%n",
        set.blocks().size(),
        plan.calls().size(),
        Files.size(directory.resolve("export.sh")),
        cpu / NS_PER_MS,
        wall / NS_PER_MS);
  }
}
