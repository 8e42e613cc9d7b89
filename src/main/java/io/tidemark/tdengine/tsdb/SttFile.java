package io.tidemark.tdengine.tsdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a {@code .stt}: rows that were committed and not merged into {@code .data} yet. */
final class SttFile {

  /*
   * footer, 80 bytes: offset, length i64 of three tables: blocks, statistics, deletions; 32 unused
   * block's descriptor, 80 bytes: suid, lowest, highest uid i64; lowest, highest timestamp i64;
   *   lowest, highest version i64; rows i32, 4 unused; offset i64; length, length of the key part i32
   * statistics' descriptor, 80 bytes: offset, length i64; lowest suid, uid, highest suid, uid i64;
   *   records i32; lengths of 5 columns i32; stages i8; primary keys i8; 6 unused
   * statistics: suid, uid, first, last timestamp, distinct keys; a record for each table
   */

  static final int FOOTER_BYTES = 80;
  static final int DELETIONS = 2;

  private static final int BLOCKS = 0;
  private static final int STATISTICS = 1;

  private static final int BLOCK_ENTRY_BYTES = 80;
  private static final int SUID_OFFSET = 0;
  private static final int MIN_UID_OFFSET = 8;
  private static final int MAX_UID_OFFSET = 16;
  private static final int FIRST_TIMESTAMP_OFFSET = 24;
  private static final int LAST_TIMESTAMP_OFFSET = 32;
  private static final int MIN_VERSION_OFFSET = 40;
  private static final int MAX_VERSION_OFFSET = 48;
  private static final int ROWS_OFFSET = 56;
  private static final int OFFSET_OFFSET = 64;
  private static final int LENGTH_OFFSET = 72;
  private static final int KEY_LENGTH_OFFSET = 76;

  private static final int STATISTICS_ENTRY_BYTES = 80;
  private static final int COUNT_OFFSET = 48;
  private static final int STATISTICS_COLUMNS = 5;

  private final PagedFile file;
  private final ColumnDecoder decoder;
  private final long fileSet;

  SttFile(PagedFile file, ColumnDecoder decoder, long fileSet) {
    this.file = file;
    this.decoder = decoder;
    this.fileSet = fileSet;
  }

  /** Returns the rows of each table; compared with the file's own statistics. */
  List<TableRows> tables() throws IOException {
    Map<Long, TableRows> tables = new HashMap<>();
    for (KeyColumns block : blocks()) {
      for (int row = 0; row < block.uids().length; row++) {
        long version = block.versions()[row];
        long timestamp = block.timestamps()[row];
        TableRows one =
            new TableRows(
                block.uids()[row],
                block.suid(),
                fileSet,
                version,
                version,
                1,
                timestamp,
                timestamp);
        tables.merge(one.uid(), one, TableRows::plus);
      }
    }
    checkStatistics(tables);
    return List.copyOf(tables.values());
  }

  /** Returns the keys of all rows, block by block. */
  List<KeyColumns> blocks() throws IOException {
    BlockTable table =
        BlockTable.read(file, FOOTER_BYTES, BLOCKS, BLOCK_ENTRY_BYTES, "table of blocks");
    List<KeyColumns> blocks = new ArrayList<>();
    for (int i = 0; i < table.count(); i++) {
      blocks.add(block(table.entry(i), table.place(i)));
    }
    return blocks;
  }

  private KeyColumns block(ByteBuffer entry, FilePlace place) throws IOException {
    long offset = entry.getLong(OFFSET_OFFSET);
    int keyLength = entry.getInt(KEY_LENGTH_OFFSET);
    if (keyLength < 0 || keyLength > entry.getInt(LENGTH_OFFSET)) {
      throw place.malformed(
          "impossible length of keys",
          "limitBytes=" + entry.getInt(LENGTH_OFFSET) + ", actualBytes=" + keyLength);
    }
    FilePlace there = file.place(offset);
    KeyColumns keys = KeyColumns.read(file.read(offset, keyLength, "block"), decoder, there);
    if (keys.uids().length != entry.getInt(ROWS_OFFSET)
        || keys.suid() != entry.getLong(SUID_OFFSET)) {
      throw there.malformed(
          "block is another than its descriptor says",
          "expectedRows="
              + entry.getInt(ROWS_OFFSET)
              + ", actualRows="
              + keys.uids().length
              + ", expectedSuid="
              + entry.getLong(SUID_OFFSET)
              + ", actualSuid="
              + keys.suid());
    }
    checkRange("uid", keys.uids(), entry, MIN_UID_OFFSET, MAX_UID_OFFSET, there);
    checkRange(
        "timestamp",
        keys.timestamps(),
        entry,
        FIRST_TIMESTAMP_OFFSET,
        LAST_TIMESTAMP_OFFSET,
        there);
    checkRange("version", keys.versions(), entry, MIN_VERSION_OFFSET, MAX_VERSION_OFFSET, there);
    return keys;
  }

  private static void checkRange(
      String name, long[] values, ByteBuffer entry, int lowestAt, int highestAt, FilePlace place)
      throws TsdbFormatException {
    long lowest = entry.getLong(lowestAt);
    long highest = entry.getLong(highestAt);
    for (long value : values) {
      if (value < lowest || value > highest) {
        throw place.malformed(
            "row lies outside of its block's range",
            "name=" + name + ", lowest=" + lowest + ", highest=" + highest + ", actual=" + value);
      }
    }
  }

  private void checkStatistics(Map<Long, TableRows> tables) throws IOException {
    BlockTable table =
        BlockTable.read(
            file, FOOTER_BYTES, STATISTICS, STATISTICS_ENTRY_BYTES, "table of statistics");
    long found = 0;
    for (int i = 0; i < table.count(); i++) {
      IndexBlock block =
          table.indexBlock(i, decoder, COUNT_OFFSET, STATISTICS_COLUMNS, "statistics");
      checkStatistics(block, tables);
      found += block.recordCount();
    }
    if (found != tables.size()) {
      throw table
          .place(0)
          .malformed(
              "statistics are of other tables", "expected=" + found + ", actual=" + tables.size());
    }
  }

  private static void checkStatistics(IndexBlock block, Map<Long, TableRows> tables)
      throws TsdbFormatException {
    long[] uids = block.longs(1);
    long[] firsts = block.longs(2);
    long[] lasts = block.longs(3);
    long[] keys = block.longs(4);
    for (int i = 0; i < uids.length; i++) {
      TableRows rows = tables.get(uids[i]);
      if (rows == null
          || rows.firstTimestamp() != firsts[i]
          || rows.lastTimestamp() != lasts[i]
          || keys[i] < 1
          || keys[i] > rows.rows()) {
        throw block
            .place()
            .malformed(
                "statistics do not fit the rows",
                "uid="
                    + uids[i]
                    + ", firstTimestamp="
                    + firsts[i]
                    + ", lastTimestamp="
                    + lasts[i]
                    + ", keys="
                    + keys[i]
                    + ", rows="
                    + rows);
      }
    }
  }
}
