package io.tidemark.tdengine;

import java.io.IOException;
import java.util.List;

/**
 * What brings one log, of a vgroup or of an embedded engine, into its tracker: every version is
 * declared once, complete or a hole.
 *
 * <p>Begins behind what the tracker's store has delivered, so one may be exchanged for another.
 * Used by the tracker's thread.
 */
public interface VgroupSource extends AutoCloseable {

  /**
   * Reads the log to its present end or so many of its records, whichever comes first; everything
   * read is applied when this returns.
   *
   * @param recordLimit at least 1
   */
  IngestReport catchUp(long recordLimit) throws IOException;

  /** Returns the version that is due next. */
  long nextVersion();

  /** Returns the uids of tables that have data blocks and no name, at most so many. */
  List<Long> unnamed(int limit);

  /** Gives tables their names, as somebody knows them by their uids; applied when this returns. */
  void name(List<RowFeed.Table> tables) throws IOException;

  /** Gives back what it reads from; the tracker stays open. */
  @Override
  void close() throws IOException;
}
