package io.tidemark.metrics;

/**
 * When a metric is a reason to worry, and when it is none any more.
 *
 * <p>Hysteresis: between the two thresholds an alarm stays as it is.
 *
 * @param metric what is watched
 * @param side on which side of the thresholds the trouble lies
 * @param raiseAt the alarm is raised when the value lies beyond this
 * @param clearAt it is cleared when the value is this or on its good side; never in the trouble
 */
public record AlarmRule(Metric metric, Side side, long raiseAt, long clearAt) {

  /** A side of a threshold. */
  public enum Side {
    /** A high value is trouble. */
    ABOVE,
    /** A low value is trouble. */
    BELOW
  }

  /** Checks that the thresholds do not cross. */
  public AlarmRule {
    if (side == Side.ABOVE ? clearAt > raiseAt : clearAt < raiseAt) {
      throw new IllegalArgumentException(
          "alarm clears where it is raised: metric="
              + metric.id()
              + ", side="
              + side
              + ", raiseAt="
              + raiseAt
              + ", clearAt="
              + clearAt);
    }
  }

  /** Returns the side on which a metric's trouble lies: below for what is a supply, else above. */
  public static Side sideOf(Metric metric) {
    return metric == Metric.WAL_HEADROOM_SECONDS ? Side.BELOW : Side.ABOVE;
  }

  /** Returns whether a value raises the alarm. */
  boolean raises(long value) {
    return side == Side.ABOVE ? value > raiseAt : value < raiseAt;
  }

  /** Returns whether a value clears the alarm. */
  boolean clears(long value) {
    return side == Side.ABOVE ? value <= clearAt : value >= clearAt;
  }
}
