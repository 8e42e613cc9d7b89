package io.tidemark.tdengine;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;

/**
 * The rows that were written to one vgroup, from a reader of its log that shows rows and nothing
 * else.
 *
 * <p>Holds no position of its own that counts: each call says which version is due. Called by one
 * thread at a time.
 */
public interface RowFeed {

  /**
   * A table, as a server knows it by its name now.
   *
   * @param uid the table
   * @param suid its stable; 0 for none
   * @param stable name of the stable; empty for none
   */
  record Table(long uid, long suid, String name, String stable) {}

  /** One row: whose, and the time that is its key. */
  record Row(Table table, Instant time) {}

  /**
   * What came of a stretch of the log.
   *
   * @param begin oldest version that the server still has
   * @param next version behind the stretch, which begins with the one that was due; equal to it
   *     where nothing came
   * @param end version behind the log's last; below the one that was due if the log was rolled back
   *     or replaced
   * @param rows rows of the stretch
   * @param unknownTables names that had rows and that no table has any more
   */
  record Batch(long begin, long next, long end, List<Row> rows, SortedSet<String> unknownTables) {}

  /**
   * Returns what follows, after waiting a little if nothing does.
   *
   * @param expected the version that is due
   * @throws IOException if the server cannot be asked; the same call may be made again
   */
  Batch read(long expected) throws IOException;
}
