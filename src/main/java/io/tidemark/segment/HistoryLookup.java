package io.tidemark.segment;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks single blocks up in base and segments: in each one binary search and one rank.
 *
 * <p>Keeps the directories it made; used by one thread.
 */
public final class HistoryLookup {

  /** One file or segment. */
  private record Source(IdDirectory directory, PackedColumns rows, int generation) {}

  private final List<Source> sources = new ArrayList<>();
  private final int firstAfter;
  private final BlockRow row = new BlockRow();
  private final BlockRow all = new BlockRow();
  private final BlockRow after = new BlockRow();
  private final BlockHistory history = new BlockHistory();

  /**
   * Takes where to look; parameters as for {@link HistoryCursor}.
   *
   * @throws IllegalArgumentException if the position cuts the base or a segment
   */
  public HistoryLookup(@Nullable Base base, List<ChangeSegment> segments, long position) {
    HistorySources divided = HistorySources.of(base, segments, position);
    for (SegmentPayload payload : divided.payloads()) {
      sources.add(new Source(payload.directory(), payload.rows(), payload.generation()));
    }
    firstAfter = divided.firstAfter();
  }

  /** Returns what is known of a block, valid until the next call; null if it is not known. */
  public @Nullable BlockHistory find(long blockId) {
    all.reset(blockId);
    after.reset(blockId);
    boolean isKnown = false;
    for (int i = 0; i < sources.size(); i++) {
      Source source = sources.get(i);
      int index = source.directory.find(blockId);
      if (index >= 0) {
        isKnown = true;
        RowColumns.read(source.rows, index, blockId, source.generation, row);
        all.fold(row);
        if (i >= firstAfter) {
          after.fold(row);
        }
      }
    }
    if (!isKnown) {
      return null;
    }
    history.set(all, after);
    return history;
  }
}
