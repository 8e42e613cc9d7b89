package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.testing.Event;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** Rows of a metadata map as text, and what brute force says they are. */
final class MetadataRows {
  private MetadataRows() {}

  /** An UPDATE is left out where a later change hides it: it decides nothing. */
  static String describe(BlockMaxima maxima, long timestampNs) {
    StringBuilder line = new StringBuilder();
    for (BlockEventType type : BlockEventType.values()) {
      if (type != BlockEventType.UPDATE && maxima.has(type)) {
        line.append(type).append('=').append(maxima.generation(type)).append('/');
        line.append(Long.toUnsignedString(maxima.walOffset(type))).append(' ');
      }
    }
    line.append("last=").append(maxima.lastChange()).append(' ').append(maxima.state());
    return line.append(" ts=").append(timestampNs).toString();
  }

  /** Returns the rows of those of the blocks that had an event. */
  static Map<Long, String> of(MetadataMap map, Collection<Long> ids) throws IOException {
    Map<Long, String> rows = new TreeMap<>(Long::compareUnsigned);
    MetadataRow row = new MetadataRow();
    for (long id : ids) {
      if (map.read(id, row)) {
        rows.put(id, describe(row.maxima(), row.timestampNs()));
      }
    }
    return rows;
  }

  /** Returns the row of every block that had an event. */
  static Map<Long, String> expected(SegmentedHistory history) {
    Map<Long, Event> last = new TreeMap<>(Long::compareUnsigned);
    for (Event event : history.events()) {
      if (event.type().isChange()) {
        last.merge(event.blockId(), event, MetadataRows::later);
      }
    }
    Map<Long, String> rows = new TreeMap<>(Long::compareUnsigned);
    history
        .maxima()
        .forEach(
            (id, maxima) -> {
              Event event = last.get(id);
              rows.put(id, describe(maxima, event == null ? Long.MIN_VALUE : event.timestampNs()));
            });
    return rows;
  }

  /** By position, then by rank of the type, then as journaled. */
  private static Event later(Event a, Event b) {
    int order = b.position().compareTo(a.position());
    boolean isB = order > 0 || (order == 0 && b.type().rank() >= a.type().rank());
    return isB ? b : a;
  }
}
