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

  @Override
  public final int changedCount() {
    return payload.changedCount();
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
  public final ChangeCursor changes() {
    return new ChangeCursor(payload);
  }
}
