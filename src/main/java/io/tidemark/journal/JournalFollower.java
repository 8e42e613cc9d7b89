package io.tidemark.journal;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a store's journal from a position on, over all its logs, while its writer
 * appends and recycles.
 *
 * <p>In the writer's process, which knows through where there are entries. Not thread-safe. Holds a
 * file and a buffer of 4 MiB beside the heap.
 */
public final class JournalFollower implements AutoCloseable {

  /*
   * Whoever reads says through which position everything is applied. A position at or below it that
   * is not found is therefore not on its way: it was recycled, or damaged.
   *
   * A log ends where the next one begins, by the next one's name; this opening's begins where the
   * writer said, and is there from its first append on. Whatever an older log holds from there on was
   * given up.
   */

  /** How often it begins again because a file vanished that was listed just before. */
  private static final int ATTEMPTS = 5;

  private final EventLogs logs;
  private final long firstOwn;
  private long next;
  private @Nullable EventLogReader log;
  private long begin;
  private long end;
  private @Nullable JournalRecord record;

  /**
   * Creates a follower that has read nothing.
   *
   * @param logs the journal; used by the thread of the follower
   * @param firstOwn position of the first entry that the writer's opening appends
   * @param from position of the first entry that is wanted, at least 1
   */
  public JournalFollower(EventLogs logs, long firstOwn, long from) {
    this.logs = logs;
    this.firstOwn = firstOwn;
    this.next = from;
  }

  /** Returns the journal position of the first entry that was not passed. */
  public long next() {
    return next;
  }

  /** Passes over all entries through a position: they are not wanted any more. */
  public void passThrough(long position) {
    assert position >= next - 1 : "follower went back: next=" + next + ", position=" + position;
    next = position + 1;
  }

  /**
   * Returns the record that holds {@link #next}; if that is missing, the first record behind it.
   *
   * @param applied a position through which everything is journaled
   * @return valid until the next call; null if nothing from {@code next} through {@code applied} is
   *     there
   * @throws IOException if the journal cannot be read; {@link #close} and try again
   */
  public @Nullable JournalRecord read(long applied) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return find(applied);
      } catch (NoSuchFileException e) {
        close();
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private @Nullable JournalRecord find(long applied) throws IOException {
    boolean hasResumed = false;
    while (next <= applied) {
      JournalRecord found = current();
      if (found != null && found.firstPosition() <= next) {
        return found;
      }
      EventLogReader reader = log;
      if (found == null && reader != null && !hasResumed) {
        reader.resume();
        hasResumed = true;
        continue;
      }
      long other = otherLog(found);
      if (other == 0) {
        return found != null && found.firstPosition() <= applied ? found : null;
      }
      open(other);
      hasResumed = false;
    }
    return null;
  }

  /** Returns the first record of the open log that ends at or behind the next position. */
  private @Nullable JournalRecord current() throws IOException {
    JournalRecord found = record;
    EventLogReader reader = log;
    while (reader != null && (found == null || found.lastPosition() < next)) {
      found = reader.next();
      if (found == null) {
        break;
      }
    }
    record = found;
    return found != null && found.firstPosition() <= end ? found : null;
  }

  /**
   * Returns the beginning of the log to read instead of the open one, where the next position is
   * missing; 0 for none.
   *
   * @param found the first record behind it in the open log; null for none
   */
  private long otherLog(@Nullable JournalRecord found) throws IOException {
    long holder = 0;
    long behind = 0;
    for (long candidate : logs.list()) {
      if (candidate <= next) {
        holder = candidate;
      } else if (behind == 0 && candidate > begin) {
        behind = candidate;
      }
    }
    if (holder > begin) {
      return holder;
    }
    return found == null || behind <= found.firstPosition() ? behind : 0;
  }

  private void open(long firstPosition) throws IOException {
    close();
    begin = firstPosition;
    end = firstPosition < firstOwn ? firstOwn - 1 : Long.MAX_VALUE;
    for (long other : logs.list()) {
      if (other > firstPosition) {
        end = other - 1;
        break;
      }
    }
    EventLogReader opened = logs.read(firstPosition);
    log = opened;
    opened.skipTo(next);
  }

  /** Closes the file that it reads; the next {@link #read} opens it again. */
  @Override
  public void close() throws IOException {
    EventLogReader current = log;
    log = null;
    record = null;
    begin = 0;
    if (current != null) {
      current.close();
    }
  }
}
