package io.tidemark.plugin;

import java.util.List;

/**
 * What was restored.
 *
 * @param runs names of the runs that were read, oldest first
 * @param blocks blocks the target has
 * @param bytes bytes of their content
 */
public record RestoreReport(List<String> runs, long blocks, long bytes) {

  /** Copies the list. */
  public RestoreReport {
    runs = List.copyOf(runs);
  }
}
