package io.tidemark.state;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.WalPosition;
import java.util.Arrays;
import org.agrona.collections.Long2LongHashMap;

/**
 * What is known of each block that has an event which is not sealed: its maxima, and its last
 * change. Columns, so that a million of them are a few arrays.
 *
 * <p>Blocks have places 0, 1, … in the order in which they came. Not thread-safe.
 */
final class OpenBlocks {

  /** The place of a block that is not here. */
  static final int NONE = -1;

  private static final int INITIAL = 64;
  private static final float LOAD_FACTOR = 0.65f;

  /** Type of the last change of a block that was only flushed. */
  private static final byte NO_CHANGE = -1;

  private final Long2LongHashMap places = new Long2LongHashMap(INITIAL, LOAD_FACTOR, NONE);
  private int count;

  // Indexed by place; maxima by place * TYPES + code of the type.
  private long[] ids = new long[INITIAL];
  private byte[] states = new byte[INITIAL];
  private byte[] types = new byte[INITIAL];
  private int[] generations = new int[INITIAL * BlockMaxima.TYPES];
  private long[] offsets = new long[INITIAL * BlockMaxima.TYPES];
  private byte[] lastTypes = new byte[INITIAL];
  private int[] lastGenerations = new int[INITIAL];
  private long[] lastOffsets = new long[INITIAL];
  private long[] lastTimestampsNs = new long[INITIAL];

  /** Returns how many blocks there are. */
  int count() {
    return count;
  }

  /** Returns the place of a block, or {@link #NONE}. */
  int find(long blockId) {
    return (int) places.get(blockId);
  }

  /** Returns the id of the block at a place. */
  long id(int place) {
    return ids[place];
  }

  /** Adds a block that is not here, with its state and what was before; returns its place. */
  int add(long blockId, BlockState state, BlockMaxima past) {
    if (count == ids.length) {
      grow(2 * count);
    }
    int place = count++;
    places.put(blockId, place);
    ids[place] = blockId;
    setState(place, state);
    types[place] = (byte) past.save(generations, offsets, place * BlockMaxima.TYPES);
    lastTypes[place] = NO_CHANGE;
    return place;
  }

  private void grow(int capacity) {
    ids = Arrays.copyOf(ids, capacity);
    states = Arrays.copyOf(states, capacity);
    types = Arrays.copyOf(types, capacity);
    generations = Arrays.copyOf(generations, capacity * BlockMaxima.TYPES);
    offsets = Arrays.copyOf(offsets, capacity * BlockMaxima.TYPES);
    lastTypes = Arrays.copyOf(lastTypes, capacity);
    lastGenerations = Arrays.copyOf(lastGenerations, capacity);
    lastOffsets = Arrays.copyOf(lastOffsets, capacity);
    lastTimestampsNs = Arrays.copyOf(lastTimestampsNs, capacity);
  }

  /** Returns the state that was set last. */
  BlockState state(int place) {
    return BlockState.ofCode(states[place]);
  }

  /** Sets the state of a block. */
  void setState(int place, BlockState state) {
    states[place] = (byte) state.code();
  }

  /** Copies the maxima of a block out. */
  void load(int place, BlockMaxima out) {
    out.load(types[place], generations, offsets, place * BlockMaxima.TYPES);
  }

  /** Takes an event of a block in. A CLEAR is a FLUSH too. */
  void fold(int place, BlockEventType type, int generation, long offset, long timestampNs) {
    if (type == BlockEventType.CLEAR) {
      raise(place, BlockEventType.FLUSH.code(), generation, offset);
    }
    raise(place, type.code(), generation, offset);
    if (type.isChange() && isLast(place, type, generation, offset)) {
      lastTypes[place] = (byte) type.code();
      lastGenerations[place] = generation;
      lastOffsets[place] = offset;
      lastTimestampsNs[place] = timestampNs;
    }
  }

  private void raise(int place, int code, int generation, long offset) {
    int at = place * BlockMaxima.TYPES + code;
    boolean isThere = (types[place] >> code & 1) != 0;
    if (!isThere || WalPosition.compare(generation, offset, generations[at], offsets[at]) > 0) {
      types[place] |= (byte) (1 << code);
      generations[at] = generation;
      offsets[at] = offset;
    }
  }

  /** Of two changes of one position and type the later one gives the timestamp. */
  private boolean isLast(int place, BlockEventType type, int generation, long offset) {
    if (!hasChange(place)) {
      return true;
    }
    int order = WalPosition.compare(generation, offset, lastGenerations[place], lastOffsets[place]);
    return order > 0
        || (order == 0 && type.rank() >= BlockEventType.ofCode(lastTypes[place]).rank());
  }

  /** Returns whether a block has a last change, and was not only flushed. */
  boolean hasChange(int place) {
    return lastTypes[place] != NO_CHANGE;
  }

  /** Folds the last change of a block, which it has, into its row. */
  void foldLastInto(int place, MetadataRow row, BlockMaxima scratch) {
    scratch.reset();
    scratch.fold(
        BlockEventType.ofCode(lastTypes[place]), lastGenerations[place], lastOffsets[place]);
    row.fold(scratch, lastTimestampsNs[place]);
  }
}
