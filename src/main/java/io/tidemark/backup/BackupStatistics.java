package io.tidemark.backup;

/**
 * What a coordinator has done since it was opened, or since the counts were last reset.
 *
 * @param runs runs that were committed
 * @param fullRuns how many of them were full
 * @param rolledForward runs that were sealed before a crash and committed after it
 * @param resumed runs that went on after an interruption
 * @param aborted runs that were given up
 * @param failed attempts that ended with an error
 * @param batches batches that were written
 * @param retries batches that were written again because they failed
 * @param blocks blocks whose content was copied
 * @param deleted tombstones written
 * @param contentBytes bytes of content copied
 * @param writtenBytes bytes that they took
 * @param elapsedMs time that runs took
 */
public record BackupStatistics(
    long runs,
    long fullRuns,
    long rolledForward,
    long resumed,
    long aborted,
    long failed,
    long batches,
    long retries,
    long blocks,
    long deleted,
    long contentBytes,
    long writtenBytes,
    long elapsedMs) {

  /** What nobody has done yet. */
  public static final BackupStatistics NOTHING =
      new BackupStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Returns both together. */
  public BackupStatistics plus(BackupStatistics other) {
    return new BackupStatistics(
        runs + other.runs,
        fullRuns + other.fullRuns,
        rolledForward + other.rolledForward,
        resumed + other.resumed,
        aborted + other.aborted,
        failed + other.failed,
        batches + other.batches,
        retries + other.retries,
        blocks + other.blocks,
        deleted + other.deleted,
        contentBytes + other.contentBytes,
        writtenBytes + other.writtenBytes,
        elapsedMs + other.elapsedMs);
  }
}
