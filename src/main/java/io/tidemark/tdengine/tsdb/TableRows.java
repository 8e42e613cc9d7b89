package io.tidemark.tdengine.tsdb;

/**
 * The rows of one table in one file set, as far as they are in data files.
 *
 * <p>Rows that were deleted or written again, and those of dropped tables, are among them as long
 * as the server has not merged them away.
 *
 * @param uid the table
 * @param suid its stable; 0 for none
 * @param fileSet the file set's number
 * @param minVersion lowest WAL version among the rows
 * @param maxVersion highest WAL version among them: what was written last
 * @param rows how many
 * @param firstTimestamp of the first, in the database's precision
 * @param lastTimestamp of the last
 */
public record TableRows(
    long uid,
    long suid,
    long fileSet,
    long minVersion,
    long maxVersion,
    long rows,
    long firstTimestamp,
    long lastTimestamp) {

  /** Returns the rows of both, which are of one table and file set. */
  TableRows plus(TableRows other) {
    assert uid == other.uid && fileSet == other.fileSet : "rows of another block: other=" + other;
    return new TableRows(
        uid,
        suid,
        fileSet,
        Math.min(minVersion, other.minVersion),
        Math.max(maxVersion, other.maxVersion),
        rows + other.rows,
        Math.min(firstTimestamp, other.firstTimestamp),
        Math.max(lastTimestamp, other.lastTimestamp));
  }
}
