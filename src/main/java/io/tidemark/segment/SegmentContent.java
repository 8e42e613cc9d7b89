package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Everything that goes into a payload, walked as often as its writing takes. */
interface SegmentContent {

  /** Returns the generation of the events; in a base file the one most of them are of. */
  int generation();

  /** Returns whether {@link #writeEvents} writes all changes; else it is not called. */
  boolean hasEvents();

  /** Returns the number of changes, whether they are written or not. */
  long eventCount();

  /** Returns the highest flush of all blocks; null if there was none. */
  @Nullable WalPosition flushAll();

  /** Returns a block id higher than every one given so far. */
  long nextBlockId();

  /** Returns whether there are bitmaps other than TOUCHED; else the rows alone tell. */
  boolean hasBitmaps();

  /** Returns the ids of one of the bitmaps, from the first on. */
  ContainerSource ids(int section);

  /** Returns the rows of TOUCHED, from the first on. */
  RowCursor rows();

  /** Writes all changes in order of arrival. */
  void writeEvents(PackedEventsWriter out) throws IOException;

  /** Writes the control entries. */
  void writeControl(SectionOutput out) throws IOException;
}
