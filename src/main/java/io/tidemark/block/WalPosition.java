package io.tidemark.block;

/**
 * A place in the engine's log: generation first, then WAL offset, both compared as unsigned.
 *
 * @param generation 1 for a log that was never rolled back or replaced; 0 stands before every event
 * @param walOffset unsigned 64-bit; in TDengine the WAL version of the vgroup
 */
public record WalPosition(int generation, long walOffset) implements Comparable<WalPosition> {

  /** Before every event of every generation. */
  public static final WalPosition BEFORE_ALL = new WalPosition(0, 0);

  /** After every event of every generation. */
  public static final WalPosition AFTER_ALL = new WalPosition(-1, -1);

  @Override
  public int compareTo(WalPosition other) {
    return compare(generation, walOffset, other.generation, other.walOffset);
  }

  /** Compares two positions given by their parts. */
  public static int compare(int generation, long walOffset, int otherGeneration, long otherOffset) {
    int order = Integer.compareUnsigned(generation, otherGeneration);
    return order != 0 ? order : Long.compareUnsigned(walOffset, otherOffset);
  }

  /** Returns the next position: the next offset, or the next generation's first. */
  public WalPosition next() {
    if (walOffset == -1) {
      return generation == -1 ? this : new WalPosition(generation + 1, 0);
    }
    return new WalPosition(generation, walOffset + 1);
  }

  /** Returns {@code generation/offset} in unsigned decimals. */
  @Override
  public String toString() {
    return Integer.toUnsignedString(generation) + "/" + Long.toUnsignedString(walOffset);
  }
}
