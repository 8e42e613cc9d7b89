package io.tidemark.tdengine.taosdump;

import java.util.List;

/**
 * What a run that copied everything came to.
 *
 * @param version of taosdump
 * @param calls how many were made, by this run and those before it
 * @param rows how many were copied in all
 * @param rowsOfCall how many each call copied, in the order of the plan
 * @param gone the names of what was dropped meanwhile
 */
public record RunResult(
    String version, int calls, long rows, List<Long> rowsOfCall, List<String> gone) {

  /** Copies the lists. */
  public RunResult {
    rowsOfCall = List.copyOf(rowsOfCall);
    gone = List.copyOf(gone);
  }
}
