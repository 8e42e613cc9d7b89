package io.tidemark.backup;

/** Counts what a coordinator does; thread-safe. */
final class StatisticsCounter {
  private BackupStatistics counts = BackupStatistics.NOTHING; // Guarded by this.

  synchronized BackupStatistics statistics() {
    return counts;
  }

  synchronized void reset() {
    counts = BackupStatistics.NOTHING;
  }

  synchronized void onRun(BackupResult result) {
    counts =
        counts.plus(
            new BackupStatistics(
                1,
                result.run().plan().kind() == RunKind.FULL ? 1 : 0,
                0,
                0,
                0,
                0,
                result.batches() - result.resumedBatches(),
                result.retries(),
                result.blocks(),
                result.deleted(),
                result.contentBytes(),
                result.storedBytes(),
                result.elapsedMs()));
  }

  void onRollForward() {
    add(1, 0, 0, 0);
  }

  void onResume() {
    add(0, 1, 0, 0);
  }

  void onAbort() {
    add(0, 0, 1, 0);
  }

  void onFailure() {
    add(0, 0, 0, 1);
  }

  private synchronized void add(int rolledForward, int resumed, int aborted, int failed) {
    counts =
        counts.plus(
            new BackupStatistics(
                0, 0, rolledForward, resumed, aborted, failed, 0, 0, 0, 0, 0, 0, 0));
  }
}
