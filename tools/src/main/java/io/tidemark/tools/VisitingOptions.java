package io.tidemark.tools;

import io.tidemark.tracker.HistoryLimits;
import io.tidemark.tracker.TrackerOptions;

/**
 * How a command opens a store to write to it: the usual options, but for how long history is kept.
 *
 * <p>That is for who follows the log all the time to say, in a configuration that a command does
 * not know. What a command folded with limits of its own would be lost to questions about it.
 */
final class VisitingOptions {
  static final TrackerOptions INSTANCE =
      TrackerOptions.builder().history(HistoryLimits.NONE).build();

  private VisitingOptions() {}
}
