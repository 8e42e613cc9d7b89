package io.tidemark.benchmarks.comparison;

import static org.lmdbjava.DbiFlags.MDB_CREATE;
import static org.lmdbjava.DbiFlags.MDB_DUPFIXED;
import static org.lmdbjava.DbiFlags.MDB_DUPSORT;
import static org.lmdbjava.DbiFlags.MDB_INTEGERDUP;
import static org.lmdbjava.DbiFlags.MDB_INTEGERKEY;
import static org.lmdbjava.EnvFlags.MDB_NOMEMINIT;
import static org.lmdbjava.EnvFlags.MDB_NORDAHEAD;
import static org.lmdbjava.EnvFlags.MDB_NOSYNC;
import static org.lmdbjava.EnvFlags.MDB_WRITEMAP;

import io.tidemark.block.BlockState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lmdbjava.ByteBufferProxy;
import org.lmdbjava.Cursor;
import org.lmdbjava.Dbi;
import org.lmdbjava.Env;
import org.lmdbjava.GetOp;
import org.lmdbjava.PutFlags;
import org.lmdbjava.Txn;

/**
 * LMDB: a mapped B+ tree with copied pages; a transaction a batch.
 *
 * <p>{@code NOSYNC} and {@code WRITEMAP} leave writing to the kernel: what was committed survives
 * the process, and after a power cut the file may be damaged, as its manual says. Integer keys; the
 * indexes hold ids as sorted duplicates of fixed size, 26 bytes a change. Keys above all others are
 * appended ({@code MDB_APPEND}), which fills pages to the end.
 */
final class LmdbStore implements TrackedStore {
  private static final long MAP_SIZE = 64L << 30;
  private static final int ROW_LENGTH = 2 * Long.BYTES + 1;
  private static final PutFlags[] SORTED_IN = {};
  private static final PutFlags[] APPENDED = {PutFlags.MDB_APPEND};

  private final Env<ByteBuffer> env;
  private final Dbi<ByteBuffer> blocks;
  private final Dbi<ByteBuffer> byOffset;
  private final Dbi<ByteBuffer> byTime;
  private final ByteBuffer key = buffer(Long.BYTES);
  private final ByteBuffer value = buffer(Long.BYTES);
  private final ByteBuffer row = buffer(ROW_LENGTH);
  private final IdList ids = new IdList();
  private long highestOffset;
  private long highestNs;

  private LmdbStore(Path directory) {
    env =
        Env.create(ByteBufferProxy.PROXY_OPTIMAL)
            .setMapSize(MAP_SIZE)
            .setMaxDbs(3)
            .open(directory.toFile(), MDB_NOSYNC, MDB_WRITEMAP, MDB_NORDAHEAD, MDB_NOMEMINIT);
    blocks = env.openDbi("blocks", MDB_CREATE, MDB_INTEGERKEY);
    byOffset = index("byOffset");
    byTime = index("byTime");
    highestOffset = highest(byOffset);
    highestNs = highest(byTime);
  }

  static TrackedStore open(Path directory) throws IOException {
    return new LmdbStore(Files.createDirectories(directory));
  }

  private Dbi<ByteBuffer> index(String name) {
    return env.openDbi(name, MDB_CREATE, MDB_INTEGERKEY, MDB_DUPSORT, MDB_DUPFIXED, MDB_INTEGERDUP);
  }

  private static ByteBuffer buffer(int length) {
    return ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
  }

  private long highest(Dbi<ByteBuffer> index) {
    try (Txn<ByteBuffer> txn = env.txnRead();
        Cursor<ByteBuffer> cursor = index.openCursor(txn)) {
      return cursor.last() ? longAt(cursor.key()) : -1;
    }
  }

  @Override
  public void append(EventBatch batch) {
    try (Txn<ByteBuffer> txn = env.txnWrite()) {
      putBlocks(txn, batch);
      try (Cursor<ByteBuffer> cursor = byOffset.openCursor(txn)) {
        for (int i = 0; i < batch.size(); i++) {
          put(cursor, batch.walOffset(i), batch.blockId(i), batch.walOffset(i) > highestOffset);
          highestOffset = Math.max(highestOffset, batch.walOffset(i));
        }
      }
      try (Cursor<ByteBuffer> cursor = byTime.openCursor(txn)) {
        for (int i = 0; i < batch.size(); i++) {
          put(cursor, batch.timestampNs(i), batch.blockId(i), batch.timestampNs(i) > highestNs);
          highestNs = Math.max(highestNs, batch.timestampNs(i));
        }
      }
      txn.commit();
    }
  }

  private void putBlocks(Txn<ByteBuffer> txn, EventBatch batch) {
    try (Cursor<ByteBuffer> cursor = blocks.openCursor(txn)) {
      for (int i = 0; i < batch.size(); i++) {
        row.putLong(0, batch.walOffset(i)).putLong(Long.BYTES, batch.timestampNs(i));
        row.put(2 * Long.BYTES, (byte) (batch.isDelete(i) ? 1 : 0));
        cursor.put(key.putLong(0, batch.blockId(i)), row, SORTED_IN);
      }
    }
  }

  private void put(Cursor<ByteBuffer> cursor, long at, long blockId, boolean isHighest) {
    cursor.put(key.putLong(0, at), value.putLong(0, blockId), isHighest ? APPENDED : SORTED_IN);
  }

  @Override
  public long[] changedInOffsets(long first, long last) {
    return changedIn(byOffset, first, last);
  }

  @Override
  public long[] changedInTime(long firstNs, long lastNs) {
    return changedIn(byTime, firstNs, lastNs);
  }

  private long[] changedIn(Dbi<ByteBuffer> index, long first, long last) {
    ids.clear();
    try (Txn<ByteBuffer> txn = env.txnRead();
        Cursor<ByteBuffer> cursor = index.openCursor(txn)) {
      boolean isThere = cursor.get(key.putLong(0, first), GetOp.MDB_SET_RANGE);
      while (isThere && longAt(cursor.key()) <= last) {
        ids.add(longAt(cursor.val()));
        isThere = cursor.next();
      }
    }
    return ids.distinct();
  }

  @Override
  public BlockState state(long blockId) {
    try (Txn<ByteBuffer> txn = env.txnRead()) {
      ByteBuffer found = blocks.get(txn, key.putLong(0, blockId));
      return LastChange.stateAfter(found.get(2 * Long.BYTES) != 0);
    }
  }

  @Override
  public long lastOffset(long blockId) {
    try (Txn<ByteBuffer> txn = env.txnRead()) {
      return longAt(blocks.get(txn, key.putLong(0, blockId)));
    }
  }

  /** Reads the first number of what LMDB shows, which is in native order. */
  private static long longAt(ByteBuffer shown) {
    return shown.order(ByteOrder.nativeOrder()).getLong(0);
  }

  @Override
  public void close() {
    env.sync(true);
    env.close();
  }
}
