package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.tracker.StoreHistory.Entry;
import io.tidemark.tracker.StoreHistory.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What a source says and what a store's owner asks for, made up from a seed as the continuation of
 * a history.
 *
 * <p>The same seed and history give the same steps in every process.
 */
final class StoreScript {

  /** Small limits, so that few steps seal, checkpoint, roll and recycle. */
  static final TrackerOptions OPTIONS =
      TrackerOptions.builder()
          .unlimited()
          .maxOpenEvents(400)
          .segmentsPerCheckpoint(3)
          .journalRollBytes(16_000)
          .journalKeepBytes(20_000)
          .build();

  /** Smaller still: much is sealed, merged, rolled and recycled. */
  static final TrackerOptions BUSY_OPTIONS =
      TrackerOptions.builder()
          .unlimited()
          .maxOpenEvents(60)
          .segmentsPerCheckpoint(2)
          .journalRollBytes(2_000)
          .journalKeepBytes(3_000)
          .mergeFanIn(3)
          .build();

  static final String SHARD = "vnode 1";

  /** What a step asks of the tracker. */
  enum Action {
    APPEND,
    /** Prepares, commits or aborts a run of the default chain. */
    RUN,
    FORCE,
    SEAL,
    CHECKPOINT
  }

  private static final int MAX_NAME = 300;

  private final Random random;
  private final StoreHistory history;
  private final RecordBuffer record = new RecordBuffer();
  private final List<Entry> entries = new ArrayList<>();
  private int generation;
  private long ownFrom;
  private long nextOffset;
  private long nextBlockId;
  private boolean isCoverOwed;
  private long owedFrom;

  StoreScript(long seed, StoreHistory history) {
    this.random = new Random(seed);
    this.history = history;
    this.generation = history.generation();
    this.ownFrom = history.ownFrom(generation);
    for (Entry entry : history.entries()) {
      if (entry.generation() == generation) {
        nextOffset = Math.max(nextOffset, ownEnd(entry));
      }
      nextBlockId = Math.max(nextBlockId, entry.blockId());
    }
    nextBlockId++;
    owedFrom = Math.max(0, history.completeThrough(generation) + 1);
    isCoverOwed = owedFrom < nextOffset;
  }

  private static long ownEnd(Entry entry) {
    return switch (entry.kind()) {
      case EVENT, FLUSH_ALL, TOMBSTONE -> entry.first() + 1;
      case COVER, GAP -> entry.last() + 1;
      case GENERATION -> entry.first();
      case ASSIGN, COMMIT, PREPARE, ABORT, DROP -> 0;
    };
  }

  /** Draws the next step; the history already holds what an APPEND will append. */
  Action next() {
    int draw = random.nextInt(100);
    if (draw < 9) {
      return Action.FORCE;
    }
    if (draw < 12) {
      return Action.SEAL;
    }
    if (draw < 14) {
      return Action.CHECKPOINT;
    }
    entries.clear();
    if (draw < 17) {
      run();
      entries.forEach(history::add);
      return Action.RUN;
    }
    fill(draw);
    if (entries.isEmpty()) {
      cover();
    }
    entries.forEach(history::add);
    return Action.APPEND;
  }

  /** Draws steps until the history has reached a position, as far as whole records reach. */
  void continueTo(long position) {
    while (history.lastPosition() < position) {
      next();
    }
  }

  /**
   * Does the step on a tracker.
   *
   * @return whether everything appended is durable now
   */
  boolean perform(Action action, ChangeTracker tracker) throws IOException {
    switch (action) {
      case APPEND -> {
        return append(tracker);
      }
      case RUN -> {
        if (entries.get(0).kind() == Kind.PREPARE) {
          tracker.seal();
        }
        return append(tracker);
      }
      case FORCE -> tracker.force();
      case SEAL -> tracker.seal();
      case CHECKPOINT -> tracker.checkpoint();
    }
    return true;
  }

  private boolean append(ChangeTracker tracker) throws IOException {
    record.generation(generation);
    entries.forEach(entry -> entry.addTo(record));
    boolean isForced = record.needsForce();
    tracker.append(record);
    return isForced;
  }

  /** Ends the prepared run; prepares one if there is none. */
  private void run() {
    long end = history.preparedRun(Chains.DEFAULT);
    if (end == Chains.Chain.NONE) {
      entry(Kind.PREPARE, 0, history.lastPosition(), 0, Chains.DEFAULT);
    } else {
      Kind kind = random.nextInt(3) == 0 ? Kind.ABORT : Kind.COMMIT;
      entry(kind, 0, end, 0, Chains.DEFAULT);
    }
  }

  private void fill(int draw) {
    if (draw < 19 && !isCoverOwed && nextOffset > 0) {
      generation++;
      nextOffset = Math.max(1, nextOffset - random.nextInt(10));
      ownFrom = nextOffset;
      owedFrom = nextOffset;
      entry(Kind.GENERATION, 0, nextOffset, 0, "");
      batch();
      cover();
    } else if (draw < 21 && !isCoverOwed) {
      long first = nextOffset;
      nextOffset += 1 + random.nextInt(5);
      owedFrom = nextOffset;
      entry(Kind.GAP, 0, first, nextOffset - 1, "torn at " + first);
    } else {
      batch();
      if (random.nextInt(5) > 0) {
        cover();
      } else {
        isCoverOwed = true;
      }
    }
  }

  private void entry(Kind kind, long blockId, long first, long last, String text) {
    entries.add(
        new Entry(
            kind, generation, BlockEventType.UPDATE, blockId, first, last, timestamp(), text));
  }

  private void cover() {
    entry(Kind.COVER, 0, owedFrom, nextOffset - 1, "mark " + nextOffset);
    owedFrom = nextOffset;
    isCoverOwed = false;
  }

  /** Adds what happened at the next few offsets. */
  private void batch() {
    int most = random.nextInt(8) == 0 ? 150 : 4;
    for (int offsets = 1 + random.nextInt(most); offsets > 0; offsets--) {
      if (random.nextInt(60) == 0) {
        entries.add(
            new Entry(
                Kind.FLUSH_ALL,
                generation,
                BlockEventType.FLUSH,
                0,
                nextOffset,
                0,
                timestamp(),
                ""));
      }
      if (random.nextInt(60) == 0) {
        entry(Kind.TOMBSTONE, 0, nextOffset, 0, "rows at " + nextOffset);
      }
      for (int events = random.nextInt(4); events > 0; events--) {
        event();
      }
      nextOffset++;
    }
    if (nextBlockId > 1 && random.nextInt(20) == 0) {
      late();
    }
  }

  private void event() {
    if (nextBlockId == 1 || random.nextInt(60) == 0) {
      long id = nextBlockId++;
      entry(Kind.ASSIGN, id, 0, 0, "block " + id + ".".repeat(random.nextInt(MAX_NAME)));
      event(id, nextOffset, BlockEventType.CREATE);
    } else {
      event(anyBlock(), nextOffset, BlockEventType.ofCode(random.nextInt(4)));
    }
  }

  private long anyBlock() {
    return 1 + (long) (random.nextDouble() * (nextBlockId - 1));
  }

  /** Adds an event that belongs far below; none where the block already has one. */
  private void late() {
    long id = anyBlock();
    long offset = nextOffset - 1 - random.nextInt(50);
    if (offset >= ownFrom && !history.hasEvent(id, new WalPosition(generation, offset))) {
      event(id, offset, BlockEventType.UPDATE);
    }
  }

  /** Two events of one type and block at one offset would leave open which one's time counts. */
  private void event(long id, long offset, BlockEventType type) {
    boolean isThere =
        entries.stream()
            .anyMatch(
                entry ->
                    entry.kind() == Kind.EVENT
                        && entry.blockId() == id
                        && entry.first() == offset
                        && entry.type() == type);
    if (!isThere) {
      entries.add(new Entry(Kind.EVENT, generation, type, id, offset, 0, timestamp(), ""));
    }
  }

  private long timestamp() {
    return random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(100_000);
  }
}
