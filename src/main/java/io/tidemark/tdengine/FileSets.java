package io.tidemark.tdengine;

/**
 * The division of time into file sets: which set holds a timestamp, and from when to when one goes.
 *
 * <p>File set 0 begins at the epoch; all are equally long. Timestamps are in the database's
 * precision. Immutable.
 */
public final class FileSets {
  private final long ticks;

  /**
   * Makes the division of a database.
   *
   * @param minutesPerFileSet {@code daysPerFile} of vnode.json, which is in minutes; at least 1
   * @throws IllegalArgumentException if a file set were not at least a minute and at most 2^63 − 1
   *     units long
   */
  public FileSets(TimestampPrecision precision, int minutesPerFileSet) {
    if (minutesPerFileSet < 1 || minutesPerFileSet > Long.MAX_VALUE / precision.ticksPerMinute()) {
      throw new IllegalArgumentException(
          "impossible length of a file set: precision="
              + precision
              + ", minutesPerFileSet="
              + minutesPerFileSet);
    }
    ticks = precision.ticksPerMinute() * minutesPerFileSet;
  }

  /** Returns the file set that holds a timestamp. */
  public long fileSetOf(long timestamp) {
    return Math.floorDiv(timestamp, ticks);
  }

  /** Returns the first timestamp of a file set; −2^63 if it were below. */
  public long firstTimestamp(long fileSet) {
    return saturatedProduct(fileSet);
  }

  /** Returns the last timestamp of a file set; 2^63 − 1 if it were above. */
  public long lastTimestamp(long fileSet) {
    if (fileSet == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    final long next = saturatedProduct(fileSet + 1);
    if (next == Long.MAX_VALUE || next == Long.MIN_VALUE) {
      return next;
    }
    return next - 1;
  }

  /** Returns the length of a file set in units of the database's precision. */
  public long ticksPerFileSet() {
    return ticks;
  }

  private long saturatedProduct(long fileSet) {
    final long high = Math.multiplyHigh(fileSet, ticks);
    final long low = fileSet * ticks;
    if (high == (low >> (Long.SIZE - 1))) {
      return low;
    }
    return fileSet < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
  }
}
