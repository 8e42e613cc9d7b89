package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many blocks had events that do not fit their state, since the states were made.
 *
 * <p>Counted as segments are folded, beside whoever gives events: a block once a segment, by what
 * the segment keeps of its events. One thread at a time counts; any thread reads.
 */
public final class StateAnomalies {
  private final AtomicLong createsOnDirty = new AtomicLong();
  private final AtomicLong updatesOnDeleted = new AtomicLong();

  StateAnomalies() {}

  /** Looks at the events of a block in one segment. */
  void look(BlockState before, BlockMaxima events) {
    boolean isCreated = events.has(BlockEventType.CREATE);
    if (isCreated && before == BlockState.DIRTY && !events.has(BlockEventType.DELETE)) {
      createsOnDirty.lazySet(createsOnDirty.getPlain() + 1);
    }
    if (!isCreated && events.has(BlockEventType.UPDATE) && isDeletedFirst(before, events)) {
      updatesOnDeleted.lazySet(updatesOnDeleted.getPlain() + 1);
    }
  }

  private static boolean isDeletedFirst(BlockState before, BlockMaxima events) {
    if (!events.has(BlockEventType.DELETE)) {
      return before == BlockState.DELETED;
    }
    int order =
        WalPosition.compare(
            events.generation(BlockEventType.UPDATE),
            events.walOffset(BlockEventType.UPDATE),
            events.generation(BlockEventType.DELETE),
            events.walOffset(BlockEventType.DELETE));
    return order > 0;
  }

  /** Returns how many blocks were created while they were DIRTY. */
  public long createsOnDirty() {
    return createsOnDirty.get();
  }

  /** Returns how many blocks were changed after they were DELETED. */
  public long updatesOnDeleted() {
    return updatesOnDeleted.get();
  }
}
