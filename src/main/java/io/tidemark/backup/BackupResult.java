package io.tidemark.backup;

/**
 * What a run came to that is committed.
 *
 * @param run what the backup holds
 * @param end what was known at its end
 * @param blocks blocks with content
 * @param deleted tombstones
 * @param gone blocks that were deleted before they could be copied
 * @param contentBytes bytes of content
 * @param storedBytes bytes that they take
 * @param batches batches of the whole run
 * @param resumedBatches batches of them that were written before an interruption
 * @param retries batches that were written again because they failed
 * @param elapsedMs time since it began, or went on
 */
public record BackupResult(
    SealedRun run,
    RunEnd end,
    long blocks,
    long deleted,
    long gone,
    long contentBytes,
    long storedBytes,
    int batches,
    int resumedBatches,
    int retries,
    long elapsedMs) {}
