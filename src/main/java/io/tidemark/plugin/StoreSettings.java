package io.tidemark.plugin;

import io.tidemark.state.BlockSets;
import io.tidemark.tracker.HistoryLimits;
import io.tidemark.tracker.SpaceLimits;
import io.tidemark.tracker.TrackerOptions;
import java.util.concurrent.TimeUnit;

/** What a configuration says of stores. */
public final class StoreSettings {
  /** Memory that an event takes until it is sealed, with what sealing it takes, at most. */
  static final long EVENT_BYTES = 64;

  private static final String ROARING = "roaring";
  private static final int MIB_SHIFT = 20;
  private static final int OPEN_EVENTS_MAX = 1 << 20;
  private static final int OPEN_EVENTS_MIN = 1 << 10;

  private StoreSettings() {}

  /** Returns how a store is to be kept. */
  public static TrackerOptions options(Configuration configuration) {
    return TrackerOptions.builder()
        .maxOpenEvents(OPEN_EVENTS_MAX)
        .blockSets(
            configuration.text(ConfigurationKeys.ENGINE_TYPE).equals(ROARING)
                ? BlockSets.ROARING
                : BlockSets.REFERENCE)
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
   * Returns the events a store may hold unsealed so that so many stores together keep within the
   * memory limit; 1024 at least.
   */
  public static int openEvents(Configuration configuration, int stores) {
    long share =
        bytes(configuration, ConfigurationKeys.MEMORY_LIMIT_MB) / EVENT_BYTES / Math.max(1, stores);
    return (int) Math.max(OPEN_EVENTS_MIN, Math.min(OPEN_EVENTS_MAX, share));
  }

  private static long bytes(Configuration configuration, ConfigurationKey key) {
    return configuration.number(key) << MIB_SHIFT;
  }
}
