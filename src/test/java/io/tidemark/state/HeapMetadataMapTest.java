package io.tidemark.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tidemark.block.BlockEventType;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.testing.Seeds;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The map on the heap, which the one on disk is compared with. */
class HeapMetadataMapTest {
  private static final List<Long> IDS = List.of(0L, 1L, 64L, Long.MIN_VALUE, -1L);

  @Test
  void shouldHoldWhatBruteForceFinds() {
    Seeds.each(
        300,
        random -> {
          SegmentedHistory history = SegmentedHistory.any(random, IDS, false);
          HeapMetadataMap map = new HeapMetadataMap();

          for (ChangeSegment segment : history.segments) {
            map.fold(segment);
          }

          assertEquals(MetadataRows.expected(history), MetadataRows.of(map, IDS));
        });
  }

  @Test
  void shouldForgetTheRowThatTheCallerReadBefore() throws IOException {
    SegmentedHistory history = new SegmentedHistory();
    history.event(BlockEventType.UPDATE, 1, 1, 5, 7);
    history.cut();
    HeapMetadataMap map = new HeapMetadataMap();
    map.fold(history.segments.get(0));
    MetadataRow row = new MetadataRow();
    map.read(1, row);

    assertFalse(map.read(2, row));

    assertEquals(MetadataRow.NEVER_CHANGED, row.timestampNs());
    assertFalse(row.maxima().has(BlockEventType.UPDATE));
  }
}
