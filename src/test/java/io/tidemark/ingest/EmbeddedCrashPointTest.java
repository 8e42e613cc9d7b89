package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.StoreFailedException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.testing.EngineHistory;
import io.tidemark.testing.EngineScript;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.MemoryStorageIO.Call;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * An embedded engine is cut off, or refused, at every single call of its files, and what is left of
 * it is opened: a prefix of what it was told, and no less than what it promised.
 *
 * <p>Workloads of seed 1, 2, … until there were {@code -Dtidemark.embedded.points=N} points; {@code
 * -Dtidemark.embedded.seed=S} runs the points of that workload alone.
 */
class EmbeddedCrashPointTest {
  private static final Path ROOT = Path.of("/disk/engine");
  private static final int POINTS = Rounds.of("tidemark.embedded.points", 2_000, 400);
  private static final int LIVES = 3;
  private static final int STEPS = 30;

  private int points;

  /** What happens at the point. */
  private enum Mode {
    /** The power is cut before the call. */
    CUT,
    /** The call fails, once. */
    FAIL
  }

  @Test
  void shouldLeaveAPrefixAtEveryCall() {
    Long only = Long.getLong("tidemark.embedded.seed");
    long seed = only == null ? 1 : only;
    do {
      for (Mode mode : Mode.values()) {
        int point = 0;
        while (run(seed, mode, point)) {
          point++;
        }
        points += point;
      }
      seed++;
    } while (only == null && points < POINTS);
    assertTrue(only != null || points >= POINTS);
  }

  /** Runs a workload to its end or to a point; returns whether it came to the point. */
  private static boolean run(long seed, Mode mode, int point) {
    try {
      Workload workload = new Workload(seed, mode, point);
      workload.run();
      return workload.hasFired;
    } catch (AssertionError | RuntimeException | IOException e) {
      throw new AssertionError(
          mode
              + " at point "
              + point
              + " failed; replay: mvn -pl src -am test -Dtest=EmbeddedCrashPointTest"
              + " -Dsurefire.failIfNoSpecifiedTests=false -Dtidemark.embedded.seed="
              + seed
              + ": "
              + e,
          e);
    }
  }

  /** An engine that is opened, written and left a few times, on files that fail at one point. */
  private static final class Workload {
    private final Random random;
    private final Mode mode;
    private final int point;
    private final EngineHistory history = new EngineHistory(1);
    private final EngineScript script;
    private final EmbeddedOptions options = EngineScript.smallOptions(1);
    private MemoryStorageIO io = new MemoryStorageIO();
    private int calls;
    private boolean hasFired;
    private boolean isVerifying;

    Workload(long seed, Mode mode, int point) throws IOException {
      this.random = new Random(seed);
      this.mode = mode;
      this.point = point;
      this.script = new EngineScript(random, history);
      io.createDurably(ROOT.resolveSibling(""));
      io.fault(this::before);
    }

    private void before(Call call, long number, Path path) throws IOException {
      if (isVerifying || calls++ != point) {
        return;
      }
      hasFired = true;
      if (mode == Mode.CUT) {
        io.powerOff();
      } else {
        throw new IOException("made to fail: call=" + call + ", file=" + path);
      }
    }

    void run() throws IOException {
      for (int life = 0; life < LIVES; life++) {
        EmbeddedEngine engine = open();
        if (engine == null) {
          return;
        }
        if (!write(engine)) {
          return;
        }
        boolean isClosed = random.nextBoolean();
        if (isClosed) {
          try {
            engine.close();
            script.setDurable();
          } catch (IOException | TidemarkException e) {
            isClosed = isClosedAllTheSame();
          }
        }
        if (hasFired && mode == Mode.CUT) {
          verifyImages();
          return;
        }
        if (!isClosed) {
          killed();
        }
      }
    }

    /** Whether the manifest of a close that failed is in force. */
    private boolean isClosedAllTheSame() throws IOException {
      assertTrue(hasFired, "closing failed by itself");
      if (mode == Mode.CUT) {
        return false;
      }
      EmbeddedManifest newest = new EmbeddedDirectory(io, ROOT).newestManifest();
      return newest != null && newest.isClosed();
    }

    private void killed() {
      io = io.after(PowerCut.keepingAll());
      io.fault(this::before);
      script.setDurable();
      history.rollBack(history.last());
    }

    /** Opens the engine, a second time if that fails; null if the power is off. */
    private @Nullable EmbeddedEngine open() throws IOException {
      try {
        return EmbeddedEngine.open(io, ROOT, options);
      } catch (IOException | TidemarkException e) {
        assertTrue(hasFired, () -> "opening failed by itself: " + e);
        if (mode == Mode.CUT) {
          verifyImages();
          return null;
        }
        EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options);
        // The failed opening may have been one: what it left was recovered then.
        while (history.generation() < engine.statistics().generation()) {
          history.rollBack(history.last());
        }
        verify(engine);
        return engine;
      }
    }

    /** Takes steps; returns false when nothing more can be done with the engine. */
    private boolean write(EmbeddedEngine engine) throws IOException {
      for (int step = 0; step < STEPS; step++) {
        try {
          script.step(engine);
        } catch (StoreFailedException e) {
          assertTrue(hasFired, () -> "writing failed by itself: " + e);
          verifyImages();
          return false;
        } catch (IOException e) {
          assertTrue(hasFired, () -> "writing failed by itself: " + e);
          if (mode == Mode.CUT) {
            verifyImages();
            return false;
          }
          verify(engine);
        }
      }
      verify(engine);
      return true;
    }

    private void verify(EmbeddedEngine engine) throws IOException {
      isVerifying = true;
      history.verify(engine);
      isVerifying = false;
    }

    private void verifyImages() throws IOException {
      verify(PowerCut.keepingForced());
      verify(PowerCut.keepingAll());
      verify(PowerCut.any(random));
      verify(PowerCut.any(random));
    }

    private void verify(PowerCut cut) throws IOException {
      EmbeddedImage.verify(io.after(cut), ROOT, options, history, script);
    }
  }
}
