package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.StoreFailedException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.MemoryStorageIO.Call;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A store is cut off, or refused, at every single change of its files, and what is left of it is
 * opened.
 *
 * <p>Workloads of seed 1, 2, … until there were {@code -Dtidemark.crashpoints.points=N}, or 1,200,
 * points; {@code -Dtidemark.crashpoints.seed=S} runs the points of that workload alone, {@code
 * -Dtidemark.crashpoints.stride=K} every K-th of them.
 */
class CrashPointTest {
  private static final Path ROOT = Path.of("/disk/store");
  private static final int POINTS = Rounds.of("tidemark.crashpoints.points", 2_000, 100);

  /** Of how many points one is tried. */
  private static final int STRIDE = Rounds.of("tidemark.crashpoints.stride", 1, 5);

  private static final int LIVES = 2;
  private static final int STEPS = 40;

  private final Map<Call, Integer> points = new EnumMap<>(Call.class);
  private int images;
  private int wentOn;

  /** What happens at the point. */
  private enum Mode {
    /** The power is cut before the call. */
    CUT,
    /** The call fails, once. */
    FAIL,
    /** A call that changes nothing fails, once. */
    FAIL_TO_READ
  }

  @Test
  void shouldSurviveACutOrAFailureAtEveryChange() {
    long started = System.nanoTime();
    Long only = Long.getLong("tidemark.crashpoints.seed");
    long seed = only == null ? 1 : only;
    do {
      workload(seed);
      seed++;
    } while (only == null && points() < POINTS);
    System.out.println(
        "CrashPointTest: points="
            + points()
            + " "
            + points
            + ", went on="
            + wentOn
            + ", images="
            + images
            + ", workloads="
            + (only == null ? seed - 1 : 1)
            + ", seconds="
            + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started));
    assertTrue(only != null || points() >= POINTS);
  }

  /** Returns how many points changed something. */
  private int points() {
    return points.entrySet().stream()
        .filter(entry -> entry.getKey() != Call.READ)
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  private void workload(long seed) {
    for (Mode mode : Mode.values()) {
      int point = (int) seed % STRIDE;
      while (run(seed, mode, point)) {
        point += STRIDE;
      }
    }
  }

  /** Runs a workload to its end or to a point; returns whether it came to the point. */
  private boolean run(long seed, Mode mode, int point) {
    try {
      Workload workload = new Workload(seed, mode, point);
      workload.run();
      return workload.hasFired;
    } catch (AssertionError | RuntimeException | IOException e) {
      throw new AssertionError(
          mode
              + " at point "
              + point
              + " failed; replay: mvn -pl src -am test -Dtest=CrashPointTest"
              + " -Dsurefire.failIfNoSpecifiedTests=false -Dtidemark.crashpoints.seed="
              + seed
              + ": "
              + e,
          e);
    }
  }

  /** A store that is opened, written and left a few times, on files that fail at one point. */
  private final class Workload {
    private final Random random;
    private final Mode mode;
    private final int point;
    private final MemoryStorageIO io = new MemoryStorageIO();
    private final StoreEnvironment store = Environments.memory(io);
    private final StoreHistory history = new StoreHistory();
    private long acknowledged;
    private int changes;
    private boolean hasFired;

    Workload(long seed, Mode mode, int point) throws IOException {
      this.random = new Random(seed);
      this.mode = mode;
      this.point = point;
      io.createDurably(ROOT.resolveSibling(""));
      io.fault(this::before);
    }

    private void before(Call call, long number, Path path) throws IOException {
      boolean isCounted = (call == Call.READ) == (mode == Mode.FAIL_TO_READ);
      if (!isCounted || changes++ != point) {
        return;
      }
      hasFired = true;
      points.merge(call, 1, Integer::sum);
      if (mode == Mode.CUT) {
        io.powerOff();
      } else {
        throw new IOException("made to fail: call=" + call + ", file=" + path);
      }
    }

    void run() throws IOException {
      for (int life = 0; life < LIVES && !isOver(); life++) {
        live(random.nextLong());
      }
      if (hasFired) {
        verify();
      }
    }

    private boolean isOver() {
      return hasFired && mode == Mode.CUT;
    }

    /** Opens the store, writes to it, and leaves it; a store that failed is opened once more. */
    private void live(long seed) throws IOException {
      ChangeTracker tracker;
      try {
        tracker = ChangeTracker.open(store, ROOT, StoreScript.SHARD, StoreScript.BUSY_OPTIONS);
      } catch (IOException | TidemarkException e) {
        assertTrue(hasFired, () -> "opening failed by itself: " + e);
        return;
      }
      assertEquals(List.of(), tracker.recovery().lost());
      assertTrue(tracker.position() >= acknowledged, "nothing was cut yet");
      history.truncate(tracker.position());
      write(tracker, new Random(seed));
      try {
        tracker.abandon();
      } catch (IOException e) {
        assertTrue(hasFired, () -> "leaving failed by itself: " + e);
      }
    }

    /** Takes steps; goes on after a failure that is not final. */
    private void write(ChangeTracker tracker, Random seeds) {
      StoreScript script = new StoreScript(seeds.nextLong(), history);
      for (int step = 0; step < STEPS && !isOver(); step++) {
        try {
          if (script.perform(script.next(), tracker)) {
            acknowledged = history.lastPosition();
          }
        } catch (StoreFailedException e) {
          assertTrue(hasFired, () -> "writing failed by itself: " + e);
          return;
        } catch (IOException e) {
          assertTrue(hasFired, () -> "writing failed by itself: " + e);
          history.truncate(tracker.position());
          script = new StoreScript(seeds.nextLong(), history);
          wentOn++;
        }
      }
    }

    /** Looks at every kind of image that a cut leaves; after a mere failure at one of them. */
    private void verify() throws IOException {
      List<PowerCut> cuts =
          List.of(PowerCut.keepingForced(), PowerCut.keepingAll(), PowerCut.any(random));
      int first = mode == Mode.CUT ? 0 : random.nextInt(cuts.size());
      int end = mode == Mode.CUT ? cuts.size() : first + 1;
      for (PowerCut cut : cuts.subList(first, end)) {
        verify(cut);
      }
    }

    private void verify(PowerCut cut) throws IOException {
      images++;
      MemoryStorageIO image = io.after(cut);
      StoreVerifier verifier =
          new StoreVerifier(Environments.memory(image), ROOT, history, acknowledged, random);
      boolean isThorough = images % 10 == 0;
      StoreVerifier.Outcome outcome = isThorough ? verifier.verifyThoroughly() : verifier.verify();
      assertTrue(!outcome.hasHoles(), "what is left of the journal is a prefix");
    }
  }
}
