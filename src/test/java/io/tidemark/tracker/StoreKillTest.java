package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.ClassArchive;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills processes that write stores at full speed, at random moments, and asks each store that is
 * left everything.
 *
 * <p>A process writes eight stores in as many threads, as that of an agent does: to start one costs
 * more than to verify what it leaves. More kills: {@code -Dtidemark.storekill.cycles=2000}; the
 * same again: {@code -Dtidemark.storekill.seed=N}.
 */
class StoreKillTest {
  private static final int CYCLES = Rounds.of("tidemark.storekill.cycles", 200, 16);
  private static final long SEED = Long.getLong("tidemark.storekill.seed", 20261122);
  private static final int STORES = 8;
  private static final int MAX_LIFE_MS = 500;
  private static final int MAX_OPENING_MS = 60;
  private static final int MAX_FOLDING_MS = 300;
  private static final int PROCESSES_PER_OPENING = 10;
  private static final int PROCESSES_PER_METADATA = 7;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final Random random = new Random(SEED);
  private final List<StoreLives> stores = new ArrayList<>();
  private final List<WriterLedger> ledgers = new ArrayList<>();
  private final Map<WriterLedger.Activity, Integer> kills =
      new EnumMap<>(WriterLedger.Activity.class);
  private long acknowledgements;
  private int livesWithMetadata;

  @Test
  void shouldKeepWhatWasAcknowledgedThroughEveryKill() throws Exception {
    long startedNs = System.nanoTime();
    for (int store = 0; store < STORES; store++) {
      stores.add(new StoreLives(new Random(random.nextLong())));
      ledgers.add(new WriterLedger(ledger(store)));
    }

    StoreChild child = null;
    int cycles = 0;
    try (ClassArchive classes = StoreChild.archive(directory.resolve("first"))) {
      child = StoreChild.start(classes, directory.resolve("warm0"));
      for (int process = 0; cycles < CYCLES; process++) {
        // The next one warms up while this one works.
        StoreChild next = StoreChild.start(classes, directory.resolve("warm" + (process + 1)));
        try {
          kill(process, child);
        } catch (AssertionError | RuntimeException | IOException e) {
          next.close();
          throw new AssertionError(
              "kill of process "
                  + process
                  + " failed: "
                  + e
                  + "; "
                  + child
                  + "; replay: mvn -pl src -am test -Dtest=StoreKillTest"
                  + " -Dtidemark.storekill.seed="
                  + SEED,
              e);
        }
        child.close();
        child = next;
        cycles += STORES;
      }
    } finally {
      if (child != null) {
        child.close();
      }
    }

    System.out.printf(
        "killed a store's writer %d times, %d a process, %s in %d s: %d acknowledgements kept;"
            + " %d lives with a metadata map; %s; seed %d%n",
        cycles,
        STORES,
        kills,
        (System.nanoTime() - startedNs) / 1_000_000_000,
        acknowledgements,
        livesWithMetadata,
        StoreLives.summary(stores),
        SEED);
    assertTrue(livesWithMetadata >= CYCLES / 10, "lives with metadata " + livesWithMetadata);
  }

  private Path ledger(int store) {
    return directory.resolve("ledger" + store);
  }

  private void kill(int process, StoreChild child) throws IOException, InterruptedException {
    boolean looksAtMetadata = process % PROCESSES_PER_METADATA == 0;
    String moment =
        looksAtMetadata
            ? "metadata"
            : random.nextInt(PROCESSES_PER_OPENING) == 0 ? "opening" : "ready";
    int delayMs =
        random.nextInt(
            switch (moment) {
              case "metadata" -> MAX_FOLDING_MS;
              case "opening" -> MAX_OPENING_MS;
              default -> MAX_LIFE_MS;
            });
    List<StoreLife.Orders> orders = new ArrayList<>();
    for (int store = 0; store < STORES; store++) {
      ledgers.get(store).clear();
      Path path = directory.resolve(store + stores.get(store).name());
      orders.add(stores.get(store).next(path, ledger(store), looksAtMetadata, 0));
    }

    child.live(orders, moment, delayMs, StoreChild::kill);
    child.assertKilled();

    for (int store = 0; store < STORES; store++) {
      WriterLedger ledger = ledgers.get(store);
      kills.merge(ledger.activity(), 1, Integer::sum);
      acknowledgements += ledger.acknowledgements();
      livesWithMetadata += looksAtMetadata ? 1 : 0;
      stores
          .get(store)
          .verify(
              orders.get(store), ledger.submitted(), ledger.applied(), directory.resolve("left"));
      assertEquals(0, stores.get(store).withHoles(), "a kill left holes");
    }
  }
}
