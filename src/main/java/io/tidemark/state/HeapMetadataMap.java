package io.tidemark.state;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * A metadata map on the heap: for small stores in memory, and what the one on disk is compared
 * with. Nothing of it outlasts the process.
 */
public final class HeapMetadataMap implements MetadataMap {
  private final Map<Long, MetadataRow> rows = new HashMap<>();
  private long foldedThrough;

  @Override
  public long foldedThrough() {
    return foldedThrough;
  }

  @Override
  public void fold(long through, MaximaSource source) throws IOException {
    source.forEachMaxima(
        0,
        -1,
        (blockId, maxima, timestampNs) ->
            rows.computeIfAbsent(blockId, id -> new MetadataRow()).fold(maxima, timestampNs));
    foldedThrough = Math.max(foldedThrough, through);
  }

  @Override
  public boolean read(long blockId, MetadataRow row) {
    row.reset();
    MetadataRow stored = rows.get(blockId);
    if (stored == null) {
      return false;
    }
    row.maxima().fold(stored.maxima());
    row.setTimestampNs(stored.timestampNs());
    return true;
  }

  /** Does nothing: there is nothing that could outlast a crash. */
  @Override
  public void stamp() {}

  /** Forgets everything. */
  @Override
  public void close() {
    abandon();
  }

  /** Forgets everything. */
  @Override
  public void abandon() {
    rows.clear();
    foldedThrough = 0;
  }
}
