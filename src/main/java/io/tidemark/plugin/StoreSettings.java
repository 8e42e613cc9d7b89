package io.tidemark.plugin;

import io.tidemark.segment.SegmentIndex;
import io.tidemark.state.BlockSets;
import io.tidemark.tracker.HistoryLimits;
import io.tidemark.tracker.SpaceLimits;
import io.tidemark.tracker.TrackerOptions;
import java.util.concurrent.TimeUnit;

/** What a configuration says of stores. */
public final class StoreSettings {
  private static final String ROARING = "roaring";
  private static final String LINEAR = "linear";
  private static final int MIB_SHIFT = 20;
  private static final int OPEN_EVENTS_MAX = 1 << 20;
  private static final int OPEN_EVENTS_MIN = 1 << 10;

  /** With so many, that being sealed included, no segment is sealed before it is full. */
  private static final int UNSEALED_EVENTS_MAX = 3 * OPEN_EVENTS_MAX;

  private StoreSettings() {}

  /**
   * Returns how a store is to be kept.
   *
   * @param openEvents how many events it may hold that are not sealed, from its opening on
   */
  public static TrackerOptions options(Configuration configuration, int openEvents) {
    return TrackerOptions.builder()
        .maxOpenEvents(OPEN_EVENTS_MAX)
        .openEventsMax(openEvents)
        .blockSets(
            configuration.text(ConfigurationKeys.ENGINE_TYPE).equals(ROARING)
                ? BlockSets.ROARING
                : BlockSets.REFERENCE)
        .index(
            configuration.text(ConfigurationKeys.INDEX).equals(LINEAR)
                ? SegmentIndex.Kind.LINEAR
                : SegmentIndex.Kind.SKIP_LISTS)
        .journalKeepBytes(bytes(configuration, ConfigurationKeys.JOURNAL_KEEP_MB))
        .history(
            new HistoryLimits(
                TimeUnit.DAYS.toNanos(configuration.number(ConfigurationKeys.HISTORY_DAYS)),
                bytes(configuration, ConfigurationKeys.HISTORY_MAX_MB)))
        .space(
            new SpaceLimits(
                bytes(configuration, ConfigurationKeys.JOURNAL_MAX_MB),
                bytes(configuration, ConfigurationKeys.DISK_WATERMARK_MB),
                bytes(configuration, ConfigurationKeys.DISK_RESERVE_MB)))
        .build();
  }

  /**
   * Returns the events a store may hold that are not sealed yet so that so many stores together
   * keep within the memory limit; 1024 at least.
   */
  public static int openEvents(Configuration configuration, int stores) {
    long share =
        bytes(configuration, ConfigurationKeys.MEMORY_LIMIT_MB)
            / TrackerOptions.OPEN_EVENT_BYTES
            / Math.max(1, stores);
    return (int) Math.max(OPEN_EVENTS_MIN, Math.min(UNSEALED_EVENTS_MAX, share));
  }

  private static long bytes(Configuration configuration, ConfigurationKey key) {
    return configuration.number(key) << MIB_SHIFT;
  }
}
