package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.blocks;
import static io.tidemark.tracker.EngineFixture.changedIn;
import static io.tidemark.tracker.EngineFixture.dirtyBlocks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.Verdict;
import io.tidemark.errors.InvalidTransitionException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.errors.UnknownBlockException;
import io.tidemark.testing.Event;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.Unsigned;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random calls of the engine against a list of everything it accepted: {@code
 * -Dtidemark.engine.seeds=N} seeds, {@code -Dtidemark.seed=S} for one.
 */
class EngineModelTest {
  private static final int SEEDS = Rounds.of("tidemark.engine.seeds", 100, 30);
  private static final int STEPS = 120;
  private static final int BLOCKS = 6;

  @Test
  void shouldAgreeWithAListOfEverythingAccepted() {
    Seeds.each(SEEDS, random -> new Model(random).run());
  }

  /** The engine, and what it should hold. */
  private static final class Model {
    private final Random random;
    private final boolean hasEdges;
    private final EngineFixture fixture = new EngineFixture();
    private final int maxOpenEvents;
    private BitmapEngine engine;
    private List<Event> events = new ArrayList<>();
    private boolean isDeclared;
    private long completeThrough;

    Model(Random random) throws IOException {
      this.random = random;
      this.hasEdges = random.nextInt(4) == 0;
      this.maxOpenEvents = 1 + random.nextInt(30);
      this.engine = fixture.open(maxOpenEvents);
    }

    void run() throws IOException, InterruptedException {
      for (int step = 0; step < STEPS; step++) {
        step();
      }
      verifyStates();
      engine.close();
    }

    private void step() throws IOException, InterruptedException {
      switch (random.nextInt(16)) {
        case 0, 1, 2, 3, 4 -> apply(1);
        case 5, 6 -> apply(2 + random.nextInt(5));
        case 7, 8, 9 -> event();
        case 10 -> {
          long walOffset = highest();
          engine.completeThrough(walOffset);
          if (!isDeclared || Long.compareUnsigned(walOffset, completeThrough) > 0) {
            completeThrough = walOffset;
            isDeclared = true;
          }
        }
        case 11 -> {
          engine.close();
          engine = fixture.open(maxOpenEvents);
        }
        case 12 -> verifyStates();
        default -> verifyRange();
      }
    }

    /** Of a few blocks; mostly a bit above or below what was applied. */
    private long anyBlock() {
      return hasEdges
          ? Unsigned.EDGES.get(random.nextInt(Unsigned.EDGES.size()))
          : random.nextInt(BLOCKS);
    }

    private long anyOffset() {
      return hasEdges ? Unsigned.any(random) : Math.max(0, highest() + random.nextInt(12) - 4);
    }

    private long highest() {
      return events.stream().map(Event::walOffset).max(Long::compareUnsigned).orElse(0L);
    }

    /** Applies one direct operation anywhere, or several that ascend, as a batch. */
    private void apply(int count) throws IOException {
      BlockBatch batch = new BlockBatch();
      List<Event> before = events;
      events = new ArrayList<>(events);
      @Nullable Class<? extends TidemarkException> refusal = null;
      for (int i = 0; i < count; i++) {
        BlockEventType type = BlockEventType.ofCode(random.nextInt(5));
        type = type == BlockEventType.FLUSH ? BlockEventType.CLEAR : type;
        long walOffset = count == 1 || highest() == -1 ? anyOffset() : highest() + 1;
        if (count > 1 && Long.compareUnsigned(walOffset, highest()) <= 0) {
          break;
        }
        Event event = Event.any(random, anyBlock(), 1, walOffset);
        refusal = refusal == null ? refusal(type, event.blockId()) : refusal;
        add(batch, type, event);
        boolean isClear = type == BlockEventType.CLEAR;
        events.add(
            new Event(
                type,
                event.blockId(),
                1,
                isClear ? highest() : walOffset,
                isClear ? 0 : event.timestampNs()));
      }
      if (refusal == null) {
        engine.applyBatch(batch);
      } else {
        assertThrows(refusal, () -> engine.applyBatch(batch));
        events = before;
      }
    }

    private static void add(BlockBatch batch, BlockEventType type, Event event) {
      switch (type) {
        case CREATE -> batch.markNew(event.blockId(), event.walOffset(), event.timestampNs());
        case UPDATE -> batch.markDirty(event.blockId(), event.walOffset(), event.timestampNs());
        case DELETE -> batch.markDeleted(event.blockId(), event.walOffset(), event.timestampNs());
        case CLEAR, FLUSH -> batch.clearBlock(event.blockId());
      }
    }

    private @Nullable Class<? extends TidemarkException> refusal(BlockEventType type, long block) {
      BlockState from = state(block);
      if (type == BlockEventType.CLEAR) {
        return isKnown(block) ? null : UnknownBlockException.class;
      }
      boolean isIllegal =
          (type == BlockEventType.CREATE && from == BlockState.DIRTY)
              || (type != BlockEventType.DELETE && from == BlockState.DELETED);
      return isIllegal ? InvalidTransitionException.class : null;
    }

    private void event() throws IOException {
      Event event = Event.any(random, anyBlock(), 1, anyOffset());
      if (event.type() != BlockEventType.CLEAR) {
        engine.onEvent(event.type(), event.blockId(), event.walOffset(), event.timestampNs());
        events.add(event);
      }
    }

    private boolean isKnown(long block) {
      return events.stream().anyMatch(event -> event.blockId() == block);
    }

    private BlockState state(long block) {
      BlockMaxima maxima = new BlockMaxima();
      for (Event event : events) {
        if (event.blockId() == block) {
          maxima.fold(event.type(), event.generation(), event.walOffset());
        }
      }
      return maxima.state();
    }

    private void verifyStates() throws IOException {
      List<Long> known = events.stream().map(Event::blockId).distinct().toList();
      for (long block : known) {
        assertEquals(state(block), engine.state(block));
      }
      EngineStatistics statistics = engine.statistics();
      assertEquals(known.size(), statistics.blocks().known());
      assertEquals(count(known, BlockState.DIRTY), statistics.blocks().dirty());
      assertEquals(count(known, BlockState.NEW), statistics.blocks().created());
      assertEquals(count(known, BlockState.DELETED), statistics.blocks().deleted());
    }

    private long count(List<Long> known, BlockState state) {
      return known.stream().filter(block -> state(block) == state).count();
    }

    private void verifyRange() throws IOException, InterruptedException {
      if (random.nextBoolean()) {
        long a = anyOffset();
        long b = anyOffset();
        long first = Long.compareUnsigned(a, b) <= 0 ? a : b;
        long last = first == a ? b : a;
        verify(
            ChangeRange.offsets(first, last),
            event ->
                Long.compareUnsigned(event.walOffset(), first) >= 0
                    && Long.compareUnsigned(event.walOffset(), last) <= 0,
            isDeclared && Long.compareUnsigned(last, completeThrough) <= 0);
      } else {
        long a = Event.any(random, 0, 1, 0).timestampNs();
        long b = Event.any(random, 0, 1, 0).timestampNs();
        long last = Math.max(a, b);
        long first = Math.min(a, b);
        boolean isReached =
            events.stream()
                .anyMatch(event -> event.type().isChange() && event.timestampNs() >= last);
        verify(
            ChangeRange.timestamps(first, last),
            event -> event.timestampNs() >= first && event.timestampNs() <= last,
            isDeclared && isReached);
      }
    }

    private void verify(ChangeRange range, Predicate<Event> isInRange, boolean isReady)
        throws IOException, InterruptedException {
      List<Long> changed =
          events.stream()
              .filter(event -> event.type().isChange() && isInRange.test(event))
              .map(Event::blockId)
              .distinct()
              .sorted(Comparator.comparing(id -> id, Long::compareUnsigned))
              .toList();
      List<Long> dirty = changed.stream().filter(id -> state(id) != BlockState.CLEAN).toList();
      Verdict verdict = isReady ? Verdict.EXACT : Verdict.NOT_READY;

      assertEquals(changed, blocks(changedIn(engine, range)));
      assertEquals(verdict, changedIn(engine, range).verdict());
      ChangedIds ids = engine.changedIdsIn(range, 0);
      assertEquals(changed, IdAnswers.list(ids.ids()));
      assertEquals(verdict, ids.verdict());
      assertEquals(dirty, blocks(dirtyBlocks(engine, range)));
      assertEquals(dirty, paged(range));
    }

    private List<Long> paged(ChangeRange range) throws IOException, InterruptedException {
      int size = 1 + random.nextInt(3);
      BlockPage page = engine.dirtyBlocks(range, size, 0);
      List<Long> read = new ArrayList<>(blocks(page));
      PageCursor next = page.next();
      while (next != null) {
        event();
        page = engine.nextPage(next, size);
        read.addAll(blocks(page));
        next = page.next();
      }
      return read;
    }
  }
}
