package io.tidemark.tdengine.tsdb;

/**
 * What a {@code .head} says of one block in {@code .data}: rows of one table in order of time.
 *
 * @param uid the table
 * @param suid its stable; 0 for none
 * @param firstTimestamp of its first row, in the database's precision
 * @param lastTimestamp of its last row
 * @param minVersion lowest WAL version among its rows
 * @param maxVersion highest WAL version among its rows
 * @param blockOffset logical offset in {@code .data}
 * @param blockBytes length there
 * @param keyBytes length of the part that holds versions and timestamps; it comes first
 * @param rows rows, several versions of one key included
 * @param keys distinct keys among them
 */
record BrinRecord(
    long uid,
    long suid,
    long firstTimestamp,
    long lastTimestamp,
    long minVersion,
    long maxVersion,
    long blockOffset,
    long blockBytes,
    long keyBytes,
    long rows,
    long keys) {}
