package io.tidemark.tdengine;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

/** What this process takes of the machine's memory, without mapped files. */
final class ProcessMemory {
  private static final String DIRECT = "direct";

  private ProcessMemory() {}

  /** Returns the heap in use, live or not collected yet, and direct buffers. */
  static long usedBytes() {
    long bytes = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
      if (pool.getName().equals(DIRECT)) {
        bytes += pool.getMemoryUsed();
      }
    }
    return bytes;
  }
}
