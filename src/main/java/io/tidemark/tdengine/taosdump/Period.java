package io.tidemark.tdengine.taosdump;

/**
 * A stretch of time that one call of taosdump copies.
 *
 * @param first first timestamp, inclusive, in units of the database's precision since the epoch
 * @param last last timestamp, inclusive, in the same unit
 */
public record Period(long first, long last) {

  /**
   * The period of a call that is after definitions only.
   *
   * <p>taosdump's own option for that cannot be used: it makes it forget the tables named behind
   * it, or look for one without a name. A period of one unit copies no more rows than stand at that
   * unit, which are right wherever they are loaded.
   */
  static final Period DEFINITIONS_ONLY = new Period(1, 1);

  /** Checks the order. */
  public Period {
    if (first > last) {
      throw new IllegalArgumentException(
          "period ends before it begins: first=" + first + ", last=" + last);
    }
  }
}
