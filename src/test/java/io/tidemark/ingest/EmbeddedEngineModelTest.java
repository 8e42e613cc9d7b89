package io.tidemark.ingest;

import io.tidemark.testing.EngineHistory;
import io.tidemark.testing.EngineScript;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random calls of an embedded engine, closings and kills, against a list of everything it was told:
 * {@code -Dtidemark.embedded.seeds=N} seeds, {@code -Dtidemark.seed=S} for one.
 */
class EmbeddedEngineModelTest {
  private static final int SEEDS = Rounds.of("tidemark.embedded.seeds", 500, 100);
  private static final int STEPS = 200;
  private static final Path ROOT = Path.of("/disk/engine");

  /** WAL offsets around those at which narrow or signed arithmetic goes wrong. */
  private static final List<Long> FIRST_OFFSETS =
      List.of(1L, 2L, (1L << 31) - 60, (1L << 32) - 60, Long.MAX_VALUE - 60, -2000L);

  @Test
  void shouldHoldWhatItWasTold() {
    Seeds.each(SEEDS, EmbeddedEngineModelTest::run);
  }

  private static void run(Random random) throws IOException {
    long first = FIRST_OFFSETS.get(random.nextInt(FIRST_OFFSETS.size()));
    EmbeddedOptions options = EngineScript.smallOptions(first);
    EngineHistory history = new EngineHistory(first);
    EngineScript script = new EngineScript(random, history);
    MemoryStorageIO io = new MemoryStorageIO();
    EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options);
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(30)) {
        case 0 -> {
          engine.close();
          engine = EmbeddedEngine.open(io, ROOT, options);
        }
        case 1 -> {
          io = io.after(PowerCut.keepingAll());
          engine = EmbeddedEngine.open(io, ROOT, options);
          history.rollBack(history.last());
        }
        case 2 -> history.verify(engine);
        default -> script.step(engine);
      }
    }
    history.verify(engine);
    engine.close();
  }
}
