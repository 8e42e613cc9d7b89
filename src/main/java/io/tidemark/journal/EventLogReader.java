package io.tidemark.journal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the intact records of one log from its beginning, while it is written or later.
 *
 * <p>Not thread-safe. Works on whatever bytes are there: it never fails because of damage.
 */
public interface EventLogReader extends AutoCloseable {

  /**
   * Moves to the next intact record; positions rise, with a jump where records are missing.
   *
   * @return the record, valid until the next call, or null at the end
   */
  @Nullable JournalRecord next() throws IOException;

  /**
   * Goes on behind the last record returned: {@link #next} returns what was appended since it found
   * the end. Reads little at a time from now on.
   */
  void resume() throws IOException;

  /**
   * Passes over what lies before the file that holds a position, without looking at it; call before
   * the first {@link #next}.
   *
   * @param position all records that hold it or a higher one stay
   */
  void skipTo(long position) throws IOException;

  /** Returns how many records were passed over because they were cut, altered, stale or foreign. */
  long damagedRecords();

  @Override
  void close() throws IOException;
}
