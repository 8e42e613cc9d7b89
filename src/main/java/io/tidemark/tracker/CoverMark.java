package io.tidemark.tracker;

/** What the source said when it declared an interval of the engine's log complete; immutable. */
public final class CoverMark {
  private final long last;
  private final byte[] bytes;

  CoverMark(long last, byte[] bytes) {
    this.last = last;
    this.bytes = bytes.clone();
  }

  /** Returns the last WAL offset of the interval. */
  public long last() {
    return last;
  }

  /** Returns the source's own: what it needs to find and recognise that place again. */
  public byte[] bytes() {
    return bytes.clone();
  }
}
