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
  private final int events;
  private final long[] blockIds;
  private final long[] walOffsets;
  private final long[] timestamps;
  private final byte[] types;
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
  private final BitmapBuilder[] typed = new BitmapBuilder[4];
  private final LongColumn[] typedLast = new LongColumn[4];

  SegmentEncoder(
      int generation,
      long nextBlockId,
      int events,
      long[] blockIds,
      long[] walOffsets,
      long[] timestamps,
      byte[] types,
      boolean hasFlushAll,
      long flushAllOffset) {
    this.generation = generation;
    this.nextBlockId = nextBlockId;
    this.events = events;
    this.blockIds = blockIds;
    this.walOffsets = walOffsets;
    this.timestamps = timestamps;
    this.types = types;
    this.hasFlushAll = hasFlushAll;
    this.flushAllOffset = flushAllOffset;
    Arrays.setAll(typed, i -> new BitmapBuilder());
    Arrays.setAll(typedLast, i -> new LongColumn());
  }

  ByteBuffer encode(ByteBuffer control) {
    int[] order = sorted();
    for (int from = 0; from < order.length; ) {
      int to = from + 1;
      while (to < order.length && blockIds[order[to]] == blockIds[order[from]]) {
        to++;
      }
      block(order, from, to);
      from = to;
    }
    starts.add(eventOffsets.size());

    byte[][] sections = new byte[SegmentDescriptor.SECTIONS][];
    sections[SegmentDescriptor.CHANGED] = changed.toBytes();
    sections[SegmentDescriptor.CREATED] = typed[BlockEventType.CREATE.code()].toBytes();
    sections[SegmentDescriptor.DELETED] = typed[BlockEventType.DELETE.code()].toBytes();
    sections[SegmentDescriptor.FLUSHED] = typed[BlockEventType.FLUSH.code()].toBytes();
    sections[SegmentDescriptor.COLUMNS] =
        LongColumn.longs(first, last, lastTimestamp, minTimestamp, maxTimestamp);
    sections[SegmentDescriptor.CREATED_LAST] =
        LongColumn.longs(typedLast[BlockEventType.CREATE.code()]);
    sections[SegmentDescriptor.DELETED_LAST] =
        LongColumn.longs(typedLast[BlockEventType.DELETE.code()]);
    sections[SegmentDescriptor.FLUSHED_LAST] =
        LongColumn.longs(typedLast[BlockEventType.FLUSH.code()]);
    sections[SegmentDescriptor.EVENT_STARTS] = starts.ints();
    sections[SegmentDescriptor.EVENTS] = events();
    byte[] controlBytes = new byte[control.remaining()];
    control.get(controlBytes);
    sections[SegmentDescriptor.CONTROL] = controlBytes;
    return payload(sections);
  }

  /** Orders the events by block id (unsigned), WAL offset (unsigned), rank of the type, arrival. */
  private int[] sorted() {
    Integer[] order = new Integer[events];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order,
        (a, b) -> {
          int byBlock = Long.compareUnsigned(blockIds[a], blockIds[b]);
          if (byBlock != 0) {
            return byBlock;
          }
          int byOffset = Long.compareUnsigned(walOffsets[a], walOffsets[b]);
          return byOffset != 0 ? byOffset : Integer.compare(rank(a), rank(b));
        });
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }

  private int rank(int event) {
    return BlockEventType.ofCode(types[event]).rank();
  }

  /** Encodes the events {@code order[from..to)}, all of one block, in order. */
  private void block(int[] order, int from, int to) {
    long id = blockIds[order[from]];
    int start = eventOffsets.size();
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int i = from; i < to; i++) {
      int event = order[i];
      if (BlockEventType.ofCode(types[event]).isChange()) {
        eventOffsets.add(walOffsets[event]);
        eventTimestamps.add(timestamps[event]);
        eventTypes.add(types[event]);
        min = Math.min(min, timestamps[event]);
        max = Math.max(max, timestamps[event]);
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
      for (int i = to - 1; i >= from; i--) {
        if (types[order[i]] == code) {
          typed[code].add(id);
          typedLast[code].add(walOffsets[order[i]]);
          break;
        }
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
