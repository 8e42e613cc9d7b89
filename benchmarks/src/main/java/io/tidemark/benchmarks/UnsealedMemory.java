package io.tidemark.benchmarks;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tells how much memory an event takes until it is sealed: what the heap keeps for it meanwhile;
 * what is alive at most while it is being sealed, as a collector finds that runs all the time; and
 * what sealing allocates in all.
 *
 * <p>Of each size the first store is there to load classes. What a store keeps between its seals,
 * its states, is part of the figures.
 */
public final class UnsealedMemory {
  private static final Map<String, String> DEFAULTS =
      Map.of("events", "16384,131072,1048576", "rounds", "3");
  private static final int RUN_LENGTH = 16;
  private static final long BLOCKS = 1L << 24;
  private static final long RANGE = 1_000_000_000;
  private static final int COLLECTIONS = 3;

  private UnsealedMemory() {}

  /** Runs what the command line says: a directory, then {@code name=value}. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 0) {
      throw new IllegalArgumentException("directory is missing: options=" + DEFAULTS);
    }
    NamedArguments values = NamedArguments.parse(DEFAULTS, List.of(args).subList(1, args.length));
    Path place = Files.createTempDirectory(Path.of(args[0]), "unsealed");
    try {
      int store = 0;
      for (String events : values.list("events")) {
        for (String ids : new String[] {"in runs", "in runs", "random"}) {
          measure(
              place.resolve("store" + store++),
              Integer.parseInt(events),
              ids.equals("random")
                  ? StoreWorkload.random(BLOCKS, RANGE)
                  : StoreWorkload.clustered(BLOCKS, RUN_LENGTH),
              (int) values.number("rounds"),
              ids);
        }
      }
    } finally {
      FileStorageIO.INSTANCE.deleteTree(place);
    }
  }

  private static void measure(
      Path directory, int events, StoreWorkload workload, int rounds, String ids)
      throws IOException, InterruptedException {
    TrackerOptions options = TrackerOptions.builder().unlimited().maxOpenEvents(2 * events).build();
    try (ChangeTracker tracker = ChangeTracker.open(directory, "run", options)) {
      long empty = usedHeap();
      for (int round = 0; round < rounds; round++) {
        append(tracker, workload, (long) round * events, events);
        double kept = (usedHeap() - empty) / (double) events;
        Collecting collecting = new Collecting();
        ThreadCosts before = ThreadCosts.of("");
        collecting.start();
        tracker.seal();
        double alive = (collecting.end() - empty) / (double) events;
        double allocated = ThreadCosts.of("").since(before).allocatedBytes() / (double) events;
        System.out.printf(
            Locale.ROOT,
            "events=%d ids=%s round=%d: kept %.1f B an event, alive while sealing %.1f B (looks=%d),"
                + " sealing allocates %.1f B%n",
            events,
            ids,
            round + 1,
            kept,
            alive,
            collecting.looks,
            allocated);
      }
    }
  }

  private static void append(ChangeTracker tracker, StoreWorkload workload, long from, int events)
      throws IOException {
    RecordBuffer record = new RecordBuffer();
    record.generation(1);
    for (long event = from; event < from + events; event++) {
      record.event(
          BlockEventType.UPDATE, workload.blockId(event), event, StoreWorkload.timestampNs(event));
      if (!record.hasRoom()) {
        tracker.append(record);
      }
    }
    if (record.count() > 0) {
      tracker.append(record);
    }
  }

  private static long usedHeap() {
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Collects garbage again and again, and remembers the most that it found alive. */
  private static final class Collecting extends Thread {
    private volatile boolean isOver;
    private long mostBytes;
    private int looks;

    @Override
    public void run() {
      while (!isOver) {
        System.gc();
        long alive =
            ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getCollectionUsage().getUsed())
                .sum();
        mostBytes = Math.max(mostBytes, alive);
        looks++;
      }
    }

    long end() throws InterruptedException {
      isOver = true;
      join();
      return mostBytes;
    }
  }
}
