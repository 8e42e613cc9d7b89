package io.tidemark.backup;

/** Counts what a coordinator does; thread-safe. */
final class StatisticsCounter {
  private static final BackupStatistics NOTHING =
      new BackupStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  private BackupStatistics counts = NOTHING; // Guarded by this.

  synchronized BackupStatistics statistics() {
    return counts;
  }

  synchronized void reset() {
    counts = NOTHING;
  }

  synchronized void onRun(BackupResult result) {
    boolean isFull = result.run().plan().kind() == RunKind.FULL;
    counts =
        new BackupStatistics(
            counts.runs() + 1,
            counts.fullRuns() + (isFull ? 1 : 0),
            counts.rolledForward(),
            counts.resumed(),
            counts.aborted(),
            counts.failed(),
            counts.batches() + result.batches() - result.resumedBatches(),
            counts.retries() + result.retries(),
            counts.blocks() + result.blocks(),
            counts.deleted() + result.deleted(),
            counts.contentBytes() + result.contentBytes(),
            counts.writtenBytes() + result.storedBytes(),
            counts.elapsedMs() + result.elapsedMs());
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
        new BackupStatistics(
            counts.runs(),
            counts.fullRuns(),
            counts.rolledForward() + rolledForward,
            counts.resumed() + resumed,
            counts.aborted() + aborted,
            counts.failed() + failed,
            counts.batches(),
            counts.retries(),
            counts.blocks(),
            counts.deleted(),
            counts.contentBytes(),
            counts.writtenBytes(),
            counts.elapsedMs());
  }
}
