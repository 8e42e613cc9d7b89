package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.ALL;
import static io.tidemark.tracker.EngineFixture.blocks;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Verdict;
import io.tidemark.errors.MovedOnException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Long answers, read page by page while the store goes on. */
class EnginePagesTest {
  private static final int BLOCKS = 100_000;
  private static final int PAGE = 7_919;
  private static final ChangeRange RANGE = ChangeRange.offsets(0, 9);

  private final EngineFixture fixture;

  EnginePagesTest() throws IOException {
    fixture = new EngineFixture();
  }

  /** Marks blocks from 0 on, all at offset 9. */
  private BitmapEngine filled(int count) throws IOException {
    BitmapEngine engine = fixture.open();
    BlockBatch batch = new BlockBatch();
    for (int i = 0; i < count; i++) {
      batch.markDirty(i, 9, i);
      if (batch.size() == BlockBatch.MAX_OPERATIONS) {
        engine.applyBatch(batch);
        batch.clear();
      }
    }
    engine.applyBatch(batch);
    engine.completeThrough(9);
    return engine;
  }

  private static PageCursor cursor(BlockPage page) {
    return Objects.requireNonNull(page.next(), "there is no other page");
  }

  private static List<Long> ids(int first, int end) {
    return LongStream.range(first, end).boxed().toList();
  }

  @Test
  void shouldTurnPagesOfOneAnswerWhileTheStoreChanges() throws Exception {
    try (BitmapEngine engine = filled(BLOCKS)) {
      List<Long> read = new ArrayList<>();
      long position = engine.statistics().journalPosition();

      BlockPage page = engine.dirtyBlocks(RANGE, PAGE, 0);
      while (page.hasMore()) {
        read.addAll(blocks(page));
        assertEquals(PAGE, page.changes().size());
        assertEquals(BLOCKS, page.totalBlocks());
        assertEquals(Verdict.EXACT, page.verdict());
        assertEquals(position, page.journalPosition());
        engine.clearBlock(BLOCKS - read.size());
        engine.onEvent(BlockEventType.UPDATE, BLOCKS + read.size(), 5, 5);
        engine.call(
            tracker -> {
              tracker.checkpoint();
              return true;
            });
        page = engine.nextPage(cursor(page), PAGE);
      }
      read.addAll(blocks(page));

      assertEquals(ids(0, BLOCKS), read);
      int pages = (BLOCKS + PAGE - 1) / PAGE;
      assertEquals(
          BLOCKS + pages - 1, engine.changedIn(RANGE, ALL, 0).totalBlocks(), "late events");
    }
  }

  @Test
  void shouldSayThatThereIsMoreOnlyIfThereIs() throws Exception {
    try (BitmapEngine engine = filled(10)) {
      BlockPage whole = engine.changedIn(RANGE, 10, 0);
      BlockPage most = engine.changedIn(RANGE, 9, 0);

      assertFalse(whole.hasMore());
      assertEquals(ids(0, 10), blocks(whole));
      assertTrue(most.hasMore());
      assertEquals(ids(0, 9), blocks(most));
      BlockPage rest = engine.nextPage(cursor(most), 9);
      assertFalse(rest.hasMore());
      assertEquals(ids(9, 10), blocks(rest));
      assertFalse(engine.changedIn(ChangeRange.offsets(0, 8), 1, 0).hasMore());
      assertEquals(
          "page holds no block: maxBlocks=0",
          assertThrows(IllegalArgumentException.class, () -> engine.changedIn(RANGE, 0, 0))
              .getMessage());
    }
  }

  @Test
  void shouldCarryVerdictAndHolesOnEveryPage() throws Exception {
    try (BitmapEngine engine = filled(3)) {
      engine.gap(4, 5, "ring was full");
      BlockPage first = engine.changedIn(RANGE, 2, 0);
      engine.completeThrough(99);

      BlockPage second = engine.nextPage(cursor(first), 2);

      assertEquals(Verdict.FULL_REQUIRED, first.verdict());
      assertEquals("[1/4-5 (ring was full)]", first.holes().toString());
      assertEquals(first.verdict(), second.verdict());
      assertEquals(first.holes(), second.holes());
      assertEquals(first.completeThrough(), second.completeThrough());
      assertEquals(first.journalPosition(), second.journalPosition());
    }
  }

  @Test
  void shouldHoldAnAnswerForOneLeaseAfterItsLastPage() throws Exception {
    long leaseNs = EngineFixture.LEASE_MS * EngineFixture.NS_PER_MS;
    try (BitmapEngine engine = filled(10)) {
      PageCursor first = cursor(engine.changedIn(RANGE, 3, 0));
      fixture.nowNs.addAndGet(leaseNs);
      PageCursor second = cursor(engine.nextPage(first, 3));
      fixture.nowNs.addAndGet(leaseNs);
      PageCursor third = cursor(engine.nextPage(second, 3));
      fixture.nowNs.addAndGet(leaseNs + 1);

      MovedOnException refused =
          assertThrows(MovedOnException.class, () -> engine.nextPage(third, 3));

      assertEquals(
          "answer is not held any more: leaseMs=60000, cursor=PageCursor[epoch=1, lease=1, next=9]",
          refused.getMessage());
    }
  }

  @Test
  void shouldGiveTheSamePageAgain() throws Exception {
    try (BitmapEngine engine = filled(10)) {
      PageCursor cursor = cursor(engine.changedIn(RANGE, 3, 0));

      assertEquals(engine.nextPage(cursor, 3), engine.nextPage(cursor, 3));
      assertEquals(ids(3, 5), blocks(engine.nextPage(cursor, 2)));
      PageCursor astray = new PageCursor(cursor.epoch(), cursor.lease(), 11);
      assertThrows(IllegalArgumentException.class, () -> engine.nextPage(astray, 3));
      assertEquals(ids(3, 10), blocks(engine.nextPage(cursor, ALL)));
    }
  }

  @Test
  void shouldRefuseCursorsOfAnswersThatWereGivenUp() throws Exception {
    PageCursor before;
    try (BitmapEngine engine = filled(10)) {
      PageCursor released = cursor(engine.changedIn(RANGE, 3, 0));
      engine.release(released);
      assertThrows(MovedOnException.class, () -> engine.nextPage(released, 3));

      before = cursor(engine.changedIn(RANGE, 3, 0));
      PageCursor kept = cursor(engine.changedIn(RANGE, 3, 0));
      for (int i = 0; i < AnswerLeases.MAX_LEASES - 1; i++) {
        engine.changedIn(RANGE, 3, 0);
      }
      assertThrows(MovedOnException.class, () -> engine.nextPage(before, 3));
      assertEquals(ids(3, 6), blocks(engine.nextPage(kept, 3)));
    }

    try (BitmapEngine engine = fixture.open()) {
      engine.changedIn(RANGE, 3, 0);
      engine.changedIn(RANGE, 3, 0);
      PageCursor other = before;
      assertThrows(MovedOnException.class, () -> engine.nextPage(other, 3));
    }
  }
}
