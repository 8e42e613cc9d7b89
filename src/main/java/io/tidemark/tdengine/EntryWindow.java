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

  /** Returns whether the record was written in a term below the highest of any record read. */
  boolean isOlderTerm(WalRecord record) {
    return Long.compareUnsigned(record.term(), highestTerm) < 0;
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
