package io.tidemark.benchmarks.comparison;

import io.tidemark.block.BlockState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.LongDataType;
import org.jspecify.annotations.Nullable;

/**
 * H2's MVStore: a log-structured B-tree in pure Java; three maps.
 *
 * <p>A commit writes all changed pages up to the roots, far too much for 512 events: it comes every
 * 2^16 events, and a journal file holds the batches since. Keys above all others are appended,
 * which spares the search. The cache is 256 MiB, old versions are not kept, compaction runs in the
 * store's own thread.
 */
final class MvStore implements TrackedStore {
  private static final int EVENTS_PER_COMMIT = 1 << 16;
  private static final int CACHE_MIB = 256;

  private final MVStore store;
  private final MVMap<Long, LastChange> blocks;
  private final MVMap<Change, Boolean> byOffset;
  private final MVMap<Change, Boolean> byTime;
  private final BatchLog log;
  private final IdList ids = new IdList();
  private int uncommitted;

  private MvStore(Path directory) throws IOException {
    store =
        new MVStore.Builder()
            .fileName(directory.resolve("store").toString())
            .cacheSize(CACHE_MIB)
            .open();
    store.setVersionsToKeep(0);
    blocks =
        store.openMap(
            "blocks",
            new MVMap.Builder<Long, LastChange>()
                .keyType(LongDataType.INSTANCE)
                .valueType(new MvStoreTypes.LastChangeType())
                .singleWriter());
    byOffset = store.openMap("byOffset", index());
    byTime = store.openMap("byTime", index());
    log = new BatchLog(directory.resolve("journal"), this::apply);
  }

  private static MVMap.Builder<Change, Boolean> index() {
    return new MVMap.Builder<Change, Boolean>()
        .keyType(new MvStoreTypes.ChangeType())
        .valueType(new MvStoreTypes.NothingType())
        .singleWriter();
  }

  static TrackedStore open(Path directory) throws IOException {
    return new MvStore(Files.createDirectories(directory));
  }

  @Override
  public void append(EventBatch batch) throws IOException {
    log.append(batch);
    apply(batch);
    uncommitted += batch.size();
    if (uncommitted >= EVENTS_PER_COMMIT) {
      commit();
    }
  }

  private void commit() throws IOException {
    store.commit();
    log.clear();
    uncommitted = 0;
  }

  /** Applies a batch; doing it again changes nothing. */
  private void apply(EventBatch batch) {
    Change highestOffset = byOffset.lastKey();
    Change highestTime = byTime.lastKey();
    for (int i = 0; i < batch.size(); i++) {
      long blockId = batch.blockId(i);
      blocks.put(blockId, LastChange.of(batch, i));
      highestOffset = put(byOffset, new Change(batch.walOffset(i), blockId), highestOffset);
      highestTime = put(byTime, new Change(batch.timestampNs(i), blockId), highestTime);
    }
  }

  /** Adds a key and returns the highest one. */
  private static Change put(MVMap<Change, Boolean> index, Change change, @Nullable Change highest) {
    if (highest != null && change.compareTo(highest) <= 0) {
      index.put(change, Boolean.TRUE);
      return highest;
    }
    index.append(change, Boolean.TRUE);
    return change;
  }

  @Override
  public long[] changedInOffsets(long first, long last) {
    return changedIn(byOffset, first, last);
  }

  @Override
  public long[] changedInTime(long firstNs, long lastNs) {
    return changedIn(byTime, firstNs, lastNs);
  }

  private long[] changedIn(MVMap<Change, Boolean> index, long first, long last) {
    ids.clear();
    Cursor<Change, Boolean> cursor = index.cursor(Change.first(first), Change.last(last), false);
    while (cursor.hasNext()) {
      ids.add(cursor.next().blockId());
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
    commit();
    store.sync();
    store.close();
    log.close();
  }
}
