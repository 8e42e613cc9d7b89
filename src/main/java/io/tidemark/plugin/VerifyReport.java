package io.tidemark.plugin;

import java.util.List;

/**
 * What a verification found.
 *
 * @param runs names of the runs that were verified, oldest first
 * @param findings what is wrong, a line each; nothing if all is as it was written
 */
public record VerifyReport(List<String> runs, List<String> findings) {

  /** Copies the lists. */
  public VerifyReport {
    runs = List.copyOf(runs);
    findings = List.copyOf(findings);
  }
}
