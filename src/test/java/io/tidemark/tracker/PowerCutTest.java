package io.tidemark.tracker;

import static org.junit.jupiter.api.Assumptions.abort;

import io.tidemark.testing.ClassArchive;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.PowerCutDisk;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the power of the file system that a process writes a store to, at random moments, and asks
 * what is left everything.
 *
 * <p>The process notices that its disk fails, lets go of the store, and goes on with the next life
 * of it as an agent does after its disk came back; now and then it is killed instead. Needs root.
 * More cycles: {@code -Dtidemark.power.cycles=5000}; the same cycles again: {@code
 * -Dtidemark.power.seed=N}.
 */
class PowerCutTest {
  private static final int CYCLES = Rounds.of("tidemark.power.cycles", 300, 20);
  private static final long SEED = Long.getLong("tidemark.power.seed", 20261122);
  private static final List<String> MOMENTS =
      List.of(
          "opening",
          "ready",
          "ready",
          "ready",
          "ready",
          "ready",
          "ready",
          "ready",
          "ready",
          "metadata");
  private static final int MAX_LIFE_MS = 160;
  private static final int MAX_OPENING_MS = 60;
  private static final int MAX_PAUSE_US = 1500;
  private static final int CYCLES_PER_KILL = 15;
  private static final int GRACE_MS = 20;
  private static final int PATIENT_ATTEMPTS = 40;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final Random random = new Random(SEED);
  private final StoreLives lives = new StoreLives(random);
  private int processes;
  private int cutsInOpening;
  private long acknowledgements;

  @Test
  void shouldKeepWhatWasAcknowledgedThroughEveryPowerCut() throws Exception {
    String reason = PowerCutDisk.whyUnavailable();
    if (reason != null) {
      System.out.println("no power cuts: " + reason);
      abort("no power cuts: " + reason);
    }
    long startedNs = System.nanoTime();

    StoreChild child = null;
    try (PowerCutDisk disk = new PowerCutDisk();
        ClassArchive classes = StoreChild.archive(directory.resolve("first"))) {
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        if (child == null || child.hasEnded()) {
          child = StoreChild.start(classes, directory.resolve("warm" + processes));
          processes++;
        }
        try {
          cycle(disk, child);
        } catch (AssertionError | RuntimeException | IOException e) {
          AssertionError failure = failure(cycle, child, e);
          keep(disk, failure);
          throw failure;
        }
      }
    } finally {
      if (child != null) {
        child.close();
      }
    }

    System.out.printf(
        "cut the power %d times (%d times while a store was opened) of %d processes in %d s: %d"
            + " acknowledgements kept; %s; seed %d%n",
        CYCLES,
        cutsInOpening,
        processes,
        (System.nanoTime() - startedNs) / 1_000_000_000,
        acknowledgements,
        StoreLives.summary(List.of(lives)),
        SEED);
  }

  private void cycle(PowerCutDisk disk, StoreChild child) throws IOException, InterruptedException {
    String moment = MOMENTS.get(random.nextInt(MOMENTS.size()));
    int delayMs = random.nextInt(moment.equals("ready") ? MAX_LIFE_MS : MAX_OPENING_MS);
    boolean isKilled = random.nextInt(CYCLES_PER_KILL) == 0;
    Path ledgerFile = directory.resolve("ledger");
    WriterLedger ledger = new WriterLedger(ledgerFile);
    ledger.clear();
    StoreLife.Orders orders =
        lives.next(
            disk.path().resolve(lives.name()), ledgerFile, moment.equals("metadata"), MAX_PAUSE_US);

    child.live(List.of(orders), moment, delayMs, victim -> cut(disk, victim, isKilled));
    if (isKilled) {
      child.assertKilled();
    }
    if (!disk.unmountWithin(PATIENT_ATTEMPTS)) {
      // Half begun, a queue may keep a file of its own open for good.
      child.kill();
      child.assertKilled();
      disk.unmount();
    }
    disk.mount();

    cutsInOpening += ledger.activity() == WriterLedger.Activity.OPENING ? 1 : 0;
    acknowledgements += ledger.acknowledgements();
    lives.verify(orders, ledger.submitted(), ledger.durable(), directory.resolve("left"));
  }

  /** Cuts the power, lets the child go on for a moment or until it has noticed, and may kill it. */
  private static void cut(PowerCutDisk disk, StoreChild child, boolean isKilled)
      throws IOException, InterruptedException {
    disk.cut();
    if (isKilled) {
      TimeUnit.MILLISECONDS.sleep(GRACE_MS);
      child.kill();
    }
  }

  private static AssertionError failure(int cycle, StoreChild child, Throwable cause) {
    StringBuilder causes = new StringBuilder();
    for (Throwable next = cause; next != null; next = next.getCause()) {
      causes.append(causes.isEmpty() ? "" : ", caused by ").append(next);
      for (StackTraceElement at : next.getStackTrace()) {
        if (at.getClassName().startsWith("io.tidemark.")) {
          causes.append(" at ").append(at);
          break;
        }
      }
    }
    return new AssertionError(
        "cut "
            + cycle
            + " failed: "
            + causes
            + "; "
            + child
            + "; replay: mvn -pl src -am test -Dtest=PowerCutTest -Dtidemark.power.seed="
            + SEED,
        cause);
  }

  /** Copies what is on the disk where it can be looked at later. */
  private static void keep(PowerCutDisk disk, AssertionError failure) throws Exception {
    Path kept = Files.createTempDirectory("tidemark-power-cut");
    try {
      PowerCutDisk.copy(disk.path(), kept.resolve("disk"));
      System.out.println("kept what was left: " + kept);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
