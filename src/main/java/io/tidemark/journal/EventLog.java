package io.tidemark.journal;

import java.io.IOException;

/**
 * The writing end of one log of the change journal, begun by this opening of the store and appended
 * to by nobody else.
 *
 * <p>Positions are dense and belong to the store. Single writer: all calls from one thread. After
 * an append or a force failed only {@link #durablePosition} and {@link #close} make sense.
 */
public interface EventLog extends AutoCloseable {

  /**
   * Appends one record; it survives a killed process when this returns, a power cut only after
   * {@link #force}.
   *
   * @param record not empty; left as it was written, for the caller to fold and clear
   * @return position of its last entry
   * @throws io.tidemark.errors.StoreFullException if there is no space for it; nothing was appended
   * @throws io.tidemark.errors.StoreFailedException if the append failed, now or before
   */
  long append(RecordBuffer record) throws IOException;

  /**
   * Makes everything appended durable.
   *
   * @throws io.tidemark.errors.StoreFailedException if it could not; the log takes nothing more
   */
  void force();

  /** Returns the position of the last entry appended. */
  long lastPosition();

  /** Returns the position up to which entries survive a power cut. */
  long durablePosition();

  /** Returns how many bytes the log holds. */
  long length();

  /**
   * Deletes the oldest entries, as far as whole files hold nothing else.
   *
   * @param position no entry above it is deleted
   * @param keepBytes bytes of finished files that stay although they may go
   */
  void recycle(long position, long keepBytes) throws IOException;

  /** Closes the log; forces nothing. */
  @Override
  void close() throws IOException;
}
