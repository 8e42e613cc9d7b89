package io.tidemark.ingest;

/**
 * What an embedded engine holds at one moment.
 *
 * @param blocks how many there are
 * @param bytes length of all their contents
 * @param unflushedBlocks blocks changed or deleted since the last flush
 * @param dataBytes length of the data files
 * @param logBytes length of the log
 * @param firstWalOffset WAL offset from which on the log is there; unsigned
 * @param walOffset WAL offset of the last change or flush; unsigned
 * @param generation 1, and one more for each time the log was rolled back
 */
public record EmbeddedStatistics(
    long blocks,
    long bytes,
    long unflushedBlocks,
    long dataBytes,
    long logBytes,
    long firstWalOffset,
    long walOffset,
    int generation) {}
