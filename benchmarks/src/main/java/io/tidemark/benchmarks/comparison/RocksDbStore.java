package io.tidemark.benchmarks.comparison;

import io.tidemark.block.BlockState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB: an LSM tree with a write-ahead log; a write batch a batch, written and not forced.
 *
 * <p>Three column families as its tuning guide has them: memtables of 64 MiB, LZ4, level compaction
 * by two background jobs with dynamic level sizes, one cache of 256 MiB, Bloom filters where keys
 * are looked up. Index keys are position and id, big-endian, without a value.
 */
final class RocksDbStore implements TrackedStore {
  private static final int BLOCK_LENGTH = 16 << 10;
  private static final long CACHE_BYTES = 256L << 20;
  private static final int BLOOM_BITS = 10;
  private static final int ROW_LENGTH = 2 * Long.BYTES + 1;

  private final List<AutoCloseable> owned = new ArrayList<>();
  private final List<ColumnFamilyHandle> families = new ArrayList<>();
  private final RocksDB database;
  private final WriteOptions unforced;
  private final ReadOptions lookup;
  private final IdList ids = new IdList();
  private final ByteBuffer key = ByteBuffer.allocateDirect(Long.BYTES);
  private final ByteBuffer row = ByteBuffer.allocateDirect(ROW_LENGTH);
  private final ByteBuffer change = ByteBuffer.allocateDirect(2 * Long.BYTES);
  private final ByteBuffer nothing = ByteBuffer.allocateDirect(0);

  private RocksDbStore(Path directory) throws RocksDBException {
    LRUCache cache = own(new LRUCache(CACHE_BYTES));
    ColumnFamilyOptions rows = own(options(tables(cache).setFilterPolicy(own(bloom()))));
    ColumnFamilyOptions index = own(options(tables(cache)));
    DBOptions options =
        own(
            new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setMaxBackgroundJobs(2)
                .setBytesPerSync(1 << 20));
    unforced = own(new WriteOptions().setSync(false));
    lookup = own(new ReadOptions());
    database =
        RocksDB.open(
            options,
            directory.toString(),
            List.of(
                new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, rows),
                new ColumnFamilyDescriptor(name("byOffset"), index),
                new ColumnFamilyDescriptor(name("byTime"), index)),
            families);
  }

  static TrackedStore open(Path directory) throws IOException {
    RocksDB.loadLibrary();
    try {
      return new RocksDbStore(Files.createDirectories(directory));
    } catch (RocksDBException e) {
      throw new IOException(e);
    }
  }

  private <T extends AutoCloseable> T own(T resource) {
    owned.add(0, resource);
    return resource;
  }

  private static byte[] name(String family) {
    return family.getBytes(StandardCharsets.UTF_8);
  }

  private static BloomFilter bloom() {
    return new BloomFilter(BLOOM_BITS, false);
  }

  private static BlockBasedTableConfig tables(LRUCache cache) {
    return new BlockBasedTableConfig()
        .setBlockSize(BLOCK_LENGTH)
        .setBlockCache(cache)
        .setFormatVersion(5);
  }

  private static ColumnFamilyOptions options(BlockBasedTableConfig tables) {
    return new ColumnFamilyOptions()
        .setTableFormatConfig(tables)
        .setWriteBufferSize(64L << 20)
        .setLevelCompactionDynamicLevelBytes(true)
        .setCompressionType(CompressionType.LZ4_COMPRESSION);
  }

  @Override
  public void append(EventBatch batch) throws IOException {
    try (WriteBatch writes = new WriteBatch()) {
      for (int i = 0; i < batch.size(); i++) {
        long blockId = batch.blockId(i);
        row.clear().putLong(batch.walOffset(i)).putLong(batch.timestampNs(i));
        row.put((byte) (batch.isDelete(i) ? 1 : 0)).flip();
        writes.put(families.get(0), key.clear().putLong(blockId).flip(), row);
        putChange(writes, families.get(1), batch.walOffset(i), blockId);
        putChange(writes, families.get(2), batch.timestampNs(i), blockId);
      }
      database.write(unforced, writes);
    } catch (RocksDBException e) {
      throw new IOException(e);
    }
  }

  private void putChange(WriteBatch writes, ColumnFamilyHandle index, long at, long blockId)
      throws RocksDBException {
    writes.put(index, change.clear().putLong(at).putLong(blockId).flip(), nothing.clear());
  }

  @Override
  public long[] changedInOffsets(long first, long last) {
    return changedIn(families.get(1), first, last);
  }

  @Override
  public long[] changedInTime(long firstNs, long lastNs) {
    return changedIn(families.get(2), firstNs, lastNs);
  }

  private long[] changedIn(ColumnFamilyHandle index, long first, long last) {
    ids.clear();
    try (Slice end = new Slice(bytes(last + 1));
        ReadOptions range = new ReadOptions().setIterateUpperBound(end);
        RocksIterator iterator = database.newIterator(index, range)) {
      for (iterator.seek(bytes(first)); iterator.isValid(); iterator.next()) {
        iterator.key(change.clear());
        ids.add(change.getLong(Long.BYTES));
      }
    }
    return ids.distinct();
  }

  private static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  @Override
  public BlockState state(long blockId) throws IOException {
    read(blockId);
    return LastChange.stateAfter(row.get(2 * Long.BYTES) != 0);
  }

  @Override
  public long lastOffset(long blockId) throws IOException {
    read(blockId);
    return row.getLong(0);
  }

  private void read(long blockId) throws IOException {
    try {
      int length =
          database.get(families.get(0), lookup, key.clear().putLong(blockId).flip(), row.clear());
      if (length != ROW_LENGTH) {
        throw new IOException("block is not known: id=" + blockId + ", length=" + length);
      }
    } catch (RocksDBException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      database.flush(flush, families);
      for (ColumnFamilyHandle family : families) {
        family.close();
      }
      database.closeE();
      for (AutoCloseable resource : owned) {
        resource.close();
      }
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
