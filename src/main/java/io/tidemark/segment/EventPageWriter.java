package io.tidemark.segment;

import java.io.IOException;

/**
 * Packs one page of events; layout in {@link PackedEvents}.
 *
 * <p>Used by one thread.
 */
final class EventPageWriter {
  private static final int MAX_RUN_COUNT = EventCursor.PAGE_EVENTS / 4;

  private final SectionOutput out;
  private final ColumnPacker ids = new ColumnPacker();
  private final ColumnPacker runLengths = new ColumnPacker();
  private final ColumnPacker types = new ColumnPacker();
  private final long[] runStarts = new long[MAX_RUN_COUNT];
  private final long[] runMore = new long[MAX_RUN_COUNT];
  private final long[] typeCodes = new long[EventCursor.PAGE_EVENTS];
  private final long[] turnedTimestamps = new long[EventCursor.PAGE_EVENTS];
  private final Sequence offsets = new Sequence();
  private final Sequence timestamps = new Sequence();
  private int runs;

  EventPageWriter(SectionOutput out) {
    this.out = out;
  }

  /** Writes a page of 1 to {@link EventCursor#PAGE_EVENTS} events. */
  void write(long[] blockIds, long[] walOffsets, long[] timestampsNs, byte[] codes, int count)
      throws IOException {
    for (int i = 0; i < count; i++) {
      turnedTimestamps[i] = timestampsNs[i] ^ Long.MIN_VALUE;
      typeCodes[i] = codes[i];
    }
    findRuns(blockIds, count);
    ids.take(runs > 0 ? runStarts : blockIds, runs > 0 ? runs : count);
    offsets.take(walOffsets, count);
    timestamps.take(turnedTimestamps, count);
    types.take(typeCodes, count);

    int start = PackedEvents.PAGE_HEADER_LENGTH + idsLength(count);
    out.putShort(start);
    start += offsets.length(count);
    out.putShort(start);
    out.putShort(start + timestamps.length(count));
    writeIds(blockIds, count);
    offsets.write(walOffsets, count);
    timestamps.write(turnedTimestamps, count);
    types.writeHeader(out);
    types.writeValues(out, typeCodes, count);
  }

  /** Finds runs of ids that each are one more than the one before; none if they are too many. */
  private void findRuns(long[] blockIds, int count) {
    runs = 0;
    int limit = count / 4;
    int start = 0;
    for (int i = 1; i <= count; i++) {
      if (i == count || blockIds[i] != blockIds[i - 1] + 1) {
        if (runs == limit) {
          runs = 0;
          return;
        }
        runStarts[runs] = blockIds[start];
        runMore[runs] = i - start - 1L;
        runs++;
        start = i;
      }
    }
    runLengths.take(runMore, runs);
  }

  private int idsLength(int count) {
    return Byte.BYTES
        + (runs > 0 ? Short.BYTES + ids.length(runs) + runLengths.length(runs) : ids.length(count));
  }

  private void writeIds(long[] blockIds, int count) throws IOException {
    if (runs == 0) {
      out.putByte(PackedEvents.PLAIN);
      ids.writeHeader(out);
      ids.writeValues(out, blockIds, count);
      return;
    }
    out.putByte(PackedEvents.RUNS);
    out.putShort(runs);
    ids.writeHeader(out);
    ids.writeValues(out, runStarts, runs);
    runLengths.writeHeader(out);
    runLengths.writeValues(out, runMore, runs);
  }

  /** A column of numbers that mostly grow: as they are, or as differences if these are smaller. */
  private final class Sequence {
    private final ColumnPacker packer = new ColumnPacker();
    private final long[] differences = new long[EventCursor.PAGE_EVENTS];
    private boolean isDifferences;

    void take(long[] values, int count) {
      long min = values[0];
      long max = values[0];
      long all = 0;
      for (int i = 1; i < count; i++) {
        long value = values[i];
        min = Long.compareUnsigned(value, min) < 0 ? value : min;
        max = Long.compareUnsigned(value, max) > 0 ? value : max;
        long difference = value - values[i - 1];
        difference = (difference << 1) ^ (difference >> (Long.SIZE - 1));
        differences[i - 1] = difference;
        all |= difference ^ differences[0];
      }
      // Differences that are all the same cost nothing, whatever they are.
      isDifferences =
          count > 1 && (all == 0 || Long.compareUnsigned(highest(count - 1), max - min) < 0);
      packer.take(isDifferences ? differences : values, isDifferences ? count - 1 : count);
    }

    private long highest(int count) {
      long highest = 0;
      for (int i = 0; i < count; i++) {
        highest = Long.compareUnsigned(differences[i], highest) > 0 ? differences[i] : highest;
      }
      return highest;
    }

    int length(int count) {
      return Byte.BYTES
          + (isDifferences ? Long.BYTES + packer.length(count - 1) : packer.length(count));
    }

    void write(long[] values, int count) throws IOException {
      if (isDifferences) {
        out.putByte(PackedEvents.DIFFERENCES);
        out.putLong(values[0]);
      } else {
        out.putByte(PackedEvents.PLAIN);
      }
      packer.writeHeader(out);
      packer.writeValues(
          out, isDifferences ? differences : values, isDifferences ? count - 1 : count);
    }
  }
}
