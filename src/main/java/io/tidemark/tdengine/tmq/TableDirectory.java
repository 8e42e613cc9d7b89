package io.tidemark.tdengine.tmq;

import io.tidemark.tdengine.RowFeed;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a database as its server knows them now.
 *
 * <p>Used by one thread at a time. After an exception only {@link #close} may be called.
 */
public interface TableDirectory extends AutoCloseable {

  /**
   * What is known of a name.
   *
   * @param timeColumn name of the column that is the key
   */
  record Entry(RowFeed.Table table, String timeColumn) {}

  /** Returns what has a name now; null if nothing does. */
  @Nullable Entry find(String table) throws IOException;

  /** Returns the table that has a uid; null if there is none any more. */
  RowFeed.@Nullable Table named(long uid) throws IOException;

  @Override
  void close() throws IOException;
}
