package io.tidemark.benchmarks.comparison;

import io.tidemark.block.BlockState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What one writes without a library: a hash map of blocks, a skip list by WAL offset and one by
 * time, and a journal file that is read again at opening.
 *
 * <p>The concurrent collections of the JDK, since events come while questions are asked. A skip
 * list of bitmaps, one a position, would take 1 to 2 kB a change.
 */
final class HeapStore implements TrackedStore {
  private final ConcurrentHashMap<Long, LastChange> blocks = new ConcurrentHashMap<>();
  private final ConcurrentNavigableMap<Change, Boolean> byOffset = new ConcurrentSkipListMap<>();
  private final ConcurrentNavigableMap<Change, Boolean> byTime = new ConcurrentSkipListMap<>();
  private final IdList ids = new IdList();
  private final BatchLog log;

  private HeapStore(Path directory) throws IOException {
    log = new BatchLog(directory.resolve("journal"), this::apply);
  }

  static TrackedStore open(Path directory) throws IOException {
    return new HeapStore(Files.createDirectories(directory));
  }

  @Override
  public void append(EventBatch batch) throws IOException {
    log.append(batch);
    apply(batch);
  }

  private void apply(EventBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      long blockId = batch.blockId(i);
      blocks.put(blockId, LastChange.of(batch, i));
      byOffset.put(new Change(batch.walOffset(i), blockId), Boolean.TRUE);
      byTime.put(new Change(batch.timestampNs(i), blockId), Boolean.TRUE);
    }
  }

  @Override
  public long[] changedInOffsets(long first, long last) {
    return changedIn(byOffset, first, last);
  }

  @Override
  public long[] changedInTime(long firstNs, long lastNs) {
    return changedIn(byTime, firstNs, lastNs);
  }

  private long[] changedIn(ConcurrentNavigableMap<Change, Boolean> index, long first, long last) {
    ids.clear();
    for (Change change :
        index.subMap(Change.first(first), true, Change.last(last), true).keySet()) {
      ids.add(change.blockId());
    }
    return ids.distinct();
  }

  @Override
  public BlockState state(long blockId) {
    return Objects.requireNonNull(blocks.get(blockId)).state();
  }

  @Override
  public long lastOffset(long blockId) {
    return Objects.requireNonNull(blocks.get(blockId)).walOffset();
  }

  @Override
  public void close() throws IOException {
    log.close();
  }
}
