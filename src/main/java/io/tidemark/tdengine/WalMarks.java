package io.tidemark.tdengine;

import io.tidemark.tracker.CoverMark;
import io.tidemark.tracker.Coverage;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The marks of WAL records that a store's coverage carries. */
final class WalMarks {
  private WalMarks() {}

  /**
   * Returns the marks of the log as it was delivered, by version: of each generation what the later
   * ones share.
   */
  static NavigableMap<Long, WalMark> delivered(Coverage coverage) {
    NavigableMap<Long, WalMark> marks = new TreeMap<>();
    long end = -1;
    for (int number = coverage.generation(); number >= 1; number--) {
      for (CoverMark mark : coverage.marks(number)) {
        WalMark decoded = WalMark.decode(mark.bytes());
        if (decoded != null && Long.compareUnsigned(mark.last(), end) < 0) {
          marks.put(mark.last(), decoded);
        }
      }
      long firstOwn = coverage.firstOwn(number);
      end = Long.compareUnsigned(firstOwn, end) < 0 ? firstOwn : end;
    }
    return marks;
  }

  /** Returns the terms of everything that was delivered in generations below one. */
  static List<Long> termsBefore(Coverage coverage, int generation) {
    List<Long> terms = new ArrayList<>();
    for (int number = 1; number < generation; number++) {
      for (CoverMark mark : coverage.marks(number)) {
        WalMark decoded = WalMark.decode(mark.bytes());
        if (decoded != null) {
          terms.add(decoded.term());
        }
      }
    }
    return terms;
  }
}
