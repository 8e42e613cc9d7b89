package io.tidemark.tdengine.tmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.FollowedLog;
import io.tidemark.tdengine.RecycledHistory;
import io.tidemark.tdengine.TopicLog;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tdengine.WalLog;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.agrona.concurrent.CachedEpochClock;
import org.agrona.concurrent.CachedNanoClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Servers write, drop, create again, delete, recycle and start anew; readers follow their WAL or a
 * topic, by turns and as they please, are killed, and lose the server. At every pause every answer
 * is compared with what happened.
 *
 * <p>More seeds: {@code -Dtidemark.switch.seeds=2000}; one again: {@code -Dtidemark.seed=N}.
 */
class SourceSwitchModelTest {
  private static final int SEEDS = Rounds.of("tidemark.switch.seeds", 15, 4);
  private static final int STEPS = 80;
  private static final TrackerOptions OPTIONS =
      TrackerOptions.builder().maxOpenEvents(40).journalRollBytes(1 << 16).unlimited().build();

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private int seeds;

  @Test
  void shouldLoseAndDoubleNothingWhateverItIsReadBy() {
    Seeds.each(SEEDS, random -> new Run(directory.resolve("seed" + seeds++), random).run());
  }

  /** Who read a version. */
  private enum Reader {
    WAL,
    TOPIC,
    NOBODY
  }

  /** One vgroup with its store. */
  private static final class Vgroup {
    final TopicHistory history;
    Path store;
    @Nullable VnodeFollower follower;
    boolean isByTopic;

    /** By version. */
    final List<Reader> readers = new ArrayList<>();

    /** Data blocks whose rows somebody read, and knew whose they were. */
    final Set<String> known = new HashSet<>();

    /**
     * The same where the reader may have known whose they were: from before they were dropped, or
     * because another reader's poll brought them before they were recycled.
     */
    final Set<String> perhapsKnown = new HashSet<>();

    /** What has to be in an answer, by version. */
    final List<Set<String>> changed = new ArrayList<>();

    Vgroup(TopicHistory history, Path store) {
      this.history = history;
      this.store = store;
    }
  }

  /** One seed. */
  private static final class Run {
    private final Path root;
    private final Random random;
    private final CachedEpochClock epochClock = new CachedEpochClock();
    private final VnodeFollower.Clocks clocks =
        new VnodeFollower.Clocks(epochClock, new CachedNanoClock());
    private final List<Vgroup> vgroups = new ArrayList<>();
    private final TopicFeed feed;
    private int stores;

    Run(Path root, Random random) throws IOException {
      this.root = root;
      this.random = random;
      for (int id = 2; id <= 3; id++) {
        TopicHistory history = new TopicHistory(root.resolve("data"), id, random);
        vgroups.add(new Vgroup(history, root.resolve("store" + stores++)));
      }
      int oneFailureIn = random.nextBoolean() ? 30 : 1_000_000;
      List<TopicHistory> histories = vgroups.stream().map(vgroup -> vgroup.history).toList();
      feed =
          new TopicFeed(
              new SimulatedTopic(histories, random, oneFailureIn), 0, new CachedNanoClock());
    }

    void run() throws Exception {
      try {
        for (int step = 0; step < STEPS; step++) {
          step(vgroups.get(random.nextInt(vgroups.size())));
        }
        for (Vgroup vgroup : vgroups) {
          poll(vgroup);
          for (int base = 0; base < 5; base++) {
            ask(vgroup, base);
          }
        }
      } finally {
        for (Vgroup vgroup : vgroups) {
          close(vgroup);
          vgroup.history.close();
        }
        feed.close();
        FileTrees.delete(root);
      }
    }

    private void step(Vgroup vgroup) throws Exception {
      for (int i = random.nextInt(4); i > 0; i--) {
        vgroup.history.step();
      }
      switch (random.nextInt(8)) {
        case 0 -> {
          close(vgroup);
          vgroup.isByTopic = !vgroup.isByTopic;
        }
        case 1 -> kill(vgroup);
        case 2 -> close(vgroup);
        default -> poll(vgroup);
      }
      if (random.nextInt(3) == 0) {
        ask(vgroup, random.nextInt(10));
      }
    }

    /** Goes on with what a killed process would have left. */
    private void kill(Vgroup vgroup) throws IOException {
      if (vgroup.follower != null) {
        Path left = root.resolve("store" + stores++);
        FileTrees.copy(vgroup.store, left);
        close(vgroup);
        FileTrees.delete(vgroup.store);
        vgroup.store = left;
      }
    }

    private static void close(Vgroup vgroup) throws IOException {
      VnodeFollower open = vgroup.follower;
      vgroup.follower = null;
      if (open != null) {
        open.close();
        open.counters().close();
      }
    }

    private VnodeFollower open(Vgroup vgroup) throws Exception {
      if (vgroup.follower == null) {
        StoreCounters before = StoreCounters.inMemory(Map.of(), epochClock);
        VnodeDirectory vnode = vgroup.history.directory();
        FollowedLog log =
            vgroup.isByTopic
                ? new TopicLog(vnode, feed.of(vgroup.history.vgroupId()), epochClock)
                : new WalLog(vnode, RecycledHistory.NONE);
        vgroup.follower = VnodeFollower.open(log, vgroup.store, OPTIONS, before, 0, clocks);
      }
      return vgroup.follower;
    }

    private void poll(Vgroup vgroup) throws Exception {
      VnodeFollower follower = open(vgroup);
      try {
        follower.poll(random.nextBoolean() ? 1 + random.nextInt(10) : 1_000_000);
        noteRead(vgroup, follower);
      } catch (IOException e) {
        // The server went away; what was read before is not journaled, or is, and comes again.
        assertTrue(vgroup.isByTopic, String.valueOf(e.getMessage()));
        close(vgroup);
        VnodeFollower again = open(vgroup);
        noteRead(vgroup, again);
      }
    }

    /** Notes who read what, in order of versions. */
    private static void noteRead(Vgroup vgroup, VnodeFollower follower) {
      assertEquals(1, follower.standing().generation());
      while (vgroup.readers.size() < follower.standing().nextVersion()) {
        int version = vgroup.readers.size();
        TopicHistory.Entry entry = vgroup.history.entries().get(version);
        Reader reader = vgroup.isByTopic ? Reader.TOPIC : Reader.WAL;
        if (version < vgroup.history.begin()) {
          // A file that is deleted may be read to its end by whoever has it open.
          reader = reader == Reader.WAL && !isGap(follower, version) ? reader : Reader.NOBODY;
        } else if (reader == Reader.WAL && entry.isByName() && isGap(follower, version)) {
          assertTrue(
              vgroup.readers.stream().anyMatch(before -> before != Reader.WAL),
              "a name is not known though no version was missed: version=" + version);
          reader = Reader.NOBODY;
        }
        vgroup.readers.add(reader);
        note(vgroup, entry, reader);
      }
    }

    private static boolean isGap(VnodeFollower follower, int version) {
      WalPosition at = new WalPosition(1, version);
      return !follower.view().changedIn(at, at).holes().isEmpty();
    }

    private static void note(Vgroup vgroup, TopicHistory.Entry entry, Reader reader) {
      Set<String> changed = new TreeSet<>();
      if (reader == Reader.WAL) {
        changed.addAll(entry.definitions());
      }
      for (TopicHistory.Row row : entry.touched()) {
        String key = TopicHistory.data(row.uid(), row.day());
        if (!row.table().isEmpty() && isTold(vgroup, row, reader)) {
          vgroup.known.add(key);
          changed.add(key);
        } else if (reader == Reader.WAL && vgroup.known.contains(key)) {
          changed.add(key);
        } else if (reader != Reader.WAL && !row.table().isEmpty()) {
          vgroup.perhapsKnown.add(key);
          var now = vgroup.history.table(row.table());
          if (now != null) {
            // In a hole a row counts for the table that has its name when it is looked up.
            vgroup.perhapsKnown.add(TopicHistory.data(now.uid(), row.day()));
          }
        }
      }
      vgroup.changed.add(changed);
    }

    /** Whether a reader of a row knew of which table it is. */
    private static boolean isTold(Vgroup vgroup, TopicHistory.Row row, Reader reader) {
      var now = vgroup.history.table(row.table());
      return reader == Reader.WAL
          || (reader == Reader.TOPIC && now != null && now.uid() == row.uid());
    }

    /** Asks from every tenth version on. */
    private void ask(Vgroup vgroup, int first) {
      VnodeFollower follower = vgroup.follower;
      if (follower == null) {
        return;
      }
      BlockCatalog names = follower.names();
      for (int base = first; base < vgroup.readers.size() - 1; base += 10) {
        ChangeSet answer = follower.view().changedAfter(new WalPosition(1, base));
        Map<String, BlockChange> found = new TreeMap<>();
        for (BlockChange change : answer.changes()) {
          found.put(
              TopicHistory.keyOf(Objects.requireNonNull(names.name(change.blockId()))), change);
        }
        Set<String> expected = new TreeSet<>();
        vgroup.changed.subList(base + 1, vgroup.changed.size()).forEach(expected::addAll);
        List<Reader> readers = vgroup.readers.subList(base + 1, vgroup.readers.size());
        String place = "vgroup=" + vgroup.history.vgroupId() + ", base=" + base;
        if (readers.stream().allMatch(reader -> reader == Reader.WAL)) {
          assertEquals(Verdict.EXACT, answer.verdict(), place + ", holes=" + answer.holes());
          // A name may have belonged to another table whose end was not seen: both count.
          found.keySet().removeIf(key -> key.startsWith("table ") && !expected.contains(key));
          found
              .keySet()
              .removeIf(key -> vgroup.perhapsKnown.contains(key) && !expected.contains(key));
          assertEquals(expected, found.keySet(), place);
        } else {
          assertEquals(Verdict.FULL_REQUIRED, answer.verdict(), place);
          assertTrue(
              found.keySet().containsAll(expected),
              place + ", expected=" + expected + ", found=" + found.keySet());
        }
      }
    }
  }
}
