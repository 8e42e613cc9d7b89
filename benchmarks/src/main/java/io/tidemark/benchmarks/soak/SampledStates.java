package io.tidemark.benchmarks.soak;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import java.util.Map;
import java.util.TreeMap;

/**
 * The oracle of states: of one block in 1024, the highest offset of each type of event.
 *
 * <p>One a producer, merged when all have ended. Used by one thread.
 */
final class SampledStates {
  private static final int ONE_IN = 1024;

  private final Map<Long, long[]> highest = new TreeMap<>();

  /** Takes an event. */
  void take(BlockEventType type, long blockId, long walOffset) {
    if (blockId % ONE_IN == 0) {
      long[] offsets = highest.computeIfAbsent(blockId, id -> new long[4]);
      int index = index(type);
      offsets[index] = Math.max(offsets[index], walOffset);
    }
  }

  /** Takes what another one took. */
  void takeAll(SampledStates other) {
    other.highest.forEach(
        (id, theirs) -> {
          long[] ours = highest.computeIfAbsent(id, ignored -> new long[4]);
          for (int i = 0; i < ours.length; i++) {
            ours[i] = Math.max(ours[i], theirs[i]);
          }
        });
  }

  /** Returns the state of each block, if nothing was ever committed for the default chain. */
  Map<Long, BlockState> states() {
    Map<Long, BlockState> states = new TreeMap<>();
    highest.forEach((id, offsets) -> states.put(id, state(offsets)));
    return states;
  }

  private static BlockState state(long[] offsets) {
    long created = offsets[index(BlockEventType.CREATE)];
    long updated = offsets[index(BlockEventType.UPDATE)];
    long deleted = offsets[index(BlockEventType.DELETE)];
    long ended = Math.max(offsets[index(BlockEventType.FLUSH)], deleted);
    if (deleted > created) {
      return BlockState.DELETED;
    }
    if (created > ended) {
      return BlockState.NEW;
    }
    return Math.max(created, updated) > ended ? BlockState.DIRTY : BlockState.CLEAN;
  }

  private static int index(BlockEventType type) {
    return switch (type) {
      case CREATE -> 0;
      case UPDATE -> 1;
      case DELETE -> 2;
      case FLUSH -> 3;
      case CLEAR -> throw new IllegalArgumentException("storage engines send no such event");
    };
  }
}
