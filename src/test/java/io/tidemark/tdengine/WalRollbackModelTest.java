package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.MemoryStore;
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
 * them again, as it happens; a reader looks between any two of its system calls, to the end of the
 * log or not, and is stopped, killed, or loses its power. At every pause every answer is compared
 * with what the log held then and holds now.
 *
 * <p>More seeds: {@code -Dtidemark.wal.seeds=2000}; one again: {@code -Dtidemark.seed=N}.
 */
class WalRollbackModelTest {
  private static final int SEEDS = Rounds.of("tidemark.wal.seeds", 200, 50);
  private static final int SEEDS_ON_FILES = Rounds.of("tidemark.wal.fileSeeds", 12, 3);
  private static final int SEEDS_BESIDE = Rounds.of("tidemark.wal.besideSeeds", 60, 15);
  private static final int STEPS = 40;
  private static final int[] ONE_POLL_IN = {5, 40, 1_000_000};

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final SimulationCounts counts = new SimulationCounts();
  private int seeds;

  @Test
  void shouldMissNothingWhateverTheServerDoesToItsLog() {
    Seeds.each(SEEDS, random -> run(new MemoryStorageIO(), random));

    System.out.println("simulated a server, store in memory: " + counts);
  }

  @Test
  void shouldMissNothingWithItsStoreInFiles() {
    Seeds.each(SEEDS_ON_FILES, random -> run(null, random));

    System.out.println("simulated a server, store in files: " + counts);
  }

  /** Here a seed gives the same server again, but not the same moments of the reader. */
  @Test
  void shouldMissNothingWhileItReadsBesideTheServer() {
    Seeds.each(
        SEEDS_BESIDE,
        random -> {
          Run run = run(random);
          BesideReader reader = new BesideReader(run::readBeside, random.nextLong());
          try {
            run.run();
          } finally {
            reader.end();
          }
        });

    System.out.println("simulated a server, reader beside it: " + counts);
  }

  private void run(@Nullable MemoryStorageIO memory, Random random) throws Exception {
    new Run(directory.resolve("seed" + seeds++), memory, false, random, counts).run();
  }

  private Run run(Random random) throws Exception {
    Path root = directory.resolve("seed" + seeds++);
    return new Run(root, new MemoryStorageIO(), true, random, counts);
  }

  /** A moment at which somebody may have copied the database; the store can be asked from there. */
  private record Pause(
      WalPosition position,
      long journalPosition,
      long timeNs,
      int written,
      int doubts,
      NavigableMap<Long, SimulatedLog.Entry> entries) {}

  /** What the log held when it had been read up to a journal position. */
  private record Look(long journalPosition, NavigableMap<Long, SimulatedLog.Entry> entries) {}

  /** One seed. */
  private static final class Run {
    private final Path root;
    private final Random random;
    private final int onePollIn;
    private final List<Pause> pauses = new ArrayList<>();
    private final SimulatedLog log;
    private final VnodeDirectory vnode;
    private final SimulationCounts counts;

    /** Whether another thread reads while the server works; it holds the lock of this meanwhile. */
    private final boolean isBeside;

    private @Nullable Throwable failure; // Guarded by this.

    /** Where the store is; null for files. */
    private @Nullable MemoryStorageIO memory;

    private @Nullable VnodeStore store;

    /** The reader's looks at the whole log that its store still knows of. */
    private final List<Look> looks = new ArrayList<>();

    /** What the log held when the reader looked last at all of it. */
    private NavigableMap<Long, SimulatedLog.Entry> seen = new TreeMap<>();

    /** How often the files did not show what became of the log since the reader looked last. */
    private int doubts;

    Run(
        Path root,
        @Nullable MemoryStorageIO memory,
        boolean isBeside,
        Random random,
        SimulationCounts counts)
        throws Exception {
      this.root = root;
      this.memory = memory;
      this.isBeside = isBeside;
      this.random = random;
      this.counts = counts;
      this.onePollIn = ONE_POLL_IN[random.nextInt(ONE_POLL_IN.length)];
      Path directory = Files.createDirectories(root.resolve("vnode"));
      Path corpus = Corpus.root().resolve("s5-wave3-ddl-unflushed/vnode24/vnode.json");
      Files.copy(corpus, directory.resolve("vnode.json"));
      this.vnode = new VnodeDirectory(directory);
      this.log =
          new SimulatedLog(vnode.walDirectory(), vnode.config().fileSets(), random, this::onChange);
    }

    private void onChange() throws IOException {
      counts.calls++;
      if (!isBeside && random.nextInt(onePollIn) == 0) {
        if (random.nextInt(3) == 0) {
          pollSome();
        } else {
          poll();
        }
      }
    }

    void run() throws Exception {
      try {
        for (int step = 0; step < STEPS; step++) {
          step();
        }
        finish();
      } catch (Exception | AssertionError e) {
        throw new AssertionError(e + "\n" + String.join("\n", log.story()), e);
      } finally {
        abandon();
        FileTrees.delete(root);
      }
    }

    private synchronized void finish() throws Exception {
      reopen();
      pause();
    }

    private synchronized void abandon() throws IOException {
      end();
    }

    private void step() throws Exception {
      counts.steps++;
      log.step();
      between();
    }

    /** What happens to the reader between two steps of the server. */
    private synchronized void between() throws Exception {
      if (failure != null) {
        throw new AssertionError("reader failed", failure);
      }
      if (random.nextInt(6) == 0) {
        reopen();
      }
      if (random.nextInt(12) == 0) {
        end();
      }
      if (random.nextInt(4) == 0) {
        work();
      }
      if (random.nextInt(3) == 0) {
        pause();
      }
    }

    /** Reads some of the log as it is now, in a thread that is not the server's. */
    synchronized void readBeside(int recordLimit) {
      VnodeStore opened = store;
      if (opened != null && failure == null) {
        try {
          opened.catchUp(recordLimit);
        } catch (IOException | RuntimeException | AssertionError e) {
          failure = e;
        }
      }
    }

    /** What an agent does between two looks. */
    private void work() throws IOException {
      VnodeStore opened = store;
      if (opened != null) {
        switch (random.nextInt(3)) {
          case 0 -> opened.tracker().seal();
          case 1 -> opened.tracker().checkpoint();
          default -> opened.tracker().force();
        }
        checkHeadroom(opened);
      }
    }

    private void checkHeadroom(VnodeStore opened) throws IOException {
      try {
        WalHeadroom headroom = WalHeadroom.of(vnode, opened.nextVersion(), log.nowNs() / 1_000_000);
        int retention = vnode.config().walRetentionPeriodSeconds();
        assertTrue(headroom.seconds() >= 0 && headroom.seconds() <= retention, () -> "" + headroom);
      } catch (WalDecodeException e) {
        throw new AssertionError(e);
      }
    }

    private void reopen() throws Exception {
      end();
      log.story().add("reader is opened");
      String shard = WalEventSource.shardOf(vnode.config());
      Path directory = root.resolve("store");
      MemoryStorageIO io = memory;
      ChangeTracker tracker =
          io == null
              ? ChangeTracker.open(directory, shard, VnodeStore.OPTIONS)
              : MemoryStore.tracker(io, directory, shard, VnodeStore.OPTIONS);
      forget(tracker.position());
      store = new VnodeStore(vnode, tracker);
    }

    /**
     * What was journaled behind a position is gone, and with it what was told of it: positions are
     * given again, and what the log held may be gone from its files too.
     */
    private void forget(long position) {
      int before = looks.size();
      looks.removeIf(look -> look.journalPosition() > position);
      seen = looks.isEmpty() ? new TreeMap<>() : looks.get(looks.size() - 1).entries();
      pauses.removeIf(pause -> pause.journalPosition() > position);
      counts.lossyCuts += looks.size() < before ? 1 : 0;
      log.story().add("store is recovered to journal position " + position);
    }

    /** Ends the reader in one of the ways in which a process ends. */
    private void end() throws IOException {
      VnodeStore opened = store;
      store = null;
      if (opened == null) {
        return;
      }
      MemoryStorageIO io = memory;
      switch (random.nextInt(io == null ? 2 : 3)) {
        case 0 -> {
          log.story().add("reader is stopped");
          counts.stops++;
        }
        case 1 -> {
          log.story().add("reader is killed");
          counts.kills++;
          opened.tracker().abandon();
        }
        default -> {
          log.story().add("reader loses its power");
          counts.powerCuts++;
          memory = Objects.requireNonNull(io).after(PowerCut.any(random));
          opened.tracker().abandon();
        }
      }
      opened.close();
    }

    /** Reads some of what there is. */
    private void pollSome() throws IOException {
      VnodeStore opened = store;
      if (opened != null) {
        counts.polls++;
        IngestReport report = opened.catchUp(1 + random.nextInt(6));
        NavigableMap<Long, SimulatedLog.Entry> now = log.entries();
        if (report.generationsBegun() > 0 && log.firstKept() == now.size()) {
          doubts++;
        }
        log.story().add("poll of some, doubts " + doubts);
      }
    }

    private void poll() throws IOException {
      VnodeStore opened = store;
      if (opened == null) {
        return;
      }
      counts.polls++;
      IngestReport report = opened.catchUp();
      // What was seen beside is not known: any doubt is allowed, but no miss.
      doubts += isBeside ? 1 : 0;
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
      looks.add(new Look(opened.tracker().position(), now));
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
      boolean isEmpty = now.lastKey() < log.firstKept();
      if (through == null || isHidden(now) || (isBeside && isEmpty)) {
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
      counts.pauses++;
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
      counts.answers++;
      if (answer.verdict() == Verdict.FULL_REQUIRED) {
        counts.fullRequired++;
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
          .map(SimulatedLog.Entry::block)
          .filter(Objects::nonNull)
          .map(ChangeOracle::keyOf)
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
