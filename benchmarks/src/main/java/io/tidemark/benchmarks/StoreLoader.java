package io.tidemark.benchmarks;

import com.sun.management.ThreadMXBean;
import io.tidemark.block.BlockEventType;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.tracker.ChangeTracker;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Appends the events of a workload to a store, as a source does: records of a few thousand events,
 * each with the promise that everything up to here was delivered.
 *
 * <p>Used by the tracker's thread.
 */
final class StoreLoader {
  private static final int EVENTS_PER_RECORD = 4096;
  private static final long PROGRESS_EVENTS = 10_000_000;
  private static final byte[] NO_MARK = {};
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private final StoreWorkload workload;
  private final Path root;
  private final PrintStream log;
  private final long startedNs = System.nanoTime();
  private final RecordBuffer record = new RecordBuffer();
  private final long[] ids = new long[EVENTS_PER_RECORD];
  private long deadlineNs = Long.MAX_VALUE;
  private long minFreeBytes;
  private long next;
  private long cpuNs;
  private long generatorNs;

  /**
   * Begins at the first event.
   *
   * @param root the store's directory, to log how large it is
   * @param log is told every ten million events
   */
  StoreLoader(StoreWorkload workload, Path root, PrintStream log) {
    this.workload = workload;
    this.root = root;
    this.log = log;
  }

  /** Stops loading after some time, and when the disk has less free space than some bytes. */
  void limit(long seconds, long newMinFreeBytes) {
    deadlineNs = seconds == Long.MAX_VALUE ? seconds : startedNs + seconds * 1_000_000_000;
    minFreeBytes = newMinFreeBytes;
  }

  /**
   * Appends the next events.
   *
   * @return whether it got to the end; otherwise a limit was reached
   */
  boolean load(ChangeTracker tracker, long events) throws IOException {
    long end = next + events;
    while (next < end) {
      int count = (int) Math.min(EVENTS_PER_RECORD, end - next);
      long start = THREADS.getCurrentThreadCpuTime();
      for (int i = 0; i < count; i++) {
        ids[i] = workload.blockId(next + i);
      }
      long generated = THREADS.getCurrentThreadCpuTime();
      append(tracker, count);
      cpuNs += THREADS.getCurrentThreadCpuTime() - generated;
      generatorNs += generated - start;
      long before = next / PROGRESS_EVENTS;
      next += count;
      if (next / PROGRESS_EVENTS > before && !goesOn()) {
        return false;
      }
    }
    return true;
  }

  private void append(ChangeTracker tracker, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      long event = next + i;
      record.event(
          event < workload.blocks() ? BlockEventType.CREATE : BlockEventType.UPDATE,
          ids[i],
          StoreWorkload.walOffset(event),
          StoreWorkload.timestampNs(event));
    }
    long covered = next == 0 ? 0 : StoreWorkload.walOffset(next);
    record.cover(covered, StoreWorkload.walOffset(next + count - 1), NO_MARK);
    tracker.append(record);
  }

  /** Logs how it goes and returns whether no limit is reached. */
  private boolean goesOn() throws IOException {
    Runtime runtime = Runtime.getRuntime();
    log.printf(
        Locale.ROOT,
        "loaded events=%d seconds=%d cpuNsPerEvent=%.0f heapMiB=%d rssMiB=%d anonMiB=%d"
            + " diskMiB=%d files=%d%n",
        next,
        (System.nanoTime() - startedNs) / 1_000_000_000,
        (double) cpuNs / next,
        (runtime.totalMemory() - runtime.freeMemory()) >> 20,
        Footprint.resident() >> 20,
        Footprint.residentWithoutFiles() >> 20,
        Footprint.bytes(root) >> 20,
        Footprint.files(root).size());
    return System.nanoTime() < deadlineNs
        && Files.getFileStore(root).getUsableSpace() >= minFreeBytes;
  }

  /** Appends a record without events, so that a seal has something to seal. */
  static void appendEmpty(ChangeTracker tracker, long walOffset) throws IOException {
    RecordBuffer empty = new RecordBuffer();
    empty.cover(walOffset, walOffset, NO_MARK);
    tracker.append(empty);
  }

  /** Returns how many events were appended. */
  long events() {
    return next;
  }

  /** Returns the CPU time of appending, ns. */
  long cpuNs() {
    return cpuNs;
  }

  /** Returns the CPU time of thinking up ids, ns; not part of {@link #cpuNs}. */
  long generatorNs() {
    return generatorNs;
  }
}
