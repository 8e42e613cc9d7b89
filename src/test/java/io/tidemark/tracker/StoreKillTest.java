package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.ClassArchive;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that writes a store at full speed, at random moments, and asks what it left
 * everything.
 *
 * <p>More kills: {@code -Dtidemark.storekill.cycles=2000}; the same again: {@code
 * -Dtidemark.storekill.seed=N}.
 */
class StoreKillTest {
  private static final int CYCLES = Rounds.of("tidemark.storekill.cycles", 40, 6);
  private static final long SEED = Long.getLong("tidemark.storekill.seed", 20261122);
  private static final int MAX_LIFE_MS = 120;
  private static final int MAX_OPENING_MS = 15;
  private static final int MAX_FOLDING_MS = 80;
  private static final int CYCLES_PER_OPENING = 10;
  private static final int CYCLES_PER_METADATA = 7;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final Random random = new Random(SEED);
  private final StoreLives lives = new StoreLives(random);
  private final Map<WriterLedger.Activity, Integer> kills =
      new EnumMap<>(WriterLedger.Activity.class);
  private long acknowledgements;
  private int livesWithMetadata;

  @Test
  void shouldKeepWhatWasAcknowledgedThroughEveryKill() throws Exception {
    long startedNs = System.nanoTime();

    StoreChild writer = null;
    try (ClassArchive classes = StoreChild.archive(directory.resolve("first"))) {
      writer = StoreChild.start(classes, directory.resolve("warm0"));
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        // The next one warms up while this one works.
        StoreChild next = StoreChild.start(classes, directory.resolve("warm" + (cycle + 1)));
        try {
          cycle(cycle, writer);
        } catch (AssertionError | RuntimeException | IOException e) {
          next.close();
          throw new AssertionError(
              "kill "
                  + cycle
                  + " failed: "
                  + e
                  + "; "
                  + writer
                  + "; replay: mvn -pl src -am test -Dtest=StoreKillTest"
                  + " -Dtidemark.storekill.seed="
                  + SEED,
              e);
        }
        writer.close();
        writer = next;
      }
    } finally {
      if (writer != null) {
        writer.close();
      }
    }

    System.out.printf(
        "killed a store's writer %d times %s in %d s: %d acknowledgements kept; %d lives with a"
            + " metadata map; %s; seed %d%n",
        CYCLES,
        kills,
        (System.nanoTime() - startedNs) / 1_000_000_000,
        acknowledgements,
        livesWithMetadata,
        lives.summary(),
        SEED);
    assertTrue(livesWithMetadata >= CYCLES / 10, "lives with metadata " + livesWithMetadata);
  }

  private void cycle(int cycle, StoreChild writer) throws IOException, InterruptedException {
    boolean looksAtMetadata = cycle % CYCLES_PER_METADATA == 0;
    String moment =
        looksAtMetadata
            ? "metadata"
            : random.nextInt(CYCLES_PER_OPENING) == 0 ? "opening" : "ready";
    int delayMs =
        random.nextInt(
            switch (moment) {
              case "metadata" -> MAX_FOLDING_MS;
              case "opening" -> MAX_OPENING_MS;
              default -> MAX_LIFE_MS;
            });
    Path ledgerFile = directory.resolve("ledger");
    WriterLedger ledger = new WriterLedger(ledgerFile);
    ledger.clear();
    StoreProcess.Orders orders =
        lives.next(directory.resolve(lives.name()), ledgerFile, looksAtMetadata, 0);
    writer.work(
        orders,
        moment,
        delayMs,
        pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
    writer.assertKilled();
    kills.merge(ledger.activity(), 1, Integer::sum);
    acknowledgements += ledger.acknowledgements();
    livesWithMetadata += looksAtMetadata ? 1 : 0;
    lives.verify(orders, ledger.submitted(), ledger.applied(), directory.resolve("left"));
    assertTrue(lives.withHoles() == 0, "a kill left holes");
  }
}
