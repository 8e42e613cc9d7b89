package io.tidemark.tdengine.tsdb;

/**
 * One deletion of rows as the data files of one file set keep it.
 *
 * @param uid the table
 * @param suid its stable; 0 for none
 * @param fileSet the file set whose files hold it
 * @param version WAL version of the DELETE
 * @param firstTimestamp first timestamp deleted, in the database's precision
 * @param lastTimestamp last timestamp deleted
 */
public record Tombstone(
    long uid, long suid, long fileSet, long version, long firstTimestamp, long lastTimestamp) {}
