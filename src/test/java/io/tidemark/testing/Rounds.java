package io.tidemark.testing;

/**
 * How often a long test repeats itself: in full, in the short form, or as often as it is told.
 *
 * <p>{@code -Dtidemark.ci=short} asks for the short form of all of them.
 */
public final class Rounds {
  private static final boolean IS_SHORT = "short".equals(System.getProperty("tidemark.ci"));

  private Rounds() {}

  /**
   * Returns the system property with the number of rounds, if it is set, else one of two numbers.
   */
  public static int of(String property, int full, int inShort) {
    return Integer.getInteger(property, IS_SHORT ? inShort : full);
  }

  /** Returns a number of rounds, or a quarter of it in the short form. */
  public static int share(int full) {
    return IS_SHORT ? full / 4 : full;
  }
}
