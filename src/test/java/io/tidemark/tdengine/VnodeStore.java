package io.tidemark.tdengine;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** A tracker on a vnode's WAL, and its answers in the oracle's terms. */
final class VnodeStore implements AutoCloseable {
  /** Small enough that every corpus log fills several segments. */
  static final TrackerOptions OPTIONS =
      TrackerOptions.builder()
          .unlimited()
          .maxOpenEvents(40)
          .segmentsPerCheckpoint(2)
          .journalRollBytes(1 << 16)
          .journalKeepBytes(1 << 22)
          .build();

  private final ChangeTracker tracker;
  private final WalEventSource source;

  VnodeStore(VnodeDirectory vnode, Path store) throws Exception {
    this(vnode, store, OPTIONS);
  }

  VnodeStore(VnodeDirectory vnode, Path store, TrackerOptions options) throws Exception {
    this(vnode, ChangeTracker.open(store, WalEventSource.shardOf(vnode.config()), options));
  }

  /** Takes over a tracker; abandons it if the WAL cannot be opened. */
  VnodeStore(VnodeDirectory vnode, ChangeTracker tracker) throws Exception {
    this.tracker = tracker;
    try {
      source = WalEventSource.open(vnode, tracker);
    } catch (Exception | AssertionError e) {
      tracker.abandon();
      throw e;
    }
  }

  ChangeTracker tracker() {
    return tracker;
  }

  IngestReport catchUp() throws IOException {
    return source.catchUp();
  }

  /** Reads so many records at most. */
  IngestReport catchUp(long recordLimit) throws IOException {
    return source.catchUp(recordLimit);
  }

  /** Returns the version that is due next. */
  long nextVersion() {
    return source.nextVersion();
  }

  ChangeSet after(long version) {
    return tracker.view().changedAfter(new WalPosition(1, version));
  }

  /** Names and kinds of an answer that must be exact. */
  Map<String, ChangeOracle.Change> exact(ChangeSet answer) {
    if (answer.verdict() != Verdict.EXACT || !answer.holes().isEmpty()) {
      throw new AssertionError("not exact: " + answer.verdict() + " " + answer.holes());
    }
    return known(answer);
  }

  /** Names and kinds of an answer, whatever its verdict. */
  Map<String, ChangeOracle.Change> known(ChangeSet answer) {
    Map<String, ChangeOracle.Change> result = new TreeMap<>();
    for (BlockChange change : answer.changes()) {
      result.put(
          keyOf(change.blockId()),
          new ChangeOracle.Change(
              change.kind(),
              change.first().walOffset(),
              change.last().walOffset(),
              change.timestampNs()));
    }
    return result;
  }

  String keyOf(long blockId) {
    return ChangeOracle.keyOf(
        BlockName.decode(Objects.requireNonNull(tracker.catalog().name(blockId))));
  }

  @Override
  public void close() throws IOException {
    source.close();
    tracker.close();
  }
}
