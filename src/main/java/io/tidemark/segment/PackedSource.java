package io.tidemark.segment;

import io.tidemark.block.WalPosition;

/** A source whose rows lie packed in the payload of a file; immutable. */
abstract class PackedSource implements ChangeSource {
  private final SegmentPayload payload;

  PackedSource(SegmentPayload payload) {
    this.payload = payload;
  }

  final SegmentPayload payload() {
    return payload;
  }

  /** Returns how long it is, in bytes. */
  public final long lengthBytes() {
    return payload.bytes().capacity();
  }

  /** Returns how many blocks changed. */
  public final int changedCount() {
    return payload.changedCount();
  }

  @Override
  public final boolean hasChanges() {
    return payload.changedCount() > 0;
  }

  @Override
  public final WalPosition firstChange() {
    return payload.first();
  }

  @Override
  public final WalPosition lastChange() {
    return payload.last();
  }

  @Override
  public final long minTimestampNs() {
    return payload.minTimestampNs();
  }

  @Override
  public final long maxTimestampNs() {
    return payload.maxTimestampNs();
  }

  @Override
  public final boolean hasRows() {
    return true;
  }

  @Override
  public final ChangeCursor changes() {
    return new ChangeCursor(payload);
  }

  @Override
  public final boolean hasEvents() {
    return payload.hasEvents();
  }

  @Override
  public final EventCursor events(ZoneFilter filter) {
    if (!hasEvents()) {
      throw new IllegalStateException("changes are not known one by one: rows=" + changedCount());
    }
    return payload.events().cursor(filter);
  }
}
