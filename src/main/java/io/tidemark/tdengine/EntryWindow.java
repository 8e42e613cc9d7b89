package io.tidemark.tdengine;

import java.util.Arrays;

/** Term and checksum of the newest versions read, to tell a repeated record from another one. */
final class EntryWindow {
  private static final int CAPACITY = 1 << 16;
  private static final long EMPTY = -1;

  private final long[] versions = new long[CAPACITY];
  private final long[] terms = new long[CAPACITY];
  private final int[] checksums = new int[CAPACITY];
  private long highestTerm;

  EntryWindow() {
    Arrays.fill(versions, EMPTY);
  }

  void add(WalRecord record) {
    add(record.version(), record.term(), record.bodyChecksum());
  }

  void add(long version, long term, long bodyChecksum) {
    int slot = slot(version);
    versions[slot] = version;
    terms[slot] = term;
    checksums[slot] = (int) bodyChecksum;
    noteTerm(term);
  }

  /** Takes into account that a term was read, in an entry that is not in the window. */
  void noteTerm(long term) {
    if (Long.compareUnsigned(term, highestTerm) > 0) {
      highestTerm = term;
    }
  }

  /** Returns whether the record is the very entry that was read at its version before. */
  boolean isSameEntry(WalRecord record) {
    int slot = slot(record.version());
    return versions[slot] == record.version()
        && terms[slot] == record.term()
        && checksums[slot] == (int) record.bodyChecksum();
  }

  /** Returns whether the window still holds what was read at a version. */
  boolean has(long version) {
    return versions[slot(version)] == version;
  }

  /** Returns whether the record was written in a term above that of every record read. */
  boolean isNewerTerm(WalRecord record) {
    return isNewerTerm(record.term());
  }

  /** Returns whether a term is above that of every record read, of which there is one. */
  boolean isNewerTerm(long term) {
    return highestTerm != 0 && Long.compareUnsigned(term, highestTerm) > 0;
  }

  /** Returns whether a record can only stand in a log that below it is the one read. */
  boolean isFollowedBy(WalRecord record) {
    return record.term() == highestTerm || isFirstOfNextTerm(record);
  }

  /**
   * Returns whether a record is the first of the term that directly follows the highest read.
   *
   * <p>One leader writes all entries of a term, in order, and its first one tells that it began. So
   * no entry below such a record can have been written again.
   */
  boolean isFirstOfNextTerm(WalRecord record) {
    return record.term() == highestTerm + 1 && record.messageType() == MessageType.SYNC_NOOP.id();
  }

  /** Forgets what was read from a version on. */
  void truncate(long firstVersion) {
    highestTerm = 0;
    for (int slot = 0; slot < CAPACITY; slot++) {
      if (versions[slot] >= firstVersion) {
        versions[slot] = EMPTY;
      } else if (versions[slot] != EMPTY && Long.compareUnsigned(terms[slot], highestTerm) > 0) {
        highestTerm = terms[slot];
      }
    }
  }

  /** Returns the highest term of any record read, 0 if none was. */
  long highestTerm() {
    return highestTerm;
  }

  private static int slot(long version) {
    return (int) (version & (CAPACITY - 1));
  }
}
