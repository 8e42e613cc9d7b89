package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.RecordBuffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * A writer that appends, seals, checkpoints, rolls, recycles, closes and opens again, as fast as it
 * can; what it writes follows from the version, so that a reader can check every answer.
 */
final class BusyWriter {
  /** A store that keeps no journal it does not need. */
  static final TrackerOptions RECYCLING_OPTIONS =
      TrackerOptions.builder()
          .unlimited()
          .maxOpenEvents(20)
          .segmentsPerCheckpoint(1)
          .journalRollBytes(1 << 14)
          .journalKeepBytes(0)
          .build();

  static final String SHARD = "read log";
  private static final int BLOCKS = 50;

  /** Entries of a record: one event for each, and its cover. */
  static final int ENTRIES = 4;

  private static final int MAX_STEPS_PER_OPENING = 200;

  private BusyWriter() {}

  /** Is told before a version is appended and after it was. */
  interface Observer {

    /** The version is about to be appended. */
    void onAppending(long version);

    /** The version is applied. */
    void onApplied(long version);
  }

  /** Writes until it is killed. Arguments: store, ledger, and the four tracker options. */
  public static void main(String[] args) throws IOException {
    WriterLedger ledger = new WriterLedger(Path.of(args[1]));
    TrackerOptions options =
        TrackerOptions.builder()
            .unlimited()
            .maxOpenEvents(Integer.parseInt(args[2]))
            .segmentsPerCheckpoint(Integer.parseInt(args[3]))
            .journalRollBytes(Long.parseLong(args[4]))
            .journalKeepBytes(Long.parseLong(args[5]))
            .build();
    Observer observer =
        new Observer() {
          @Override
          public void onAppending(long version) {
            ledger.submit(version + 1);
          }

          @Override
          public void onApplied(long version) {
            ledger.acknowledgeApplied(version + 1);
          }
        };
    write(Path.of(args[0]), options, observer, () -> false);
  }

  /** Writes versions in many short lives until it is told to stop; returns how many. */
  static long write(Path root, TrackerOptions options, Observer observer, BooleanSupplier isDone)
      throws IOException {
    Random random = new Random(2);
    RecordBuffer record = new RecordBuffer();
    long version = 0;
    while (!isDone.getAsBoolean()) {
      ChangeTracker tracker = ChangeTracker.open(root, SHARD, options);
      assertEquals(version * ENTRIES, tracker.position());
      for (int steps = random.nextInt(MAX_STEPS_PER_OPENING);
          steps > 0 && !isDone.getAsBoolean();
          steps--) {
        fill(record, version);
        observer.onAppending(version);
        tracker.append(record);
        observer.onApplied(version);
        version++;
        switch (random.nextInt(40)) {
          case 0 -> tracker.seal();
          case 1 -> tracker.checkpoint();
          default -> {}
        }
      }
      if (random.nextBoolean()) {
        tracker.close();
      } else {
        tracker.abandon();
      }
    }
    return version;
  }

  private static BlockEventType type(long version, int i) {
    return BlockEventType.ofCode((int) ((version * 7 + i * 3L) % 4));
  }

  private static long block(long version, int i) {
    return (version * 31 + i * 17L) % BLOCKS;
  }

  /** Adds the events of a version and its cover; the version's journal positions follow from it. */
  static void fill(RecordBuffer record, long version) {
    for (int i = 0; i < ENTRIES - 1; i++) {
      record.event(type(version, i), block(version, i), version, version);
    }
    record.cover(version, version, new byte[0]);
  }

  /** Returns the last change of each block up to a version, and its history. */
  private static Map<Long, BlockMaxima> histories(long after, long through) {
    Map<Long, BlockMaxima> result = new TreeMap<>();
    for (long version = after + 1; version <= through; version++) {
      for (int i = 0; i < ENTRIES - 1; i++) {
        result
            .computeIfAbsent(block(version, i), unused -> new BlockMaxima())
            .fold(type(version, i), 1, version);
      }
    }
    return result;
  }

  private static Map<Long, WalPosition> lastChanges(long after, long through) {
    Map<Long, WalPosition> result = new TreeMap<>();
    histories(after, through)
        .forEach(
            (block, maxima) -> {
              if (!maxima.lastChange().equals(WalPosition.BEFORE_ALL)) {
                result.put(block, maxima.lastChange());
              }
            });
    return result;
  }

  private static Map<Long, WalPosition> lastChanges(ChangeSet answer) {
    Map<Long, WalPosition> result = new TreeMap<>();
    answer.changes().forEach(change -> result.put(change.blockId(), change.last()));
    return result;
  }

  /** Checks that a reader shows the store as it was behind one of its records. */
  static long verify(StoreReader reader, Random random) {
    assertEquals(List.of(), reader.report().lost());
    assertEquals(0, reader.lastPosition() % ENTRIES);
    long through = reader.lastPosition() / ENTRIES - 1;
    StoreView view = reader.view();
    if (through < 0) {
      assertEquals(Verdict.NOT_READY, view.changedEver().verdict());
      return through;
    }
    assertEquals(Verdict.EXACT, view.changedEver().verdict());
    assertEquals(new WalPosition(1, through), view.completeThrough());
    assertEquals(lastChanges(-1, through), lastChanges(view.changedEver()));
    long base = random.nextLong(through + 1);
    ChangeSet after = view.changedAfter(new WalPosition(1, base));
    assertEquals(Verdict.EXACT, after.verdict());
    assertEquals(lastChanges(base, through), lastChanges(after));
    histories(-1, through)
        .forEach((block, maxima) -> assertEquals(maxima.state(), reader.states().state(block)));
    return through;
  }
}
