package io.tidemark.block;

import java.util.List;

/**
 * What the storage engine did to a block.
 *
 * <p>The codes 0 to 3 are those of the specification; all are what the segments store.
 */
public enum BlockEventType {
  /** The block came into being. */
  CREATE(0, 2),
  /** The content of the block changed. */
  UPDATE(1, 1),
  /** The block was written to the engine's data files; no change of content. */
  FLUSH(2, 3),
  /** The block ceased to exist. */
  DELETE(3, 0),
  /**
   * Whoever embeds the store took note of the block as it is: a flush that confirms a deletion too.
   * No change of content; never sent by a storage engine.
   */
  CLEAR(4, 4);

  static final List<BlockEventType> BY_CODE = List.of(values());

  private final int code;
  private final int rank;

  BlockEventType(int code, int rank) {
    this.code = code;
    this.rank = rank;
  }

  /** Returns the code stored in segments: 0 to 4. */
  public int code() {
    return code;
  }

  /**
   * Returns the order of events at one position: DELETE, UPDATE, CREATE, FLUSH, CLEAR.
   *
   * <p>So CREATE beats DELETE at its own position (the block was replaced) and FLUSH beats a
   * change.
   */
  public int rank() {
    return rank;
  }

  /** Returns whether the event changes the block; FLUSH and CLEAR do not. */
  public boolean isChange() {
    return this != FLUSH && this != CLEAR;
  }

  /**
   * Returns the type with this code.
   *
   * @throws IllegalArgumentException if no type has it
   */
  public static BlockEventType ofCode(int code) {
    if (code < 0 || code >= BY_CODE.size()) {
      throw new IllegalArgumentException("unknown block event type: code=" + code);
    }
    return BY_CODE.get(code);
  }
}
