package io.tidemark.segment;

import io.tidemark.block.BlockEventType;
import io.tidemark.storage.BitmapBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Turns unsorted events and control entries into the payload of a change segment; used once. */
final class SegmentEncoder {
  private final int generation;
  private final long nextBlockId;
  private final BlockEvents events;
  private final boolean hasFlushAll;
  private final long flushAllOffset;

  private final BitmapBuilder changed = new BitmapBuilder();
  private final LongColumn first = new LongColumn();
  private final LongColumn last = new LongColumn();
  private final LongColumn lastTimestamp = new LongColumn();
  private final LongColumn minTimestamp = new LongColumn();
  private final LongColumn maxTimestamp = new LongColumn();
  private final LongColumn starts = new LongColumn();
  private final LongColumn eventOffsets = new LongColumn();
  private final LongColumn eventTimestamps = new LongColumn();
  private final LongColumn eventTypes = new LongColumn();
  private final BitmapBuilder[] typed = new BitmapBuilder[5];
  private final LongColumn[] typedLast = new LongColumn[5];

  SegmentEncoder(
      int generation,
      long nextBlockId,
      BlockEvents events,
      boolean hasFlushAll,
      long flushAllOffset) {
    this.generation = generation;
    this.nextBlockId = nextBlockId;
    this.events = events;
    this.hasFlushAll = hasFlushAll;
    this.flushAllOffset = flushAllOffset;
    Arrays.setAll(typed, i -> new BitmapBuilder());
    Arrays.setAll(typedLast, i -> new LongColumn());
  }

  ByteBuffer encode(ByteBuffer control) {
    for (long id : events.sortedIds()) {
      block(id, events.ofBlock(id));
    }
    starts.add(eventOffsets.size());

    byte[][] sections = new byte[SegmentDescriptor.SECTIONS][];
    sections[SegmentDescriptor.CHANGED] = changed.toBytes();
    sections[SegmentDescriptor.CREATED] = typed[BlockEventType.CREATE.code()].toBytes();
    sections[SegmentDescriptor.DELETED] = typed[BlockEventType.DELETE.code()].toBytes();
    sections[SegmentDescriptor.FLUSHED] = typed[BlockEventType.FLUSH.code()].toBytes();
    sections[SegmentDescriptor.CLEARED] = typed[BlockEventType.CLEAR.code()].toBytes();
    sections[SegmentDescriptor.COLUMNS] =
        LongColumn.longs(first, last, lastTimestamp, minTimestamp, maxTimestamp);
    sections[SegmentDescriptor.CREATED_LAST] =
        LongColumn.longs(typedLast[BlockEventType.CREATE.code()]);
    sections[SegmentDescriptor.DELETED_LAST] =
        LongColumn.longs(typedLast[BlockEventType.DELETE.code()]);
    sections[SegmentDescriptor.FLUSHED_LAST] =
        LongColumn.longs(typedLast[BlockEventType.FLUSH.code()]);
    sections[SegmentDescriptor.CLEARED_LAST] =
        LongColumn.longs(typedLast[BlockEventType.CLEAR.code()]);
    sections[SegmentDescriptor.EVENT_STARTS] = starts.ints();
    sections[SegmentDescriptor.EVENTS] = events();
    byte[] controlBytes = new byte[control.remaining()];
    control.get(controlBytes);
    sections[SegmentDescriptor.CONTROL] = controlBytes;
    return payload(sections);
  }

  /** Encodes the events of one block, which come in order. */
  private void block(long id, int[] order) {
    int start = eventOffsets.size();
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int event : order) {
      BlockEventType type = events.type(event);
      long timestampNs = events.timestampNs(event);
      if (type.isChange()) {
        eventOffsets.add(events.walOffset(event));
        eventTimestamps.add(timestampNs);
        eventTypes.add(type.code());
        min = Math.min(min, timestampNs);
        max = Math.max(max, timestampNs);
      }
    }
    int end = eventOffsets.size();
    if (end > start) {
      changed.add(id);
      starts.add(start);
      first.add(eventOffsets.get(start));
      last.add(eventOffsets.get(end - 1));
      lastTimestamp.add(eventTimestamps.get(end - 1));
      minTimestamp.add(min);
      maxTimestamp.add(max);
    }
    for (int code = 0; code < typed.length; code++) {
      last(code, id, order);
    }
  }

  /** Notes the last event of a type, if there is one; a CLEAR is a FLUSH too. */
  private void last(int code, long id, int[] order) {
    for (int i = order.length - 1; i >= 0; i--) {
      BlockEventType type = events.type(order[i]);
      boolean isFlush = code == BlockEventType.FLUSH.code() && type == BlockEventType.CLEAR;
      if (type.code() == code || isFlush) {
        typed[code].add(id);
        typedLast[code].add(events.walOffset(order[i]));
        return;
      }
    }
  }

  private byte[] events() {
    int count = eventOffsets.size();
    ByteBuffer out =
        ByteBuffer.allocate(Math.multiplyExact(count, 2 * Long.BYTES + Byte.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put(LongColumn.longs(eventOffsets, eventTimestamps));
    for (int i = 0; i < count; i++) {
      out.put((byte) eventTypes.get(i));
    }
    return out.array();
  }

  private ByteBuffer payload(byte[][] sections) {
    long length = SegmentDescriptor.SECTIONS_OFFSET;
    for (byte[] section : sections) {
      length += section.length;
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(generation).putInt(hasFlushAll ? SegmentDescriptor.FLAG_FLUSH_ALL : 0);
    out.putLong(flushAllOffset);
    out.putLong(first.minUnsigned()).putLong(last.maxUnsigned());
    out.putLong(minTimestamp.min()).putLong(maxTimestamp.max());
    out.putLong(changed.count()).putLong(eventOffsets.size()).putLong(nextBlockId);
    long offset = SegmentDescriptor.SECTIONS_OFFSET;
    for (byte[] section : sections) {
      out.putLong(offset).putLong(section.length);
      offset += section.length;
    }
    for (byte[] section : sections) {
      out.put(section);
    }
    return out.flip();
  }
}
