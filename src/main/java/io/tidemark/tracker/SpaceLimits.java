package io.tidemark.tracker;

/**
 * How much space a store takes before it refuses events.
 *
 * @param journalMaxBytes length at which the journal forces a checkpoint and lets go of everything
 *     it may; if that does not help, appends are refused
 * @param diskWatermarkBytes free space of the disk below which appends are refused; 0 for no limit
 * @param diskReserveBytes space held back, and given back to the store at the watermark; 0 for none
 */
public record SpaceLimits(long journalMaxBytes, long diskWatermarkBytes, long diskReserveBytes) {

  /** As much as there is. */
  public static final SpaceLimits NONE = new SpaceLimits(Long.MAX_VALUE, 0, 0);

  /** A journal of at most 4 GiB, 16 MiB held back, events refused below 64 MiB. */
  public static final SpaceLimits DEFAULTS = new SpaceLimits(4L << 30, 64L << 20, 16L << 20);

  /** Checks the limits. */
  public SpaceLimits {
    if (journalMaxBytes < 1 || diskWatermarkBytes < 0 || diskReserveBytes < 0) {
      throw new IllegalArgumentException(
          "space limit out of range: journalMaxBytes="
              + journalMaxBytes
              + ", diskWatermarkBytes="
              + diskWatermarkBytes
              + ", diskReserveBytes="
              + diskReserveBytes);
    }
  }
}
