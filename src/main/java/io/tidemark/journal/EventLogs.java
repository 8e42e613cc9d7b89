package io.tidemark.journal;

import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The change journal of one store: logs that follow one another, each named by the position of its
 * first entry.
 *
 * <p>Each opening of the store that appends begins a log of its own; earlier ones are read only.
 * Writer and readers may be in different processes. Used by one thread.
 */
public interface EventLogs {

  /** Gives the journal of a store. */
  @FunctionalInterface
  interface Factory {

    /**
     * Returns the journal of a store; creates nothing.
     *
     * @param io where the store's files are
     * @param journal the store's {@code journal} directory
     * @param storeId identity of the store; records of another store are damage
     */
    EventLogs of(StorageIO io, Path journal, long storeId);
  }

  /**
   * Begins a log. If that fails it can be tried again.
   *
   * @param epoch number of this opening of the store
   * @param firstPosition position of the first entry that will be appended, above all there are
   * @param rollLength bytes after which the log begins a new file
   * @throws io.tidemark.errors.StoreFullException if there is no space for it
   */
  EventLog begin(long epoch, long firstPosition, long rollLength) throws IOException;

  /** Returns the first position of every log there is, ascending. */
  List<Long> list() throws IOException;

  /**
   * Returns the names of everything that recycling deletes as one. Who reads beside a writer missed
   * nothing of the journal if no name that was there before is gone afterwards.
   */
  Set<String> parts() throws IOException;

  /**
   * Reads the log that begins at a position, without a lock.
   *
   * @param firstPosition one of {@link #list}
   */
  EventLogReader read(long firstPosition) throws IOException;

  /** Returns how many bytes a log takes. */
  long length(long firstPosition) throws IOException;

  /** Deletes a log that nobody writes; out of sight in one step. */
  void recycle(long firstPosition) throws IOException;

  /** Deletes what is left of logs whose recycling was interrupted. */
  void deleteLeftovers() throws IOException;
}
