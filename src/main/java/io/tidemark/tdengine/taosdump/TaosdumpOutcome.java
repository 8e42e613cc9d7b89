package io.tidemark.tdengine.taosdump;

/**
 * What one call of taosdump came to.
 *
 * @param kind whether it did all it was asked to; if not, what can be done about it
 * @param rows how many rows it says it moved; 0 unless it is done
 * @param detail why it is not done, in taosdump's words where it has some; else empty
 */
public record TaosdumpOutcome(Kind kind, long rows, String detail) {

  /** What can be done next. */
  public enum Kind {
    /** All rows were moved. */
    DONE,
    /** The server has no such table or stable: no loss only if it was dropped meanwhile. */
    MISSING,
    /** The server refused user or password: nothing but others will help. */
    REFUSED,
    /** The server could not be reached: the same call may succeed later. */
    UNREACHABLE,
    /** Anything else, also rows that were lost on the way: the same call may succeed later. */
    FAILED;

    /** Returns whether the same call may end otherwise. */
    boolean isWorthRepeating() {
      return this == UNREACHABLE || this == FAILED;
    }
  }
}
