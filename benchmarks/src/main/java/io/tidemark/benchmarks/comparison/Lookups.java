package io.tidemark.benchmarks.comparison;

import io.tidemark.block.BlockState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;

/** Blocks whose state and last change every engine is asked for: some of those that changed. */
final class Lookups {
  private static final int STATES = 20_000;

  /** Fewer, because Tidemark may have to open a file for one. */
  private static final int LAST_CHANGES = 1_000;

  private static final long SEED = 7;

  private Lookups() {}

  /** Returns the ids to ask states for, in random order; not more than some. */
  static long[] ids(Path workload, long events) throws IOException {
    long[] ids = new long[(int) Math.min(STATES, events)];
    SplittableRandom random = new SplittableRandom(SEED);
    try (EventFile file = EventFile.read(workload)) {
      for (int i = 0; i < ids.length; i++) {
        file.seek(random.nextLong(events));
        ids[i] = file.next(1).blockId(0);
      }
    }
    return ids;
  }

  /** Returns those of the ids to ask last changes for. */
  static long[] forLastChanges(long[] ids) {
    return Arrays.copyOf(ids, Math.min(LAST_CHANGES, ids.length));
  }

  /** Asks a store for everything. */
  static String answer(TrackedStore store, long[] ids) throws IOException {
    Answer answer = new Answer();
    for (long id : ids) {
      answer.add(id, store.state(id));
    }
    for (long id : forLastChanges(ids)) {
      answer.add(id, store.lastOffset(id));
    }
    return answer.toString();
  }

  /** Finds the same without a store. */
  static final class LookedUp {
    private final long[] ids;
    private final Map<Long, LastChange> blocks = new HashMap<>();

    LookedUp(long[] ids) {
      this.ids = ids;
      for (long id : ids) {
        blocks.put(id, new LastChange(0, 0, false));
      }
    }

    /** Takes the next event of a workload. */
    void take(EventBatch batch, int index) {
      if (blocks.containsKey(batch.blockId(index))) {
        blocks.put(batch.blockId(index), LastChange.of(batch, index));
      }
    }

    String answer() {
      Answer answer = new Answer();
      for (long id : ids) {
        answer.add(id, Objects.requireNonNull(blocks.get(id)).state());
      }
      for (long id : forLastChanges(ids)) {
        answer.add(id, Objects.requireNonNull(blocks.get(id)).walOffset());
      }
      return answer.toString();
    }
  }

  private static final class Answer {
    private final IdDigest digest = new IdDigest();
    private final Map<BlockState, Integer> counts = new HashMap<>();

    void add(long id, BlockState state) {
      digest.add(id);
      digest.add(state == BlockState.DELETED ? 1 : 0);
      counts.merge(state, 1, Integer::sum);
    }

    void add(long id, long lastOffset) {
      digest.add(id);
      digest.add(lastOffset);
    }

    @Override
    public String toString() {
      return "LOOKUPS new="
          + counts.getOrDefault(BlockState.NEW, 0)
          + " deleted="
          + counts.getOrDefault(BlockState.DELETED, 0)
          + " digest="
          + digest;
    }
  }
}
