package io.tidemark.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Locale;

/**
 * What the threads of this process whose names begin alike have cost so far: CPU time in ns, and
 * bytes that they allocated on the heap.
 *
 * @param cpuNs of all of them that live
 * @param allocatedBytes of all of them that live
 */
public record ThreadCosts(long cpuNs, long allocatedBytes) {
  private static final ThreadMXBean THREADS =
      ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  /** Returns what was spent until now. */
  public static ThreadCosts of(String prefix) {
    long cpuNs = 0;
    long allocatedBytes = 0;
    for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
      if (thread != null && thread.getThreadName().startsWith(prefix)) {
        cpuNs += Math.max(0, THREADS.getThreadCpuTime(thread.getThreadId()));
        allocatedBytes += Math.max(0, THREADS.getThreadAllocatedBytes(thread.getThreadId()));
      }
    }
    return new ThreadCosts(cpuNs, allocatedBytes);
  }

  /** Returns what was spent since an earlier moment. */
  public ThreadCosts since(ThreadCosts before) {
    return new ThreadCosts(cpuNs - before.cpuNs, allocatedBytes - before.allocatedBytes);
  }

  /** Returns it for each of so many events, in words. */
  public String perEvent(long events) {
    return String.format(
        Locale.ROOT,
        "%7.1f ns CPU, %6.3f B",
        cpuNs / (double) events,
        allocatedBytes / (double) events);
  }
}
