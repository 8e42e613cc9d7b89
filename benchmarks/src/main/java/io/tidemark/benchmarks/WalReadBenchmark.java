package io.tidemark.benchmarks;

import com.sun.management.ThreadMXBean;
import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.MessageClass;
import io.tidemark.tdengine.SubmitDecoder;
import io.tidemark.tdengine.TimestampPrecision;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalReader;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Reads a WAL that it has written: every checksum verified, every submit decoded to file sets.
 *
 * <p>Not JMH: the subject is a pass over a file of a gigabyte, and its memory. Arguments: a
 * directory for the files, the size in MiB (1024), rows a submit (100), data bytes a row (20). A
 * WAL of a quarter of the size is read as well, to show that memory does not grow with length.
 */
public final class WalReadBenchmark {
  private static final int PASSES = 5;
  private static final int MINUTES_PER_DAY = 1440;

  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private WalReadBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] args) throws IOException, WalDecodeException {
    if (args.length < 1) {
      System.err.println("usage: WalReadBenchmark <directory> [MiB] [rows] [bytes per row]");
      System.exit(2);
    }
    final long sizeBytes = (args.length > 1 ? Long.parseLong(args[1]) : 1024) << 20;
    final int rows = args.length > 2 ? Integer.parseInt(args[2]) : 100;
    final int rowBytes = args.length > 3 ? Integer.parseInt(args[3]) : 20;
    final Path root = Files.createTempDirectory(Path.of(args[0]), "wal-read");
    try {
      for (final long length : new long[] {sizeBytes / 4, sizeBytes}) {
        final Path wal = root.resolve(length + "-bytes");
        GeneratedWal.write(wal, length, rows, rowBytes);
        for (int pass = 0; pass < PASSES; pass++) {
          read(wal);
        }
      }
    } finally {
      Footprint.delete(root);
    }
  }

  private static void read(Path wal) throws IOException, WalDecodeException {
    System.gc();
    ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
    final FileSets fileSets = new FileSets(TimestampPrecision.MILLISECOND, MINUTES_PER_DAY);
    final SubmitDecoder decoder = new SubmitDecoder();
    final long allocatedBefore = allocatedBytes();
    final long cpuBefore = THREADS.getCurrentThreadCpuTime();
    final long wallBefore = System.nanoTime();
    long bytes = 0;
    long records = 0;
    long rows = 0;
    long sets = 0;
    try (WalReader reader = WalReader.open(wal)) {
      for (WalReader.Step step = reader.next(); step != WalReader.Step.END; step = reader.next()) {
        if (step != WalReader.Step.RECORD) {
          continue;
        }
        bytes += reader.record().lengthBytes();
        records++;
        if (reader.record().messageClass() == MessageClass.SUBMIT) {
          decoder.wrap(reader.record());
          while (decoder.nextTable()) {
            rows += decoder.rowCount();
            sets += fileSetChanges(decoder, fileSets);
          }
        }
      }
    }
    final long wallNs = System.nanoTime() - wallBefore;
    final long cpuNs = THREADS.getCurrentThreadCpuTime() - cpuBefore;
    final long allocated = allocatedBytes() - allocatedBefore;
    System.out.printf(
        Locale.ROOT,
        "walMiB=%d records=%d rows=%d sets=%d mbPerCpuSecond=%.0f mbPerSecond=%.0f"
            + " cpuNsPerRecord=%.0f heapPeakMiB=%.1f heapAllocatedMiB=%.1f directMiB=%.1f%n",
        bytes >> 20,
        records,
        rows,
        sets,
        bytes * 1e3 / cpuNs,
        bytes * 1e3 / wallNs,
        (double) cpuNs / records,
        heapPeak() / 1048576.0,
        allocated / 1048576.0,
        directBytes() / 1048576.0);
  }

  /** Counts where consecutive rows lie in different file sets, as the event source will. */
  private static long fileSetChanges(SubmitDecoder decoder, FileSets fileSets) {
    long changes = 0;
    long last = Long.MIN_VALUE;
    final long[] timestamps = decoder.timestamps();
    for (int i = 0; i < decoder.rowCount(); i++) {
      final long set = fileSets.fileSetOf(timestamps[i]);
      if (set != last) {
        changes++;
        last = set;
      }
    }
    return changes;
  }

  private static long allocatedBytes() {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  private static long heapPeak() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .mapToLong(pool -> pool.getPeakUsage().getUsed())
        .sum();
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }
}
