package io.tidemark.backup;

/**
 * How far a run has come.
 *
 * @param runId the run
 * @param phase what it does now
 * @param doneBlocks blocks of the set that were dealt with, those before an interruption too
 * @param totalBlocks blocks of the set
 * @param doneBytes bytes of content that were copied
 * @param totalBytes bytes of content there were to copy when the run began
 * @param elapsedMs time since it began, or went on
 * @param bytesPerSecond rate since then
 * @param remainingMs time it will still take at this rate; -1 if nobody can tell yet
 */
public record BackupProgress(
    String runId,
    Phase phase,
    long doneBlocks,
    long totalBlocks,
    long doneBytes,
    long totalBytes,
    long elapsedMs,
    long bytesPerSecond,
    long remainingMs) {

  /** What a run does. */
  public enum Phase {
    /** Its end is fixed and it finds out how much there is to do. */
    PREPARE,
    /** It copies. */
    COPY,
    /** It makes what was copied whole. */
    SEAL,
    /** The chain moves on. */
    COMMIT
  }

  /** Takes what a run tells of its progress, on the thread that runs it. */
  @FunctionalInterface
  public interface Listener {
    /** Is told after each batch and at the beginning of each phase. */
    void onProgress(BackupProgress progress);
  }
}
