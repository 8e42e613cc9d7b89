package io.tidemark.segment;

import java.nio.ByteBuffer;

/** Ids of a bitmap in the portable 64-bit Roaring format, read where it lies. */
final class BitmapContainers implements ContainerSource {
  private static final int DESCRIPTION_LENGTH = 2 * Short.BYTES;

  private final ByteBuffer in;
  private char[] lows = new char[0];
  private long partsLeft;
  private long high;
  private int containers;
  private int container;
  private boolean hasRuns;
  private int runFlags;
  private int descriptions;
  private int at;
  private int length;

  /** Takes a little-endian buffer that holds exactly one bitmap. */
  BitmapContainers(ByteBuffer in) {
    this.in = in;
    this.partsLeft = in.getLong(0);
    this.at = Long.BYTES;
  }

  @Override
  public boolean next() {
    at += length;
    length = 0;
    container++;
    if (container >= containers) {
      if (partsLeft == 0) {
        return false;
      }
      partsLeft--;
      openPart();
    }
    length = Containers.length(form(), count(), form() == Containers.RUNS ? in.getChar(at) : 0);
    return true;
  }

  private void openPart() {
    high = Integer.toUnsignedLong(in.getInt(at));
    int cookie = in.getInt(at + Integer.BYTES);
    at += 2 * Integer.BYTES;
    hasRuns = (cookie & 0xFFFF) == PortableBitmapWriter.RUN_COOKIE;
    if (hasRuns) {
      containers = (cookie >>> Short.SIZE) + 1;
      runFlags = at;
      at += (containers + Byte.SIZE - 1) / Byte.SIZE;
    } else {
      containers = in.getInt(at);
      at += Integer.BYTES;
    }
    descriptions = at;
    at += containers * DESCRIPTION_LENGTH;
    if (!hasRuns || containers >= PortableBitmapWriter.MIN_CONTAINERS_WITH_OFFSETS) {
      at += containers * Integer.BYTES;
    }
    container = 0;
  }

  private int form() {
    if (hasRuns && (in.get(runFlags + container / Byte.SIZE) >> container % Byte.SIZE & 1) != 0) {
      return Containers.RUNS;
    }
    return count() <= Containers.MAX_ARRAY ? Containers.ARRAY : Containers.BITMAP;
  }

  @Override
  public long key() {
    long middle = in.getChar(descriptions + container * DESCRIPTION_LENGTH);
    return high << Integer.SIZE | middle << Character.SIZE;
  }

  @Override
  public int count() {
    return in.getChar(descriptions + container * DESCRIPTION_LENGTH + Short.BYTES) + 1;
  }

  @Override
  public char[] lows() {
    if (lows.length < count()) {
      lows = new char[Math.min(2 * count(), SIZE)];
    }
    Containers.read(in, at, form(), count(), lows);
    return lows;
  }
}
