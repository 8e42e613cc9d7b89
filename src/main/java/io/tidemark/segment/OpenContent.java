package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The events and control entries of an open segment, brought into the order of a payload. */
final class OpenContent implements SegmentContent {

  /** Types of a block's events that have a bitmap, by section. */
  private static final int[] TYPE_BITS = new int[SegmentDescriptor.FLUSHED + 1];

  static {
    int create = 1 << BlockEventType.CREATE.code();
    int delete = 1 << BlockEventType.DELETE.code();
    TYPE_BITS[SegmentDescriptor.CHANGED] = create | delete | 1 << BlockEventType.UPDATE.code();
    TYPE_BITS[SegmentDescriptor.CREATED] = create;
    TYPE_BITS[SegmentDescriptor.DELETED] = delete;
    TYPE_BITS[SegmentDescriptor.FLUSHED] =
        1 << BlockEventType.FLUSH.code() | 1 << BlockEventType.CLEAR.code();
  }

  private final int generation;
  private final EventImage changes;
  private final @Nullable WalPosition flushAll;
  private final long nextBlockId;
  private final ByteBuffer control;

  private final EventsByBlock events;

  /** The blocks of each bitmap that was asked for: a writer walks them several times. */
  private final long[] @Nullable [] members = new long[SegmentDescriptor.FLUSHED + 1][];

  /**
   * Takes an image of the changes; these and the flushes by block, in order or not yet; and the
   * control entries from position to limit.
   */
  OpenContent(
      int generation,
      EventImage changes,
      EventsByBlock events,
      @Nullable WalPosition flushAll,
      long nextBlockId,
      ByteBuffer control) {
    this.generation = generation;
    this.changes = changes;
    this.events = events;
    this.flushAll = flushAll;
    this.nextBlockId = nextBlockId;
    this.control = control;
    while (events.step()) {
      // Goes on.
    }
  }

  @Override
  public int generation() {
    return generation;
  }

  @Override
  public boolean hasEvents() {
    return true;
  }

  @Override
  public void writeEvents(PackedEventsWriter out) throws IOException {
    out.add(changes.cursor(ZoneFilter.ALL));
  }

  @Override
  public long eventCount() {
    return changes.size();
  }

  @Override
  public @Nullable WalPosition flushAll() {
    return flushAll;
  }

  @Override
  public long nextBlockId() {
    return nextBlockId;
  }

  @Override
  public boolean hasBitmaps() {
    return true;
  }

  @Override
  public ContainerSource ids(int section) {
    if (section == SegmentDescriptor.TOUCHED) {
      return new SortedContainers(events.blockIds(), events.blocks());
    }
    long[] ids = members[section];
    if (ids == null) {
      ids = withType(TYPE_BITS[section]);
      members[section] = ids;
    }
    return new SortedContainers(ids, ids.length);
  }

  private long[] withType(int bits) {
    long[] ids = new long[events.blocks()];
    long[] blockIds = events.blockIds();
    int size = 0;
    for (int block = 0; block < ids.length; block++) {
      if ((events.typeBits(block) & bits) != 0) {
        ids[size] = blockIds[block];
        size++;
      }
    }
    return Arrays.copyOf(ids, size);
  }

  @Override
  public RowCursor rows() {
    return new Rows();
  }

  @Override
  public void writeControl(SectionOutput out) throws IOException {
    out.put(control.array(), control.arrayOffset() + control.position(), control.remaining());
  }

  private final class Rows implements RowCursor {

    /*
     * Events of neighbouring blocks lie anywhere in memory. They are gathered a stretch at a time,
     * in a loop that does nothing else: so the processor waits for many of them at once.
     */

    private static final int STRETCH = 1024;

    private final BlockRow row = new BlockRow();
    private final long[] offsets = new long[STRETCH];
    private final long[] timestampsNs = new long[STRETCH];
    private final byte[] types = new byte[STRETCH];
    private int block = -1;
    private int next;
    private int gatheredEnd;

    @Override
    public boolean next() {
      block++;
      if (block == events.blocks()) {
        return false;
      }
      row.reset(events.blockIds()[block]);
      for (int end = events.end(block); next < end; next++) {
        if (next == gatheredEnd) {
          gather();
        }
        int at = next % STRETCH;
        row.fold(BlockEventType.ofCode(types[at]), generation, offsets[at], timestampsNs[at]);
      }
      return true;
    }

    private void gather() {
      int count = Math.min(STRETCH, events.size() - gatheredEnd);
      events.copy(gatheredEnd, count, offsets, timestampsNs, types);
      gatheredEnd += count;
    }

    @Override
    public BlockRow row() {
      return row;
    }
  }
}
