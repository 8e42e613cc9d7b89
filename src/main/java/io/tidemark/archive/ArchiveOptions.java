package io.tidemark.archive;

import org.jspecify.annotations.Nullable;

/**
 * How the runs of an archive are written.
 *
 * @param compression see {@link Compressions}
 * @param keys what runs are encrypted with; null for not at all
 */
public record ArchiveOptions(Compression compression, @Nullable KeySource keys) {

  /** Returns the usual options: zstd, not encrypted. */
  public static ArchiveOptions defaults() {
    return new ArchiveOptions(Compressions.zstd(Compressions.DEFAULT_ZSTD_LEVEL), null);
  }
}
