package io.tidemark.benchmarks.comparison;

/**
 * A workload that all engines are given.
 *
 * @param ids "clustered" or "random"
 * @param events how many events are measured
 */
record Scenario(String ids, long events) {
  static final String CLUSTERED = "clustered";
  static final String RANDOM = "random";

  Scenario {
    if (!ids.equals(CLUSTERED) && !ids.equals(RANDOM)) {
      throw new IllegalArgumentException("unknown distribution of ids: ids=" + ids);
    }
    if (events < EventBatch.CAPACITY) {
      throw new IllegalArgumentException("too few events: events=" + events);
    }
  }

  boolean isClustered() {
    return ids.equals(CLUSTERED);
  }
}
