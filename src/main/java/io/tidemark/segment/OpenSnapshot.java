package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import io.tidemark.storage.MappedBitmap;
import org.jspecify.annotations.Nullable;

/**
 * What an open segment held at one moment: its changes in order of arrival, without rows.
 *
 * <p>Immutable; any number of threads may read, while the segment goes on and after it was sealed.
 */
public final class OpenSnapshot implements ChangeSource {
  private final int generation;
  private final long firstPosition;
  private final long lastPosition;
  private final EventImage changes;

  OpenSnapshot(int generation, long firstPosition, long lastPosition, EventImage changes) {
    this.generation = generation;
    this.firstPosition = firstPosition;
    this.lastPosition = lastPosition;
    this.changes = changes;
  }

  /** Returns the first journal position folded in. */
  public long firstPosition() {
    return firstPosition;
  }

  /** Returns the last journal position folded in. */
  public long lastPosition() {
    return lastPosition;
  }

  @Override
  public boolean hasChanges() {
    return changes.size() > 0;
  }

  @Override
  public WalPosition firstChange() {
    return new WalPosition(generation, changes.zone().minOffset());
  }

  @Override
  public WalPosition lastChange() {
    return new WalPosition(generation, changes.zone().maxOffset());
  }

  @Override
  public long minTimestampNs() {
    return changes.zone().minTimestampNs();
  }

  @Override
  public long maxTimestampNs() {
    return changes.zone().maxTimestampNs();
  }

  @Override
  public boolean hasRows() {
    return false;
  }

  @Override
  public ChangeCursor changes() {
    throw new IllegalStateException("open segment has no rows: first=" + firstPosition);
  }

  @Override
  public @Nullable MappedBitmap changedIds() {
    return null;
  }

  @Override
  public boolean hasEvents() {
    return true;
  }

  @Override
  public EventCursor events(ZoneFilter filter) {
    return changes.cursor(filter);
  }
}
