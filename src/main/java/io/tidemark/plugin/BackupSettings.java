package io.tidemark.plugin;

import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.Compressions;
import io.tidemark.archive.KeySource;
import io.tidemark.backup.BackupOptions;
import org.jspecify.annotations.Nullable;

/** How a configuration wants archives written and runs taken. */
public final class BackupSettings {
  private BackupSettings() {}

  /**
   * Returns how archives are written.
   *
   * @param keys for encryption, if the configuration wants it
   */
  public static ArchiveOptions archive(Configuration configuration, @Nullable KeySource keys) {
    return new ArchiveOptions(
        configuration.flag(ConfigurationKeys.COMPRESSION)
            ? Compressions.zstd(Compressions.DEFAULT_ZSTD_LEVEL)
            : Compressions.none(),
        configuration.flag(ConfigurationKeys.ENCRYPTION) ? keys : null);
  }

  /**
   * Returns how runs are taken.
   *
   * @param batchSize blocks of a batch, 1 to {@link BackupOptions#MAX_BATCH_SIZE}
   */
  public static BackupOptions runs(Configuration configuration, int batchSize) {
    return BackupOptions.defaults()
        .withBatchSize(batchSize)
        .withRetries(
            (int) configuration.number(ConfigurationKeys.RETRY_COUNT),
            configuration.number(ConfigurationKeys.RETRY_INTERVAL_MS));
  }
}
