package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.FileSets;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;

/**
 * File sets joined to runs, each of which one call copies: neighbours always, others where copying
 * what lies between takes less time than one more call.
 */
final class FileSetRuns {

  /** How many blocks lie in file sets that did not change. */
  @FunctionalInterface
  interface Gap {
    /** Returns the number in a closed range of file sets. */
    long blocks(long firstFileSet, long lastFileSet);
  }

  /**
   * File sets copied at once.
   *
   * @param first inclusive
   * @param last inclusive
   * @param surplusBlocks what lies between the changed ones
   */
  record Run(long first, long last, long surplusBlocks) {

    Period period(FileSets fileSets) {
      return new Period(fileSets.firstTimestamp(first), fileSets.lastTimestamp(last));
    }
  }

  private FileSetRuns() {}

  static List<Run> of(NavigableSet<Long> fileSets, Gap gap, CallCosts costs) {
    List<Run> runs = new ArrayList<>();
    if (fileSets.isEmpty()) {
      return runs;
    }
    long first = fileSets.first();
    long last = first;
    long surplus = 0;
    for (long fileSet : fileSets.tailSet(first, false)) {
      long between = fileSet == last + 1 ? 0 : gap.blocks(last + 1, fileSet - 1);
      if (fileSet != last + 1 && !costs.isCheaperThanACall(between)) {
        runs.add(new Run(first, last, surplus));
        first = fileSet;
        surplus = 0;
      } else {
        surplus += between;
      }
      last = fileSet;
    }
    runs.add(new Run(first, last, surplus));
    return runs;
  }
}
