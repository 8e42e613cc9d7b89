package io.tidemark.journal;

import java.io.IOException;

/**
 * The writing end of one log of the change journal, begun by this opening of the store and appended
 * to by nobody else.
 *
 * <p>Positions are dense and belong to the store. Single writer: one thread at a time appends,
 * recycles and closes. Any thread may force and read positions meanwhile, and holds up no append;
 * only an append that would leave a second file behind that is not durable waits for it. After an
 * append or a force failed only the positions and {@link #close} make sense.
 *
 * <p>Neither position goes back, and {@link #durablePosition} is never above {@link #lastPosition}.
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
   * Makes everything durable that was appended before the call; from any thread.
   *
   * <p>An interrupt of the calling thread may close the file it forces, which is a failure.
   *
   * @throws io.tidemark.errors.StoreFailedException if it could not, now or before; the log takes
   *     nothing more, and nothing more becomes durable
   * @throws IllegalStateException if the log is closed and not all of it is durable
   */
  void force();

  /** Returns the position of the last entry appended; from any thread. */
  long lastPosition();

  /** Returns the position up to which entries survive a power cut; from any thread. */
  long durablePosition();

  /** Returns how many bytes the log holds. */
  long length();

  /**
   * Deletes the oldest entries, as far as whole files hold nothing else.
   *
   * @param position no entry above it is deleted; it is durable
   * @param keepBytes bytes of finished files that stay although they may go
   */
  void recycle(long position, long keepBytes) throws IOException;

  /** Closes the log, after a force that is running; forces nothing. */
  @Override
  void close() throws IOException;
}
