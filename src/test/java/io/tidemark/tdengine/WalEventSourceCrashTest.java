package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.storage.Directories;
import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.ClassArchive;
import io.tidemark.testing.Rounds;
import io.tidemark.tracker.Rebuild;
import io.tidemark.tracker.StoreCheck;
import io.tidemark.tracker.StoreLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills a process that follows a growing WAL, at random moments, and asks the reopened store
 * everything.
 *
 * <p>More cycles: {@code -Dtidemark.kill.cycles=2000}; one seed again: {@code
 * -Dtidemark.kill.seed=N}.
 */
class WalEventSourceCrashTest {
  private static final int CYCLES = Rounds.of("tidemark.kill.cycles", 14, 4);
  private static final long SEED = Long.getLong("tidemark.kill.seed", 20261122);
  private static final int MAX_LIFE_MS = 700;
  private static final List<String> GROWTH =
      List.of(
          "s1-wave1-unflushed",
          "s2-wave1-flushed",
          "s3-wave2-unflushed",
          "s4-wave2-flushed",
          "s5-wave3-ddl-unflushed",
          "s6-wave3-flushed");
  private static final List<String> VNODES = List.of("vnode23", "vnode24");

  @TempDir Path directory;
  private int kills;
  private int lives;
  private int completed;

  @Test
  void shouldAnswerExactlyAfterEveryKill() throws Exception {
    Random random = new Random(SEED);

    try (ClassArchive classes = firstLife()) {
      while (kills < CYCLES) {
        lifeOrReplay(classes, random);
      }
    }

    System.out.println(
        "killed a WAL's reader "
            + kills
            + " times over "
            + lives
            + " stores, ran to the end "
            + completed
            + " times, seed "
            + SEED);
    assertEquals(CYCLES, kills);
  }

  /** Archives the classes of a process that follows the whole first snapshot and ends. */
  private ClassArchive firstLife() throws IOException, InterruptedException {
    VnodeDirectory target = vnode(GROWTH.get(0), VNODES.get(0));
    VnodeDirectory growing = new VnodeDirectory(directory.resolve("first live"));
    Files.createDirectories(growing.walDirectory());
    Files.copy(target.configFile(), growing.configFile());
    return ClassArchive.of(
        IngestProcess.class,
        directory.resolve("first store").toString(),
        growing.path().toString(),
        target.path().toString(),
        "1",
        "true");
  }

  private void lifeOrReplay(ClassArchive classes, Random random) throws Exception {
    try {
      life(classes, random, VNODES.get(lives % VNODES.size()));
    } catch (AssertionError | RuntimeException | IOException e) {
      throw new AssertionError(
          "kill "
              + kills
              + " failed: "
              + e
              + "; replay: mvn -pl src -am test -Dtest=WalEventSourceCrashTest"
              + " -Dtidemark.kill.seed="
              + SEED,
          e);
    }
  }

  /** One store from its first record to the last snapshot, killed as often as it happens. */
  private void life(ClassArchive classes, Random random, String vnode) throws Exception {
    lives++;
    Path store = directory.resolve("store" + lives);
    VnodeDirectory growing = new VnodeDirectory(directory.resolve("live" + lives));
    VnodeDirectory last = vnode(GROWTH.get(GROWTH.size() - 1), vnode);
    Files.createDirectories(growing.walDirectory());
    Files.copy(last.configFile(), growing.configFile());
    List<BruteForceWal.Message> messages = BruteForceWal.read(last.walDirectory());
    int stage = 0;
    while (stage < GROWTH.size() && kills < CYCLES) {
      String applied = run(classes, random, store, growing, vnode(GROWTH.get(stage), vnode));
      if (applied.equals("done")) {
        completed++;
        stage++;
      } else {
        kills++;
      }
      StoreCheck.Report check = StoreCheck.run(store);
      assertTrue(
          check.findings().stream()
              .noneMatch(finding -> finding.severity() == StoreCheck.Severity.TRUTH),
          () -> "truth is damaged: " + check.findings());
      deleteViews(random, store);
      verify(random, store, growing, messages, applied);
    }
  }

  private static VnodeDirectory vnode(String snapshot, String vnode) {
    return new VnodeDirectory(Corpus.root().resolve(snapshot).resolve(vnode));
  }

  /** Runs a process until it is done or killed; returns the last line it said. */
  private static String run(
      ClassArchive classes,
      Random random,
      Path store,
      VnodeDirectory growing,
      VnodeDirectory target)
      throws Exception {
    String last = "";
    try (ChildJvm child =
        classes.start(
            IngestProcess.class,
            store.toString(),
            growing.path().toString(),
            target.path().toString(),
            Long.toString(random.nextLong()),
            Boolean.toString(random.nextInt(10) == 0))) {
      String line = child.readLine();
      while (line != null) {
        if (line.equals("ready")) {
          CompletableFuture.delayedExecutor(random.nextInt(MAX_LIFE_MS), TimeUnit.MILLISECONDS)
              .execute(
                  () -> ProcessHandle.of(child.pid()).ifPresent(ProcessHandle::destroyForcibly));
        }
        last = line;
        line = child.readLine();
      }
      int exit = child.awaitEnd();
      assertTrue(
          last.equals("done") || exit == 128 + 9,
          "child failed: exit=" + exit + ", stderr=" + child.errors());
    }
    return last;
  }

  /** Deletes what may be deleted: the answers must not depend on it. */
  private static void deleteViews(Random random, Path store) throws Exception {
    StoreLayout layout = new StoreLayout(store);
    if (random.nextInt(3) == 0) {
      Directories.deleteTree(layout.metadata());
    }
    if (random.nextInt(3) == 0) {
      Directories.deleteTree(layout.snapshots());
    }
    if (random.nextInt(3) == 0) {
      Directories.deleteTree(layout.catalogs());
    }
    if (random.nextInt(4) == 0) {
      for (Path file : Directories.list(store)) {
        if (String.valueOf(file.getFileName()).startsWith("checkpoint-")) {
          Files.delete(file);
        }
      }
    }
  }

  private static void verify(
      Random random,
      Path store,
      VnodeDirectory growing,
      List<BruteForceWal.Message> messages,
      String applied)
      throws Exception {
    assertEquals(List.of(), Rebuild.fromJournal(store).differences());
    if (random.nextBoolean()) {
      return;
    }
    long ticks = growing.config().fileSets().ticksPerFileSet();
    try (VnodeStore reopened = new VnodeStore(growing, store)) {
      verifyAnswers(reopened, messages, ticks);
      Long through = reopened.tracker().coverage().completeThrough();
      if (applied.startsWith("applied ") && !applied.equals("applied null")) {
        long acknowledged = Long.parseLong(applied.substring("applied ".length()));
        assertTrue(
            through != null && through >= acknowledged,
            "lost: acknowledged=" + acknowledged + ", recovered=" + through);
      }
      reopened.catchUp();
      verifyAnswers(reopened, messages, ticks);
    }
  }

  private static void verifyAnswers(
      VnodeStore store, List<BruteForceWal.Message> messages, long ticks) {
    Long through = store.tracker().coverage().completeThrough();
    if (through == null) {
      return;
    }
    ChangeOracle oracle =
        new ChangeOracle(
            messages.stream().filter(message -> message.version() <= through).toList(), ticks);
    assertEquals(oracle.changed(event -> true), store.exact(store.tracker().view().changedEver()));
    for (long version = 0; version <= through; version++) {
      long base = version;
      assertEquals(
          oracle.changed(event -> event.version() > base),
          store.exact(store.after(base)),
          "after version " + base + " of " + through);
    }
  }
}
