package io.tidemark.testing;

import io.tidemark.block.BlockEventType;
import io.tidemark.segment.ChangeSource;
import io.tidemark.segment.EventCursor;
import io.tidemark.segment.ZoneFilter;
import java.util.ArrayList;
import java.util.List;

/** The changes that a source knows one by one. */
public final class Events {
  private Events() {}

  /** Returns all of them, in order of arrival. */
  public static List<Event> of(ChangeSource source) {
    return of(source, ZoneFilter.ALL);
  }

  /** Returns those on the pages that a filter wants, in order of arrival. */
  public static List<Event> of(ChangeSource source, ZoneFilter filter) {
    int generation = source.firstChange().generation();
    List<Event> events = new ArrayList<>();
    EventCursor page = source.events(filter);
    while (page.next()) {
      for (int i = 0; i < page.count(); i++) {
        events.add(
            new Event(
                BlockEventType.ofCode(page.types()[i]),
                page.blockIds()[i],
                generation,
                page.walOffsets()[i],
                page.timestampsNs()[i]));
      }
    }
    return events;
  }
}
