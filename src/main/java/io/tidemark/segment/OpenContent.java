package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.WalPosition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The events and control entries of an open segment, brought into the order of a payload. */
final class OpenContent implements SegmentContent {
  private final int generation;
  private final BlockEvents events;
  private final @Nullable WalPosition flushAll;
  private final long nextBlockId;
  private final ByteBuffer control;
  private final long[] touched;
  private final int[] order;
  private final int[] ends;
  private final LongColumn[] bitmaps = new LongColumn[SegmentDescriptor.FLUSHED + 1];
  private long eventCount;

  /** Takes an image of the events; the control entries from position to limit. */
  OpenContent(
      int generation,
      BlockEvents events,
      @Nullable WalPosition flushAll,
      long nextBlockId,
      ByteBuffer control) {
    this.generation = generation;
    this.events = events;
    this.flushAll = flushAll;
    this.nextBlockId = nextBlockId;
    this.control = control;
    this.touched = events.sortedIds();
    this.order = new int[events.size()];
    this.ends = new int[touched.length];
    Arrays.setAll(bitmaps, i -> new LongColumn());
    sort();
  }

  private void sort() {
    int end = 0;
    for (int i = 0; i < touched.length; i++) {
      end += events.ofBlock(touched[i], order, end);
      ends[i] = end;
    }
    RowCursor cursor = rows();
    while (cursor.next()) {
      BlockRow row = cursor.row();
      eventCount += row.eventCount();
      note(SegmentDescriptor.CHANGED, row, row.hasChange());
      BlockMaxima maxima = row.maxima();
      note(SegmentDescriptor.CREATED, row, maxima.has(BlockEventType.CREATE));
      note(SegmentDescriptor.DELETED, row, maxima.has(BlockEventType.DELETE));
      note(SegmentDescriptor.FLUSHED, row, maxima.has(BlockEventType.FLUSH));
    }
  }

  private void note(int bitmap, BlockRow row, boolean isIn) {
    if (isIn) {
      bitmaps[bitmap].add(row.blockId());
    }
  }

  @Override
  public int generation() {
    return generation;
  }

  @Override
  public boolean hasEventLists() {
    return true;
  }

  @Override
  public long eventCount() {
    return eventCount;
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
    return section == SegmentDescriptor.TOUCHED
        ? new SortedContainers(touched, touched.length)
        : new SortedContainers(bitmaps[section].values(), bitmaps[section].size());
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
    private final BlockRow row = new BlockRow();
    private int index = -1;
    private int start;
    private int end;

    @Override
    public boolean next() {
      index++;
      if (index == touched.length) {
        return false;
      }
      start = end;
      end = ends[index];
      row.reset(touched[index]);
      for (int i = start; i < end; i++) {
        int event = order[i];
        row.fold(
            events.type(event), generation, events.walOffset(event), events.timestampNs(event));
      }
      return true;
    }

    @Override
    public BlockRow row() {
      return row;
    }

    @Override
    public void forEachEvent(EventHandler handler) throws IOException {
      for (int i = start; i < end; i++) {
        int event = order[i];
        BlockEventType type = events.type(event);
        if (type.isChange()) {
          handler.onEvent(type, events.walOffset(event), events.timestampNs(event));
        }
      }
    }
  }
}
