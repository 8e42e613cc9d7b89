package io.tidemark.tdengine.taosdump;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One call of taosdump, whose output has a directory of its own.
 *
 * @param scope what is copied
 * @param name of the table, the stable or the database
 * @param period which rows; null for all
 * @param blocks how many blocks of the set it copies
 * @param surplusBlocks how many known blocks it copies beside them
 */
public record DumpCall(
    Scope scope, String name, @Nullable Period period, long blocks, long surplusBlocks) {

  /** What one call copies. */
  public enum Scope {
    /** A whole database. */
    DATABASE,
    /** A stable with all of its tables. */
    STABLE,
    /** One table. */
    TABLE
  }

  /** Returns whether it is after definitions and not after rows. */
  public boolean isDefinitionsOnly() {
    return Period.DEFINITIONS_ONLY.equals(period);
  }

  /** Returns the call in words, for people. */
  @Override
  public String toString() {
    String what = scope.name().toLowerCase(Locale.ROOT) + " " + name;
    if (period == null) {
      return what + ", all of it";
    }
    return isDefinitionsOnly()
        ? what + ", definitions only"
        : what + ", " + period.first() + " to " + period.last();
  }
}
