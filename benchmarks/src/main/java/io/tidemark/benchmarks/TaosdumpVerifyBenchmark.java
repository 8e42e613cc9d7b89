package io.tidemark.benchmarks;

import com.sun.management.ThreadMXBean;
import io.tidemark.tdengine.taosdump.CallCosts;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tdengine.taosdump.ScriptNotes;
import io.tidemark.tdengine.taosdump.TaosdumpPlan;
import io.tidemark.tdengine.taosdump.TaosdumpScript;
import io.tidemark.tdengine.taosdump.TaosdumpVerifier;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;

/**
 * Verifies an export of one call as taosdump leaves it: every container of Avro to its last record.
 *
 * <p>Arguments: a directory for the export, the number of rows (5000000), the codec (snappy). A
 * hundred tables, three metrics a row.
 */
public final class TaosdumpVerifyBenchmark {
  private static final int PASSES = 5;
  private static final int TABLES = 100;
  private static final int BLOCK_BYTES = 70_000;
  private static final double NS_PER_S = 1e9;
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
  private static final Schema ROW =
      SchemaBuilder.record("power._record")
          .fields()
          .optionalString("tbname")
          .optionalLong("ts")
          .optionalFloat("col0")
          .optionalInt("col1")
          .optionalFloat("col2")
          .endRecord();
  private static final Schema TAGS =
      SchemaBuilder.record("power._stb")
          .fields()
          .optionalString("stbname")
          .optionalString("tbname")
          .endRecord();

  private TaosdumpVerifyBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] args) throws IOException {
    if (args.length < 1) {
      System.err.println("usage: TaosdumpVerifyBenchmark <directory> [rows] [codec]");
      System.exit(2);
    }
    int rows = args.length > 1 ? Integer.parseInt(args[1]) : 5_000_000;
    CodecFactory codec = CodecFactory.fromString(args.length > 2 ? args[2] : "snappy");
    Path root = Files.createTempDirectory(Path.of(args[0]), "taosdump-verify");
    try {
      TaosdumpPlan plan = TaosdumpPlan.full("power", CallCosts.DEFAULTS);
      new TaosdumpScript(plan, new ScriptNotes("a benchmark", Instant.EPOCH, List.of()))
          .writeTo(root);
      write(root.resolve("calls/000001"), rows, codec);
      Files.writeString(root.resolve("COMPLETE"), rows + "\n");
      ExportTask task = new ExportTask(0, "script", true, false, List.of(), plan);
      for (int pass = 0; pass < PASSES; pass++) {
        verify(root, task, rows);
      }
    } finally {
      Footprint.delete(root);
    }
  }

  private static void write(Path call, int rows, CodecFactory codec) throws IOException {
    Path database = call.resolve("dump/taosdump.1");
    Files.createDirectories(database.resolve("data0-1"));
    Files.writeString(call.resolve("rows"), rows + "\n");
    Files.writeString(call.resolve("dump/dbs.sql"), "#!dumpdb: power:\n");
    SplittableRandom random = new SplittableRandom(1);
    try (DataFileWriter<GenericRecord> tags =
        writer(database.resolve("power.1.avro-tbtags"), TAGS, codec)) {
      for (int table = 0; table < TABLES; table++) {
        GenericRecord tag = new GenericData.Record(TAGS);
        tag.put("stbname", "meters");
        tag.put("tbname", "d" + table);
        tags.append(tag);
        int count = rows / TABLES + (table < rows % TABLES ? 1 : 0);
        try (DataFileWriter<GenericRecord> data =
            writer(database.resolve("data0-1/power.1." + table + ".avro"), ROW, codec)) {
          GenericRecord row = new GenericData.Record(ROW);
          for (int i = 0; i < count; i++) {
            row.put("tbname", "d" + table);
            row.put("ts", 1_793_491_200_000L + i);
            row.put("col0", random.nextInt(1_000) / 10f);
            row.put("col1", 200 + random.nextInt(50));
            row.put("col2", random.nextInt(360) / 360f);
            data.append(row);
          }
        }
      }
    }
  }

  private static DataFileWriter<GenericRecord> writer(Path file, Schema schema, CodecFactory codec)
      throws IOException {
    return new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(schema))
        .setCodec(codec)
        .setSyncInterval(BLOCK_BYTES)
        .create(schema, file.toFile());
  }

  private static void verify(Path root, ExportTask task, int rows) throws IOException {
    long wall = System.nanoTime();
    long cpu = THREADS.getCurrentThreadCpuTime();
    List<String> findings = TaosdumpVerifier.verify(root, task);
    cpu = THREADS.getCurrentThreadCpuTime() - cpu;
    wall = System.nanoTime() - wall;
    if (!findings.isEmpty()) {
      throw new IllegalStateException("not what was written: " + findings);
    }
    long bytes;
    try (Stream<Path> tree = Files.walk(root)) {
      bytes = tree.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
    System.out.printf(
        Locale.ROOT,
        "%d rows, %d bytes: %.1f million rows/s of CPU, %.2f s CPU, %.2f s%n",
        rows,
        bytes,
        rows * 1e3 / cpu,
        cpu / NS_PER_S,
        wall / NS_PER_S);
  }
}
