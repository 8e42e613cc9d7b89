package io.tidemark.block;

/**
 * A stretch of the engine's log that the tracker cannot vouch for.
 *
 * @param generation generation of the log
 * @param first first WAL offset of the hole, unsigned
 * @param last last WAL offset of the hole, unsigned, inclusive
 * @param reason why, for people; lower case
 */
public record Hole(int generation, long first, long last, String reason) {

  /** Checks that the bounds are in order. */
  public Hole {
    checkBounds(first, last);
  }

  /** Refuses WAL offsets that are no closed range. */
  public static void checkBounds(long first, long last) {
    if (Long.compareUnsigned(first, last) > 0) {
      throw new IllegalArgumentException(
          "hole ends before it begins: first="
              + Long.toUnsignedString(first)
              + ", last="
              + Long.toUnsignedString(last));
    }
  }

  /** Returns {@code generation/first-last (reason)}. */
  @Override
  public String toString() {
    return Integer.toUnsignedString(generation)
        + "/"
        + Long.toUnsignedString(first)
        + "-"
        + Long.toUnsignedString(last)
        + " ("
        + reason
        + ")";
  }
}
