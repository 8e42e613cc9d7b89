package io.tidemark.benchmarks.comparison;

import io.tidemark.block.BlockState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;

/**
 * SQLite: three B-trees under a write-ahead log; a transaction a batch.
 *
 * <p>{@code synchronous=OFF} survives the process, not the machine. Tables without row ids, whose
 * primary key is all they hold, are smaller than indexes of one table: an index would repeat its
 * key. A cache of 256 MiB, and the file is mapped for reading.
 */
final class SqliteStore implements TrackedStore {
  private static final int CACHE_KIB = 256 << 10;
  private static final int PAGE_LENGTH = 8 << 10;
  private static final long MAPPED_BYTES = 16L << 30;

  private final Connection connection;
  private final PreparedStatement putBlock;
  private final PreparedStatement putOffset;
  private final PreparedStatement putTime;
  private final PreparedStatement inOffsets;
  private final PreparedStatement inTime;
  private final PreparedStatement block;
  private final IdList ids = new IdList();

  private SqliteStore(Path directory) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setPageSize(PAGE_LENGTH);
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.OFF);
    config.setCacheSize(-CACHE_KIB);
    config.setPragma(SQLiteConfig.Pragma.MMAP_SIZE, Long.toString(MAPPED_BYTES));
    connection = config.createConnection("jdbc:sqlite:" + directory.resolve("store"));
    try (Statement schema = connection.createStatement()) {
      schema.execute(
          "create table if not exists blocks(id integer primary key, at integer, ns integer,"
              + " deletes integer)");
      schema.execute(
          "create table if not exists by_offset(at integer, id integer, primary key(at, id))"
              + " without rowid");
      schema.execute(
          "create table if not exists by_time(ns integer, id integer, primary key(ns, id))"
              + " without rowid");
    }
    connection.setAutoCommit(false);
    putBlock = connection.prepareStatement("insert or replace into blocks values (?, ?, ?, ?)");
    putOffset = connection.prepareStatement("insert or ignore into by_offset values (?, ?)");
    putTime = connection.prepareStatement("insert or ignore into by_time values (?, ?)");
    inOffsets = connection.prepareStatement("select id from by_offset where at between ? and ?");
    inTime = connection.prepareStatement("select id from by_time where ns between ? and ?");
    block = connection.prepareStatement("select at, deletes from blocks where id = ?");
  }

  static TrackedStore open(Path directory) throws IOException {
    try {
      return new SqliteStore(Files.createDirectories(directory));
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void append(EventBatch batch) throws IOException {
    try {
      for (int i = 0; i < batch.size(); i++) {
        putBlock.setLong(1, batch.blockId(i));
        putBlock.setLong(2, batch.walOffset(i));
        putBlock.setLong(3, batch.timestampNs(i));
        putBlock.setInt(4, batch.isDelete(i) ? 1 : 0);
        putBlock.addBatch();
        putOffset.setLong(1, batch.walOffset(i));
        putOffset.setLong(2, batch.blockId(i));
        putOffset.addBatch();
        putTime.setLong(1, batch.timestampNs(i));
        putTime.setLong(2, batch.blockId(i));
        putTime.addBatch();
      }
      putBlock.executeBatch();
      putOffset.executeBatch();
      putTime.executeBatch();
      connection.commit();
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  @Override
  public long[] changedInOffsets(long first, long last) throws IOException {
    return changedIn(inOffsets, first, last);
  }

  @Override
  public long[] changedInTime(long firstNs, long lastNs) throws IOException {
    return changedIn(inTime, firstNs, lastNs);
  }

  private long[] changedIn(PreparedStatement question, long first, long last) throws IOException {
    ids.clear();
    try {
      question.setLong(1, first);
      question.setLong(2, last);
      try (ResultSet rows = question.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getLong(1));
        }
      }
    } catch (SQLException e) {
      throw new IOException(e);
    }
    return ids.distinct();
  }

  @Override
  public BlockState state(long blockId) throws IOException {
    return LastChange.stateAfter(read(blockId, 2) != 0);
  }

  @Override
  public long lastOffset(long blockId) throws IOException {
    return read(blockId, 1);
  }

  private long read(long blockId, int column) throws IOException {
    try {
      block.setLong(1, blockId);
      try (ResultSet row = block.executeQuery()) {
        if (!row.next()) {
          throw new IOException("block is not known: id=" + blockId);
        }
        return row.getLong(column);
      }
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      connection.commit();
      connection.setAutoCommit(true);
      try (Statement statement = connection.createStatement()) {
        statement.execute("pragma wal_checkpoint(truncate)");
      }
      connection.close();
    } catch (SQLException e) {
      throw new IOException(e);
    }
  }
}
