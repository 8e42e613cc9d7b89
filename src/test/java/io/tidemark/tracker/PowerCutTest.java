package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.tidemark.storage.Directories;
import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.PowerCutDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the power of the file system that a process writes a store to, at random moments, and asks
 * what is left everything.
 *
 * <p>Needs root. More cycles: {@code -Dtidemark.power.cycles=500}; one seed again: {@code
 * -Dtidemark.power.seed=N}.
 */
class PowerCutTest {
  private static final int CYCLES = Integer.getInteger("tidemark.power.cycles", 40);
  private static final long SEED = Long.getLong("tidemark.power.seed", 20261122);
  private static final List<String> MOMENTS =
      List.of(
          "opening",
          "ready",
          "durable",
          "durable",
          "durable",
          "durable",
          "durable",
          "durable",
          "durable",
          "metadata");
  private static final int MAX_LIFE_MS = 600;
  private static final int MAX_OPENING_MS = 250;
  private static final int GRACE_MS = 20;
  private static final int LINES_KEPT = 20;
  private static final int LIVES_PER_STORE = 8;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final Random random = new Random(SEED);
  private final List<String> lives = new ArrayList<>();
  private StoreHistory history = new StoreHistory();
  private final Deque<String> lastLines = new ArrayDeque<>();
  private long submitted;
  private int stores = 1;
  private int cutsInOpening;
  private int withHoles;
  private int withMetadata;
  private long acknowledgements;
  private long entriesLost;

  @Test
  void shouldKeepWhatWasAcknowledgedThroughEveryPowerCut() throws Exception {
    String reason = PowerCutDisk.whyUnavailable();
    if (reason != null) {
      System.out.println("no power cuts: " + reason);
      abort("no power cuts: " + reason);
    }
    long startedNs = System.nanoTime();

    try (PowerCutDisk disk = new PowerCutDisk()) {
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        try {
          cycle(disk, cycle);
        } catch (AssertionError | RuntimeException | IOException e) {
          AssertionError failure =
              new AssertionError(
                  "cut "
                      + cycle
                      + " failed: "
                      + e
                      + "; the writer said last "
                      + lastLines
                      + "; replay: mvn -pl src -am test -Dtest=PowerCutTest"
                      + " -Dtidemark.power.seed="
                      + SEED,
                  e);
          keep(disk, failure);
          throw failure;
        }
      }
    }

    System.out.printf(
        "cut the power %d times over %d stores (%d times while one was opened, %d with a metadata"
            + " map) in %d s: %d acknowledgements kept, %d entries not acknowledged were lost, %d"
            + " times with holes, seed %d%n",
        CYCLES,
        stores,
        cutsInOpening,
        withMetadata,
        (System.nanoTime() - startedNs) / 1_000_000_000,
        acknowledgements,
        entriesLost,
        withHoles,
        SEED);
  }

  private void cycle(PowerCutDisk disk, int cycle) throws Exception {
    Path store = disk.path().resolve("store" + stores);
    long seed = random.nextLong();
    long acknowledged = Math.max(history.lastPosition(), run(disk, store, seed));
    disk.unmount();
    disk.mount();

    Path left = directory.resolve("left" + cycle);
    copy(store, left);
    StoreScript script = new StoreScript(seed, history);
    while (history.lastPosition() < submitted) {
      script.next();
    }
    StoreVerifier verifier = new StoreVerifier(left, history, acknowledged, random);
    StoreVerifier.Outcome outcome =
        random.nextBoolean() ? verifier.verify() : verifier.verifyThoroughly();
    Directories.deleteTree(left);
    entriesLost += history.lastPosition() - outcome.recovered().lastPosition();
    history = outcome.recovered();
    if (Files.exists(new StoreLayout(store).metadata()) && !outcome.hasHoles()) {
      withMetadata++;
      copy(store, left);
      verifier.verifyMetadata(history);
      Directories.deleteTree(left);
    }

    lives.add(Long.toString(seed));
    lives.add(Long.toString(history.lastPosition()));
    if (outcome.hasHoles() || lives.size() >= 2 * LIVES_PER_STORE) {
      withHoles += outcome.hasHoles() ? 1 : 0;
      Directories.deleteTree(store);
      lives.clear();
      history = new StoreHistory();
      stores++;
    }
  }

  /** Runs the writer until the power is cut; returns the last position it said is durable. */
  private long run(PowerCutDisk disk, Path store, long seed) throws Exception {
    String moment = MOMENTS.get(random.nextInt(MOMENTS.size()));
    int delayMs = random.nextInt(moment.equals("durable") ? MAX_LIFE_MS : MAX_OPENING_MS);
    List<String> arguments = new ArrayList<>();
    arguments.add(store.toString());
    arguments.add(Boolean.toString(moment.equals("metadata")));
    arguments.addAll(lives);
    arguments.add(Long.toString(seed));
    Set<String> said = new HashSet<>();
    String last = "";
    long durable = 0;
    submitted = 0;
    CompletableFuture<Void> end = new CompletableFuture<>();
    try (ChildJvm writer = ChildJvm.start(StoreProcess.class, arguments.toArray(String[]::new))) {
      for (String line = writer.readLine(); line != null; line = writer.readLine()) {
        last = line;
        lastLines.add(line);
        if (lastLines.size() > LINES_KEPT) {
          lastLines.remove();
        }
        String[] words = line.split(" ", 2);
        if (said.add(words[0]) && words[0].equals(moment)) {
          CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS)
              .execute(() -> cutAndKill(disk, writer.pid(), end));
        }
        if (words[0].equals("durable")) {
          durable = Long.parseLong(words[1]);
          acknowledgements++;
        } else if (words[0].equals("appending")) {
          submitted = Long.parseLong(words[1]);
        }
      }
    }
    assertTrue(said.contains(moment) && !said.contains("crashed"), "writer ended: " + last);
    end.get(10, TimeUnit.SECONDS);
    cutsInOpening += said.contains("ready") ? 0 : 1;
    return durable;
  }

  /** Cuts the power, lets the writer go on for a moment without it, and kills it. */
  private static void cutAndKill(PowerCutDisk disk, long pid, CompletableFuture<Void> end) {
    try {
      disk.cut();
      TimeUnit.MILLISECONDS.sleep(GRACE_MS);
      end.complete(null);
    } catch (IOException | InterruptedException e) {
      end.completeExceptionally(e);
    }
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
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

  private static void copy(Path store, Path left) throws Exception {
    if (Files.exists(store)) {
      PowerCutDisk.copy(store, left);
    }
  }
}
