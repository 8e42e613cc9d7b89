package io.tidemark.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Time that something took, in repetitions: CPU of the thread that starts and stops it, CPU of the
 * whole process, and wall time, all in ns.
 *
 * <p>Used by one thread.
 */
final class Meter {
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final List<Long> cpuNs = new ArrayList<>();
  private final List<Long> processNs = new ArrayList<>();
  private final List<Long> wallNs = new ArrayList<>();
  private long cpuStart;
  private long processStart;
  private long wallStart;

  /** Begins a repetition. */
  void start() {
    wallStart = System.nanoTime();
    processStart = PROCESS.getProcessCpuTime();
    cpuStart = THREADS.getCurrentThreadCpuTime();
  }

  /** Ends a repetition. */
  void stop() {
    cpuNs.add(THREADS.getCurrentThreadCpuTime() - cpuStart);
    processNs.add(PROCESS.getProcessCpuTime() - processStart);
    wallNs.add(System.nanoTime() - wallStart);
  }

  /** Returns how many repetitions there were. */
  int count() {
    return cpuNs.size();
  }

  /** Returns the median CPU time of the thread. */
  long cpuNs() {
    return median(cpuNs);
  }

  /** Returns the CPU time of the thread in the first repetition. */
  long firstCpuNs() {
    return cpuNs.get(0);
  }

  /** Returns the median CPU time of the process: its other threads merge, compile and collect. */
  long processNs() {
    return median(processNs);
  }

  /** Returns the median wall time. */
  long wallNs() {
    return median(wallNs);
  }

  /** Returns the wall time of the first repetition. */
  long firstWallNs() {
    return wallNs.get(0);
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().skip((values.size() - 1) / 2).findFirst().orElseThrow();
  }
}
