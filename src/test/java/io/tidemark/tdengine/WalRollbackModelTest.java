package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server appends, rolls, recycles, crashes, loses its last records or whole segments and writes
 * them again, as it happens; a reader looks whenever it wants and is started again. At every pause
 * every answer is compared with what the log held then and holds now.
 *
 * <p>More seeds: {@code -Dtidemark.wal.seeds=2000}; one again: {@code -Dtidemark.seed=N}.
 */
class WalRollbackModelTest {
  private static final int SEEDS = Rounds.of("tidemark.wal.seeds", 120, 30);
  private static final int STEPS = 40;
  private static final int[] ONE_POLL_IN = {5, 40, 1_000_000};

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private int seeds;

  @Test
  void shouldMissNothingWhateverTheServerDoesToItsLog() {
    Seeds.each(SEEDS, random -> new Run(directory.resolve("seed" + seeds++), random).run());
  }

  /** A moment at which somebody may have copied the database; the store can be asked from there. */
  private record Pause(
      WalPosition position,
      long journalPosition,
      long timeNs,
      int written,
      int doubts,
      NavigableMap<Long, SimulatedLog.Entry> entries) {}

  /** One seed. */
  private static final class Run {
    private final Path root;
    private final Random random;
    private final int onePollIn;
    private final List<Pause> pauses = new ArrayList<>();
    private final SimulatedLog log;
    private @Nullable VnodeStore store;

    /** What the log held when the reader looked last. */
    private NavigableMap<Long, SimulatedLog.Entry> seen = new TreeMap<>();

    /** How often the files did not show what became of the log since the reader looked last. */
    private int doubts;

    Run(Path root, Random random) throws Exception {
      this.root = root;
      this.random = random;
      this.onePollIn = ONE_POLL_IN[random.nextInt(ONE_POLL_IN.length)];
      Path vnode = root.resolve("vnode");
      Files.createDirectories(vnode);
      Path corpus = Corpus.root().resolve("s5-wave3-ddl-unflushed/vnode24/vnode.json");
      Files.copy(corpus, vnode.resolve("vnode.json"));
      this.log = new SimulatedLog(vnode.resolve("wal"), random, this::onChange);
    }

    private void onChange() throws IOException {
      if (random.nextInt(onePollIn) == 0) {
        poll();
      }
    }

    void run() throws Exception {
      try {
        for (int step = 0; step < STEPS; step++) {
          step();
        }
        reopen(false);
        pause();
      } catch (Exception | AssertionError e) {
        throw new AssertionError(e + "\n" + String.join("\n", log.story()), e);
      } finally {
        close(false);
        FileTrees.delete(root);
      }
    }

    private void step() throws Exception {
      log.step();
      if (random.nextInt(6) == 0) {
        reopen(random.nextBoolean());
      }
      if (random.nextInt(12) == 0) {
        close(random.nextBoolean());
      }
      if (random.nextInt(3) == 0) {
        pause();
      }
    }

    private void reopen(boolean isKilled) throws Exception {
      close(isKilled);
      log.story().add("reader is opened");
      store = new VnodeStore(new VnodeDirectory(root.resolve("vnode")), root.resolve("store"));
    }

    private void close(boolean isKilled) throws IOException {
      VnodeStore opened = store;
      store = null;
      if (opened != null) {
        if (isKilled) {
          opened.tracker().abandon();
        }
        opened.close();
      }
    }

    private void poll() throws IOException {
      VnodeStore opened = store;
      if (opened == null) {
        return;
      }
      IngestReport report = opened.catchUp();
      NavigableMap<Long, SimulatedLog.Entry> now = log.entries();
      long next = common(seen, now) + 1;
      boolean isCut = next == now.size() && next < seen.size();
      boolean isCutToNothing = report.generationsBegun() > 0 && log.firstKept() == now.size();
      if (isHidden(now) || (isCut && !isCutToNothing)) {
        // Nothing was written yet since the cut: there is nothing to read.
        return;
      }
      if (isCutToNothing
          || log.firstKept() > next
          || (log.firstKept() == next && !isProven(now.get(next)))) {
        doubts++;
      }
      seen = now;
      log.story().add("poll, doubts " + doubts);
    }

    /**
     * Whether what was read was written again and recycled, and the only file, which is empty, has
     * the name that follows what was read: nothing tells until the server writes its next record.
     */
    private boolean isHidden(NavigableMap<Long, SimulatedLog.Entry> now) {
      return !seen.isEmpty()
          && log.firstKept() == seen.lastKey() + 1
          && log.firstKept() == now.lastKey() + 1
          && common(seen, now) < seen.lastKey();
    }

    /** Whether an entry tells by itself that nothing below it was written again. */
    private boolean isProven(SimulatedLog.@Nullable Entry entry) {
      return entry == null
          || seen.isEmpty()
          || entry.term() - seen.lastEntry().getValue().term() <= 1;
    }

    private static long common(
        NavigableMap<Long, SimulatedLog.Entry> before,
        NavigableMap<Long, SimulatedLog.Entry> after) {
      long common = -1;
      while (before.containsKey(common + 1)
          && Objects.equals(before.get(common + 1), after.get(common + 1))) {
        common++;
      }
      return common;
    }

    /** Reads the log to its end and asks everything. */
    private void pause() throws IOException {
      poll();
      VnodeStore opened = store;
      if (opened == null) {
        return;
      }
      StoreView view = opened.tracker().view();
      WalPosition through = view.completeThrough();
      NavigableMap<Long, SimulatedLog.Entry> now = log.entries();
      if (through == null || isHidden(now)) {
        return;
      }
      if (now.lastKey() >= log.firstKept()) {
        assertEquals(now.lastKey(), through.walOffset(), "the reader is behind");
      }
      pauses.add(
          new Pause(
              through,
              opened.tracker().position(),
              log.nowNs(),
              log.written().size(),
              doubts,
              now));
      log.story().add("pause " + (pauses.size() - 1) + " at " + through);
      for (int i = 0; i < pauses.size(); i++) {
        Pause pause = pauses.get(i);
        boolean isBelowHole = pause.position().walOffset() < pause.entries().lastKey();
        String since = "since pause " + i + " ";
        verify(
            view.changedAfter(pause.position()),
            pause,
            isBelowHole ? 0 : pause.doubts(),
            since + "by position");
        verify(
            view.changedSince(pause.journalPosition()),
            pause,
            pause.doubts(),
            since + "by journal");
        verify(view.changedAfter(pause.position().walOffset()), pause, 0, since + "by offset");
        verify(view.changedBetween(pause.timeNs(), Long.MAX_VALUE), pause, 0, since + "by time");
      }
    }

    private void verify(ChangeSet answer, Pause pause, int doubtsBefore, String what) {
      if (answer.verdict() == Verdict.FULL_REQUIRED) {
        assertTrue(doubts > doubtsBefore, () -> what + ", nothing was lost: " + answer.holes());
        return;
      }
      Set<String> names =
          answer.changes().stream()
              .map(change -> Objects.requireNonNull(store).keyOf(change.blockId()))
              .collect(Collectors.toCollection(TreeSet::new));
      Set<String> missed = changedSince(pause);
      missed.removeAll(names);
      assertTrue(answer.verdict().isComplete(), () -> what + ", verdict: " + answer.verdict());
      assertEquals(Set.of(), missed, () -> what + ", missed");
      if (answer.verdict() == Verdict.EXACT) {
        names.removeAll(writtenOrTakenBackSince(pause));
        assertEquals(Set.of(), names, () -> what + ", surplus");
      }
    }

    /** Returns what the log of a pause and the log of now do not share. */
    private Set<String> changedSince(Pause pause) {
      NavigableMap<Long, SimulatedLog.Entry> now = log.entries();
      long common = common(pause.entries(), now);
      Set<String> changed = keys(now.tailMap(common, false).values());
      changed.addAll(keys(pause.entries().tailMap(common, false).values()));
      return changed;
    }

    /**
     * Returns what was written since, whether it is still there or not; and if the log went back to
     * before the pause, everything that ever was from there on, because each time it went back.
     */
    private Set<String> writtenOrTakenBackSince(Pause pause) {
      List<SimulatedLog.Entry> written =
          log.written().subList(pause.written(), log.written().size());
      long first =
          written.stream().mapToLong(SimulatedLog.Entry::version).min().orElse(Long.MAX_VALUE);
      if (first > pause.entries().lastKey()) {
        return keys(written);
      }
      return keys(log.written().stream().filter(entry -> entry.version() >= first).toList());
    }

    private static Set<String> keys(Collection<SimulatedLog.Entry> entries) {
      return entries.stream()
          .map(SimulatedLog.Entry::uid)
          .filter(Objects::nonNull)
          .map(uid -> "table " + uid)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
