package io.tidemark.benchmarks.comparison;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMetadata;
import io.tidemark.block.BlockState;
import io.tidemark.block.Verdict;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.tracker.BlockIds;
import io.tidemark.tracker.ChangeRange;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.ChangedIds;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;

/** Tidemark as it is meant to be used: a record a batch, its usual options. */
final class TidemarkStore implements TrackedStore {
  private static final String SHARD = "comparison";
  private static final byte[] NO_MARK = {};

  private final ChangeTracker tracker;
  private final RecordBuffer record = new RecordBuffer();
  private long covered;

  private TidemarkStore(Path directory) throws IOException {
    tracker = ChangeTracker.open(directory, SHARD, TrackerOptions.defaults());
    Long through = tracker.coverage().completeThrough();
    covered = through == null ? 0 : through;
  }

  static TrackedStore open(Path directory) throws IOException {
    return new TidemarkStore(directory);
  }

  @Override
  public void append(EventBatch batch) throws IOException {
    for (int i = 0; i < batch.size(); i++) {
      record.event(
          batch.isDelete(i) ? BlockEventType.DELETE : BlockEventType.CREATE,
          batch.blockId(i),
          batch.walOffset(i),
          batch.timestampNs(i));
    }
    record.cover(covered, batch.lastOffset(), NO_MARK);
    tracker.append(record);
    covered = batch.lastOffset();
  }

  @Override
  public long[] changedInOffsets(long first, long last) {
    return changedIn(ChangeRange.offsets(first, last));
  }

  @Override
  public long[] changedInTime(long firstNs, long lastNs) {
    return changedIn(ChangeRange.timestamps(firstNs, lastNs));
  }

  private long[] changedIn(ChangeRange range) {
    ChangedIds answer = tracker.view().changedIds(range);
    if (answer.verdict() != Verdict.EXACT) {
      throw new IllegalStateException(
          "answer is not exact: verdict=" + answer.verdict() + ", holes=" + answer.holes());
    }
    long[] ids = new long[(int) answer.ids().size()];
    BlockIds.Cursor cursor = answer.ids().cursor();
    for (int i = 0; cursor.next(); i++) {
      ids[i] = cursor.blockId();
    }
    return ids;
  }

  @Override
  public BlockState state(long blockId) throws IOException {
    return tracker.state(blockId);
  }

  @Override
  public long lastOffset(long blockId) throws IOException {
    BlockMetadata metadata = Objects.requireNonNull(tracker.metadata(blockId));
    return metadata.last().walOffset();
  }

  @Override
  public void close() throws IOException {
    tracker.close();
  }
}
