package io.tidemark.tdengine;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.tracker.ChangeTracker;
import java.io.IOException;

/**
 * Collects events and coverage into journal records and appends each when it is full.
 *
 * <p>A version is declared complete only in the record that holds its last event, so after a crash
 * a version is either whole or read again. One that was declared unknown is never declared
 * complete. Used by one thread.
 */
final class EventBatch {
  private static final int MAX_VERSIONS = 4096;

  private final ChangeTracker tracker;
  private final RecordBuffer record = new RecordBuffer();

  /** First version that no gap of this generation reaches. */
  private long undeclared;

  private long firstPending;
  private long pending;
  private long term;
  private long bodyChecksum;
  private long segmentFirstVersion;
  private long fileOffset;
  private long eventCount;

  EventBatch(ChangeTracker tracker) {
    this.tracker = tracker;
    record.generation(tracker.coverage().generation());
  }

  void event(BlockEventType type, long blockId, long walOffset, long timestampNs)
      throws IOException {
    makeRoom();
    record.event(type, blockId, walOffset, timestampNs);
    eventCount++;
  }

  void flushAll(long walOffset, long timestampNs) throws IOException {
    makeRoom();
    record.flushAll(walOffset, timestampNs);
    eventCount++;
  }

  void assign(long blockId, byte[] name) throws IOException {
    makeRoom();
    record.assign(blockId, name);
  }

  void tombstone(long walOffset, byte[] tombstone) throws IOException {
    makeRoom();
    record.tombstone(walOffset, tombstone);
  }

  /** Ends the version of a record whose events are all added; versions end in ascending order. */
  void complete(WalRecord walRecord) throws IOException {
    long version = walRecord.version();
    if (pending == 0) {
      firstPending = version;
    }
    assert version == firstPending + pending
        : "versions are not dense: first=" + firstPending + ", next=" + version;
    pending++;
    term = walRecord.term();
    bodyChecksum = walRecord.bodyChecksum();
    segmentFirstVersion = walRecord.segmentFirstVersion();
    fileOffset = walRecord.fileOffset();
    if (record.isFull() || pending >= MAX_VERSIONS || isAsLongAsAllowed()) {
      append();
    }
  }

  /** Declares versions unknown that come right behind the last complete one. */
  void gap(long first, long last, String reason) throws IOException {
    cover();
    makeRoom();
    record.gap(first, last, reason);
    append();
    undeclared = last + 1;
  }

  /** Appends what is there and goes on in a new generation. */
  void beginGeneration(int generation, long firstOwn) throws IOException {
    append();
    undeclared = firstOwn;
    record.generation(generation);
    record.beginGeneration(firstOwn);
  }

  /** Returns how many events were added since it was asked last. */
  long takeEventCount() {
    long count = eventCount;
    eventCount = 0;
    return count;
  }

  private void makeRoom() throws IOException {
    if (!record.hasRoom() || isAsLongAsAllowed()) {
      append();
    }
  }

  private boolean isAsLongAsAllowed() {
    return record.count() >= tracker.recordEventsMax();
  }

  private void cover() {
    long first = Math.max(firstPending, undeclared);
    long last = firstPending + pending - 1;
    if (first <= last) {
      WalMark mark = new WalMark(term, bodyChecksum, segmentFirstVersion, fileOffset);
      record.cover(first, last, mark.encode());
    }
    pending = 0;
  }

  /** Journals what was collected, and declares the versions complete that ended in it. */
  void append() throws IOException {
    cover();
    if (record.count() > 0) {
      tracker.append(record);
    }
  }
}
