package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The events and control entries of an open segment, brought into the order of a payload. */
final class OpenContent implements SegmentContent {

  /*
   * Events are numbered: first the changes in order of arrival, then the flushes. Sorting the ids of
   * all, stable, gives the blocks in order and the events of each behind one another. A row keeps
   * maxima and bounds only, so it does not matter that flushes come behind changes.
   */

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
  private final EventImage flushes;
  private final @Nullable WalPosition flushAll;
  private final long nextBlockId;
  private final ByteBuffer control;

  /** Numbers of events, those of a block behind one another. */
  private final int[] order;

  private final long[] blockIds;

  /** Where the events of each block end in {@link #order}. */
  private final int[] ends;

  /** For each block a bit for each type of event it had. */
  private final byte[] typeBits;

  private final int blocks;

  /** The blocks of each bitmap that was asked for: a writer walks them several times. */
  private final long[] @Nullable [] members = new long[SegmentDescriptor.FLUSHED + 1][];

  /** Takes an image of the events; the control entries from position to limit. */
  OpenContent(
      int generation,
      EventImage changes,
      EventImage flushes,
      @Nullable WalPosition flushAll,
      long nextBlockId,
      ByteBuffer control) {
    this.generation = generation;
    this.changes = changes;
    this.flushes = flushes;
    this.flushAll = flushAll;
    this.nextBlockId = nextBlockId;
    this.control = control;
    int events = changes.size() + flushes.size();
    this.blockIds = new long[events];
    changes.copyBlockIds(blockIds, 0);
    flushes.copyBlockIds(blockIds, changes.size());
    this.order = IdOrder.sort(blockIds, events);
    this.ends = new int[events];
    this.typeBits = new byte[events];
    this.blocks = gatherBlocks();
  }

  /** Makes sorted ids of events those of blocks; returns how many blocks there are. */
  private int gatherBlocks() {
    int block = -1;
    for (int i = 0; i < order.length; i++) {
      if (i == 0 || blockIds[i] != blockIds[block]) {
        block++;
        blockIds[block] = blockIds[i];
      }
      ends[block] = i + 1;
      int event = order[i];
      int code =
          event < changes.size()
              ? changes.typeCode(event)
              : flushes.typeCode(event - changes.size());
      typeBits[block] |= (byte) (1 << code);
    }
    return block + 1;
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
      return new SortedContainers(blockIds, blocks);
    }
    long[] ids = members[section];
    if (ids == null) {
      ids = withType(TYPE_BITS[section]);
      members[section] = ids;
    }
    return new SortedContainers(ids, ids.length);
  }

  private long[] withType(int bits) {
    long[] ids = new long[blocks];
    int size = 0;
    for (int block = 0; block < blocks; block++) {
      if ((typeBits[block] & bits) != 0) {
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
      if (block == blocks) {
        return false;
      }
      row.reset(blockIds[block]);
      for (; next < ends[block]; next++) {
        if (next == gatheredEnd) {
          gather();
        }
        int at = next % STRETCH;
        row.fold(BlockEventType.ofCode(types[at]), generation, offsets[at], timestampsNs[at]);
      }
      return true;
    }

    private void gather() {
      int count = Math.min(STRETCH, order.length - gatheredEnd);
      int changeCount = changes.size();
      for (int i = 0; i < count; i++) {
        int event = order[gatheredEnd + i];
        boolean isChange = event < changeCount;
        EventImage events = isChange ? changes : flushes;
        int index = isChange ? event : event - changeCount;
        types[i] = events.typeCode(index);
        offsets[i] = events.walOffset(index);
        timestampsNs[i] = events.timestampNs(index);
      }
      gatheredEnd += count;
    }

    @Override
    public BlockRow row() {
      return row;
    }
  }
}
