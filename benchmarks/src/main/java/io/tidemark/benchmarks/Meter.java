package io.tidemark.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Time that something took, in repetitions: CPU of the thread that starts and stops it, CPU of the
 * whole process, and wall time, all in ns.
 *
 * <p>Used by one thread.
 */
public final class Meter {
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private static final long IDLE_WINDOW_NS = 30_000_000;
  private static final int IDLE_WINDOWS = 3;

  private final List<Long> cpuNs = new ArrayList<>();
  private final List<Long> processNs = new ArrayList<>();
  private final List<Long> wallNs = new ArrayList<>();
  private long cpuStart;
  private long processStart;
  private long wallStart;

  /** Begins a repetition. */
  public void start() {
    wallStart = System.nanoTime();
    processStart = PROCESS.getProcessCpuTime();
    cpuStart = THREADS.getCurrentThreadCpuTime();
  }

  /** Ends a repetition. */
  public void stop() {
    cpuNs.add(THREADS.getCurrentThreadCpuTime() - cpuStart);
    processNs.add(PROCESS.getProcessCpuTime() - processStart);
    wallNs.add(System.nanoTime() - wallStart);
  }

  /** Returns how many repetitions there were. */
  public int count() {
    return cpuNs.size();
  }

  /** Returns the median CPU time of the thread. */
  public long cpuNs() {
    return median(cpuNs);
  }

  /** Returns the CPU time of the thread in the first repetition. */
  public long firstCpuNs() {
    return cpuNs.get(0);
  }

  /** Returns the median CPU time of the process: its other threads merge, compile and collect. */
  public long processNs() {
    return median(processNs);
  }

  /** Returns the median wall time. */
  public long wallNs() {
    return median(wallNs);
  }

  /** Returns the wall time of the first repetition. */
  public long firstWallNs() {
    return wallNs.get(0);
  }

  /** Waits until this process uses little CPU: nothing is merged, compacted or compiled. */
  public static void awaitIdle() {
    for (int idle = 0; idle < IDLE_WINDOWS; idle++) {
      Meter window = new Meter();
      window.start();
      LockSupport.parkNanos(IDLE_WINDOW_NS);
      window.stop();
      if (window.processNs() > IDLE_WINDOW_NS / 8) {
        idle = -1;
      }
    }
  }

  private static long median(List<Long> values) {
    return values.stream().sorted().skip((values.size() - 1) / 2).findFirst().orElseThrow();
  }
}
