package io.tidemark.tdengine;

/** The unit of a database's timestamps. */
public enum TimestampPrecision {
  /** 1/1000 s; code 0 in vnode.json. */
  MILLISECOND(1_000L),
  /** 1/1 000 000 s; code 1. */
  MICROSECOND(1_000_000L),
  /** 1/1 000 000 000 s; code 2. */
  NANOSECOND(1_000_000_000L);

  private static final int SECONDS_PER_MINUTE = 60;

  private final long ticksPerSecond;

  TimestampPrecision(long ticksPerSecond) {
    this.ticksPerSecond = ticksPerSecond;
  }

  /** Returns how many units make a second. */
  public long ticksPerSecond() {
    return ticksPerSecond;
  }

  /** Returns how many units make a minute. */
  public long ticksPerMinute() {
    return ticksPerSecond * SECONDS_PER_MINUTE;
  }
}
