package io.tidemark.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;

/**
 * Where in the log the blocks are that changed since the last flush.
 *
 * <p>Not thread-safe.
 */
final class UnflushedBlocks {

  /** Bits of a place that hold the length of the content; the others hold the address. */
  private static final int LENGTH_BITS = 25;

  private static final long LENGTH_MASK = (1L << LENGTH_BITS) - 1;

  /** Not the place of any block: no address is so high. */
  static final long NO_PLACE = -1;

  private final Long2LongHashMap places = new Long2LongHashMap(NO_PLACE);

  /** Reads what a place of the log holds. */
  @FunctionalInterface
  interface ContentSource {
    ByteBuffer content(long blockId, long place) throws IOException;
  }

  /** Takes in where the newest content of a block is; a length of {@code DELETED} for none. */
  void put(long blockId, long address, int length) {
    assert address >>> (Long.SIZE - LENGTH_BITS) == 0 : "log is too long: address=" + address;
    places.put(blockId, address << LENGTH_BITS | (length & LENGTH_MASK));
  }

  /** Returns where the newest content of a block is; {@code NO_PLACE} if it did not change. */
  long place(long blockId) {
    return places.get(blockId);
  }

  /** Returns the address that was put with a place. */
  static long address(long place) {
    return place >>> LENGTH_BITS;
  }

  /** Returns the length that was put with a place. */
  static int length(long place) {
    long length = place & LENGTH_MASK;
    return length == LENGTH_MASK ? EmbeddedDataDescriptor.DELETED : (int) length;
  }

  int size() {
    return places.size();
  }

  /** Returns what there is now, before the first block; later changes do not show. */
  EmbeddedRows rows(ContentSource source) {
    long[] ids = new long[places.size()];
    int[] count = {0};
    places.forEachLong((id, place) -> ids[count[0]++] = id ^ Long.MIN_VALUE);
    Arrays.sort(ids);
    long[] idPlaces = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] ^= Long.MIN_VALUE;
      idPlaces[i] = places.get(ids[i]);
    }
    return new Rows(ids, idPlaces, source);
  }

  private static final class Rows implements EmbeddedRows {
    private final long[] ids;
    private final long[] places;
    private final ContentSource source;
    private int row = -1;

    Rows(long[] ids, long[] places, ContentSource source) {
      this.ids = ids;
      this.places = places;
      this.source = source;
    }

    @Override
    public boolean next() {
      row++;
      return row < ids.length;
    }

    @Override
    public long blockId() {
      return ids[row];
    }

    @Override
    public int length() {
      return UnflushedBlocks.length(places[row]);
    }

    @Override
    public ByteBuffer content() throws IOException {
      return source.content(ids[row], places[row]);
    }
  }
}
