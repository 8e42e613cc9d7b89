package io.tidemark.ingest;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Gives an embedded engine's log to a sink.
 *
 * <p>Guarded by the engine's lock.
 */
final class EmbeddedFeed {

  /*
   * A store counts generations as the engine does: each rollback that it was told of is one. So from
   * the position through which it has everything follows which rollbacks it was not told of. Those it
   * is told of first, each from no further than the first change it does not have: it takes nothing
   * back that it was never given, and what an old generation has and the store lacks is not missed.
   */

  private static final String RECYCLED = "log was recycled before it was read";
  private static final int RECORDS_PER_PROMISE = 1024;

  /** Takes what happens; null before the start, and after a call of it failed. */
  private @Nullable BlockEventSink sink;

  /** Replays the log; from now on the sink is given what happens. */
  void start(@Nullable WalPosition completeThrough, BlockEventSink to, EmbeddedStore store)
      throws IOException {
    if (sink != null) {
      throw new IllegalStateException("source was started before");
    }
    EmbeddedManifest manifest = store.manifest();
    check(completeThrough, manifest, store.walOffset());
    List<EmbeddedManifest.LogFile> logs = store.wholeLogs();
    long firstAvailable = logs.isEmpty() ? store.walOffset() + 1 : logs.get(0).first();
    long next = announce(completeThrough, manifest, firstAvailable, to);
    replay(next, store.directory(), manifest.engineId(), logs, to);
    to.completeThrough(store.walOffset());
    sink = to;
  }

  /**
   * Refuses a store that has more than the log.
   *
   * @param walOffset of the log's last record
   */
  static void check(
      @Nullable WalPosition completeThrough, EmbeddedManifest manifest, long walOffset) {
    if (completeThrough == null) {
      return;
    }
    int generation = completeThrough.generation();
    long had = completeThrough.walOffset();
    boolean isKnown =
        generation >= 1
            && generation <= manifest.generation()
            && Long.compareUnsigned(had, EmbeddedEngine.LAST_WAL_OFFSET) <= 0
            && (generation < manifest.generation() || Long.compareUnsigned(had, walOffset) <= 0);
    if (!isKnown) {
      throw new IllegalArgumentException(
          "store is ahead of the log: completeThrough="
              + completeThrough
              + ", log="
              + new WalPosition(manifest.generation(), walOffset));
    }
  }

  /**
   * Tells a sink where the log goes on for a store, and which rollbacks the store was not told of.
   *
   * @param completeThrough what the store has; null if it was never given anything
   * @param firstAvailable WAL offset from which on the log is there
   * @return WAL offset of the first record to give
   */
  static long announce(
      @Nullable WalPosition completeThrough,
      EmbeddedManifest manifest,
      long firstAvailable,
      BlockEventSink to) {
    long had = completeThrough == null ? 0 : completeThrough.walOffset();
    int generation = completeThrough == null ? 1 : completeThrough.generation();
    boolean isWhole = firstAvailable == manifest.firstWalOffset();
    // Below the engine's first change there is nothing, so nothing is lost there.
    long lost = isWhole ? 0 : firstAvailable - 1;
    if (completeThrough == null && isWhole) {
      to.continueFrom(0);
      to.completeThrough(0);
    } else {
      to.continueFrom(max(had, lost) + 1);
    }
    long next = had + 1;
    for (EmbeddedManifest.Generation unknown :
        manifest.generations().subList(generation, manifest.generation())) {
      next = min(next, unknown.firstOwn());
      to.rolledBack(next, unknown.timestampNs());
      if (Long.compareUnsigned(next, lost) <= 0) {
        to.gap(next, lost, RECYCLED);
      }
    }
    return max(next, lost + 1);
  }

  /** Gives the records from a WAL offset on. */
  private static void replay(
      long from,
      EmbeddedDirectory directory,
      long engineId,
      List<EmbeddedManifest.LogFile> logs,
      BlockEventSink to)
      throws IOException {
    int given = 0;
    for (EmbeddedManifest.LogFile log : logs) {
      if (Long.compareUnsigned(log.last(), from) < 0) {
        continue;
      }
      try (EmbeddedLogReader reader = directory.read(log, engineId)) {
        while (reader.walOffset() != log.last()) {
          reader.next();
          if (Long.compareUnsigned(reader.walOffset(), from) >= 0) {
            give(reader.type(), reader.blockId(), reader.walOffset(), reader.timestampNs(), to);
            given++;
            if (given % RECORDS_PER_PROMISE == 0) {
              to.completeThrough(reader.walOffset());
            }
          }
        }
      }
    }
  }

  /** Gives one record. */
  static void give(
      EmbeddedRecordType type, long blockId, long walOffset, long timestampNs, BlockEventSink to) {
    switch (type) {
      case CREATE -> to.onEvent(BlockEventType.CREATE, blockId, walOffset, timestampNs);
      case UPDATE -> to.onEvent(BlockEventType.UPDATE, blockId, walOffset, timestampNs);
      case DELETE -> to.onEvent(BlockEventType.DELETE, blockId, walOffset, timestampNs);
      case FLUSH -> to.onFlushAll(walOffset, timestampNs);
      case BEGIN -> {
        // Nothing happened to a block.
      }
    }
  }

  /** Gives a record that was appended; a sink that fails gets nothing more. */
  void onRecord(EmbeddedRecordType type, long blockId, long walOffset, long timestampNs) {
    BlockEventSink to = sink;
    if (to != null) {
      sink = null;
      give(type, blockId, walOffset, timestampNs, to);
      to.completeThrough(walOffset);
      sink = to;
    }
  }

  /** Gives a rollback and the record that begins the generation. */
  void onRollback(long firstOwn, long timestampNs) {
    BlockEventSink to = sink;
    if (to != null) {
      sink = null;
      to.rolledBack(firstOwn, timestampNs);
      to.completeThrough(firstOwn);
      sink = to;
    }
  }

  /** Gives nothing more. */
  void stop() {
    sink = null;
  }

  static long max(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static long min(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }
}
