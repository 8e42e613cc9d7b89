package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.blocks;
import static io.tidemark.tracker.EngineFixture.changedIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedLogTail;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.testing.EngineHistory;
import io.tidemark.testing.EngineScript;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A store that is fed from an embedded engine, by the engine itself or by a reader of its files,
 * while both are stopped, killed and cut off: what it answers against what happened to the engine.
 * {@code -Dtidemark.tracking.seeds=N} seeds, {@code -Dtidemark.seed=S} for one.
 */
class EmbeddedTrackingTest {
  private static final int SEEDS = Rounds.of("tidemark.tracking.seeds", 300, 60);
  private static final int STEPS = 150;
  private static final Path ROOT = Path.of("/disk/engine");
  private static final int MAX_OPEN_EVENTS = 40;

  @Test
  void shouldAnswerWhatHappenedToTheEngine() {
    Seeds.each(SEEDS, random -> new Model(random).run());
  }

  /** A change of a block in the engine, and when it was made and undone. */
  private static final class Change {
    private final long blockId;
    private final long walOffset;
    private final int madeAt;
    private int undoneAt = Integer.MAX_VALUE;

    Change(long blockId, long walOffset, int madeAt) {
      this.blockId = blockId;
      this.walOffset = walOffset;
      this.madeAt = madeAt;
    }
  }

  /** What a store that sees everything is given, or makes of a rollback, and when. */
  private record Given(long blockId, WalPosition position, int givenAt) {}

  /** A reader that has everything through a position, and when. */
  private record Reader(WalPosition position, int readAt) {}

  /** The engine, the store, and everything that happened. */
  private static final class Model {
    private final Random random;
    private final EmbeddedOptions options = EngineScript.smallOptions(1);
    private final EngineHistory history = new EngineHistory(1);
    private final EngineScript script;
    private final List<Change> changes = new ArrayList<>();
    private final List<Given> given = new ArrayList<>();

    /** Whether the store sees everything when it happens. */
    private final boolean isAlwaysFed;

    /** Whether the log is read from its files beside the engine. */
    private final boolean isRead;

    private @Nullable EmbeddedLogTail tail;
    private final List<Reader> readers = new ArrayList<>();

    /** First own WAL offset of each generation but the first. */
    private final List<Long> firstOwns = new ArrayList<>();

    private MemoryStorageIO engineIo = new MemoryStorageIO();
    private EngineFixture fixture = new EngineFixture();
    private EmbeddedEngine engine = EmbeddedEngine.open(engineIo, ROOT, options);
    private BitmapEngine store = fixture.open(MAX_OPEN_EVENTS);
    private boolean isFed;
    private int now;

    /** When something was recycled that the store did not have. */
    private int gapAt = -1;

    Model(Random random) throws IOException {
      this.random = random;
      // A first nextBoolean is the same for all small seeds.
      this.isAlwaysFed = random.nextInt(3) == 0;
      this.isRead = !isAlwaysFed && random.nextBoolean();
      this.script = new EngineScript(random, history);
    }

    void run() throws IOException, InterruptedException {
      feed();
      for (int step = 0; step < STEPS; step++) {
        now++;
        step();
        if (isAlwaysFed) {
          feed();
        }
      }
      feed();
      verify();
      engine.close();
      EmbeddedLogTail open = tail;
      assertTrue(open == null || open.read(1, new EngineSink(store)), "nothing is left");
      closeTail();
      store.close();
    }

    private void step() throws IOException, InterruptedException {
      switch (random.nextInt(40)) {
        case 0 -> {
          if (!isAlwaysFed) {
            detach();
          }
        }
        case 1 -> cutStore();
        case 2 -> cutEngine();
        case 3 -> {
          engine.close();
          isFed = false;
          engine = EmbeddedEngine.open(engineIo, ROOT, options);
        }
        case 4, 5, 6 -> {
          feed();
          read();
        }
        case 7, 8 -> {
          feed();
          verify();
        }
        case 9, 10 -> {
          if (isRead) {
            readLog(1 + random.nextInt(9));
          }
        }
        default -> change();
      }
    }

    private void change() throws IOException {
      long before = history.last();
      int generation = history.generation();
      script.step(engine);
      if (history.generation() > generation) {
        undo(history.last() - 1);
        return;
      }
      for (long walOffset = before + 1; walOffset <= history.last(); walOffset++) {
        EngineHistory.Entry entry = history.entry(walOffset);
        if (entry.type() != null && entry.type().isChange()) {
          changes.add(new Change(entry.blockId(), walOffset, now));
          given.add(new Given(entry.blockId(), new WalPosition(generation, walOffset), now));
        }
      }
    }

    /** Notes that everything above a WAL offset was undone, which began a generation. */
    private void undo(long last) {
      for (Change change : changes) {
        if (change.walOffset > last && change.undoneAt == Integer.MAX_VALUE) {
          change.undoneAt = now;
        }
      }
      WalPosition common = new WalPosition(history.generation() - 1, last);
      while (common.generation() > 1 && last < firstOwns.get(common.generation() - 2)) {
        common = new WalPosition(common.generation() - 1, last);
      }
      Set<Long> wentBack = new TreeSet<>();
      for (Given each : given) {
        // A store that missed something may count more: generations begin earlier for it.
        if (each.position.compareTo(common) > 0
            || (!isAlwaysFed && each.position.walOffset() >= last)) {
          wentBack.add(each.blockId);
        }
      }
      for (long blockId : wentBack) {
        given.add(new Given(blockId, new WalPosition(history.generation(), last), now));
      }
      firstOwns.add(last + 1);
    }

    private void detach() {
      engine.stop();
      isFed = false;
    }

    private void cutStore() throws IOException {
      detach();
      closeTail();
      boolean isKilled = isAlwaysFed || random.nextBoolean();
      PowerCut cut = isKilled ? PowerCut.keepingAll() : PowerCut.any(random);
      fixture = new EngineFixture(fixture.io.after(cut));
      store = fixture.open(MAX_OPEN_EVENTS);
    }

    private void cutEngine() throws IOException {
      isFed = false;
      closeTail();
      PowerCut cut = random.nextBoolean() ? PowerCut.keepingForced() : PowerCut.any(random);
      engineIo = engineIo.after(cut);
      engine = EmbeddedEngine.open(engineIo, ROOT, options);
      long last = engine.walOffset() - 1;
      history.rollBack(last);
      script.setDurable();
      undo(last);
      history.verify(engine);
    }

    /** Starts the engine as a source, and finds out whether it can give everything. */
    private void feed() throws IOException {
      if (isRead) {
        while (!readLog(1 + random.nextInt(40))) {
          // It goes on.
        }
        return;
      }
      if (isFed) {
        return;
      }
      noteGap();
      EngineSink.start(engine, store);
      isFed = true;
    }

    /** Reads some records of the log's files; returns whether that was all. */
    private boolean readLog(int records) throws IOException {
      EmbeddedLogTail open = tail;
      if (open == null) {
        WalPosition through = new EngineSink(store).completeThrough();
        open = EmbeddedLogTail.open(engineIo, ROOT, through);
        tail = open;
      }
      noteGap();
      return open.read(records, new EngineSink(store));
    }

    private void closeTail() throws IOException {
      EmbeddedLogTail open = tail;
      tail = null;
      if (open != null) {
        open.close();
      }
    }

    /** Finds out whether something was recycled that the store does not have. */
    private void noteGap() throws IOException {
      WalPosition through = new EngineSink(store).completeThrough();
      if (through != null) {
        long next = through.walOffset() + 1;
        for (long firstOwn : firstOwns.subList(through.generation() - 1, firstOwns.size())) {
          next = Math.min(next, firstOwn);
        }
        long firstAvailable = engine.statistics().firstWalOffset();
        gapAt = firstAvailable > 1 && firstAvailable > next ? now : gapAt;
      }
    }

    private void read() throws IOException, InterruptedException {
      store.force();
      BlockPage page = changedIn(store, ChangeRange.after(WalPosition.BEFORE_ALL));
      readers.add(new Reader(Objects.requireNonNull(page.completeThrough()), now));
    }

    private void verify() throws IOException, InterruptedException {
      for (Reader reader : readers) {
        BlockPage page = changedIn(store, ChangeRange.after(reader.position));
        // A reader that had the recycled file open has read it to its end.
        boolean isSpared = isRead && page.verdict() == Verdict.EXACT;
        if (reader.readAt < gapAt && !isSpared) {
          assertEquals(Verdict.FULL_REQUIRED, page.verdict(), reader::toString);
          continue;
        }
        assertEquals(Verdict.EXACT, page.verdict(), () -> reader + ": " + page.holes());
        assertEquals(new WalPosition(history.generation(), history.last()), page.completeThrough());
        List<Long> answered = blocks(page);
        Set<Long> possible = givenSince(reader.readAt);
        if (isAlwaysFed) {
          assertEquals(List.copyOf(possible), answered, reader::toString);
        }
        Set<Long> needed = changedSince(reader.readAt);
        assertTrue(answered.containsAll(needed), () -> reader + ": " + needed + answered);
        assertTrue(possible.containsAll(answered), () -> reader + ": " + possible + answered);
      }
    }

    private Set<Long> givenSince(int moment) {
      Set<Long> result = new TreeSet<>(Long::compareUnsigned);
      given.stream()
          .filter(each -> each.givenAt > moment)
          .forEach(each -> result.add(each.blockId));
      return result;
    }

    /** Returns the blocks that are not what they were at a moment. */
    private Set<Long> changedSince(int moment) {
      Set<Long> result = new TreeSet<>(Long::compareUnsigned);
      for (Change change : changes) {
        boolean isUndone = change.undoneAt != Integer.MAX_VALUE;
        boolean wasThere = change.madeAt <= moment && change.undoneAt > moment;
        if (wasThere ? isUndone : !isUndone && change.madeAt > moment) {
          result.add(change.blockId);
        }
      }
      return result;
    }
  }
}
