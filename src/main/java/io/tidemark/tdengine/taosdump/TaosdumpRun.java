package io.tidemark.tdengine.taosdump;

import io.tidemark.backup.RunEnd;
import io.tidemark.backup.RunPlan;
import io.tidemark.backup.SealedRun;
import java.nio.file.Path;
import java.util.List;

/**
 * A sealed run that was exported with taosdump.
 *
 * @param directory where it is, with scripts that restore it
 * @param plan what it copied
 * @param end what was known at its end
 * @param version of taosdump
 * @param dump the calls it was copied with, and what a restore drops and deletes first
 * @param schema what the dumps say of their database
 * @param results what each call left, in the order of the calls
 * @param digest SHA-256 that proves all this, in hexadecimal digits
 */
public record TaosdumpRun(
    Path directory,
    RunPlan plan,
    RunEnd end,
    String version,
    TaosdumpPlan dump,
    DumpSchema schema,
    List<CallResult> results,
    String digest) {

  /** Copies the list. */
  public TaosdumpRun {
    results = List.copyOf(results);
  }

  /** Returns the name of the run. */
  public String runId() {
    return plan.runId();
  }

  /** Returns how many rows it holds. */
  public long rows() {
    return results.stream().mapToLong(CallResult::rows).sum();
  }

  SealedRun sealed() {
    return new SealedRun(runId(), plan, digest);
  }
}
