package io.tidemark.tdengine.tsdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Reads deletions, from a {@code .tomb} or a {@code .stt}. */
final class TombstoneTable {

  /*
   * descriptor, 96 bytes:
   *   0 offset i64, length i64 of the index block
   *  16 lowest suid, uid i64; highest suid, uid i64
   *  48 lowest, highest version i64
   *  64 records i32; 68 lengths of 5 columns i32; 88 stages i8; 7 unused
   * index block: 5 columns, as named below
   * footer of a .tomb, 48 bytes: offset, length i64 of the descriptors; 32 unused
   */

  private static final int FOOTER_BYTES = 48;
  private static final int ENTRY_BYTES = 96;
  private static final int MIN_VERSION_OFFSET = 48;
  private static final int MAX_VERSION_OFFSET = 56;
  private static final int COUNT_OFFSET = 64;

  private static final int SUID = 0;
  private static final int UID = 1;
  private static final int VERSION = 2;
  private static final int FIRST_TIMESTAMP = 3;
  private static final int LAST_TIMESTAMP = 4;
  private static final int COLUMNS = 5;

  private TombstoneTable() {}

  /** Adds the deletions of a {@code .tomb}. */
  static void readTomb(
      PagedFile file, ColumnDecoder decoder, long fileSet, List<Tombstone> tombstones)
      throws IOException {
    read(file, FOOTER_BYTES, 0, decoder, fileSet, tombstones);
  }

  /** Adds the deletions of any file whose footer names a table of them. */
  static void read(
      PagedFile file,
      int footerBytes,
      int number,
      ColumnDecoder decoder,
      long fileSet,
      List<Tombstone> tombstones)
      throws IOException {
    BlockTable table =
        BlockTable.read(file, footerBytes, number, ENTRY_BYTES, "table of deletions");
    for (int i = 0; i < table.count(); i++) {
      block(table, i, decoder, fileSet, tombstones);
    }
  }

  private static void block(
      BlockTable table, int index, ColumnDecoder decoder, long fileSet, List<Tombstone> tombstones)
      throws IOException {
    ByteBuffer entry = table.entry(index);
    IndexBlock block = table.indexBlock(index, decoder, COUNT_OFFSET, COLUMNS, "deletions");
    long[] suids = block.longs(SUID);
    long[] uids = block.longs(UID);
    long[] versions = block.longs(VERSION);
    long[] firsts = block.longs(FIRST_TIMESTAMP);
    long[] lasts = block.longs(LAST_TIMESTAMP);
    for (int i = 0; i < block.recordCount(); i++) {
      boolean isPossible =
          versions[i] >= entry.getLong(MIN_VERSION_OFFSET)
              && versions[i] <= entry.getLong(MAX_VERSION_OFFSET)
              && firsts[i] <= lasts[i];
      Tombstone tombstone =
          new Tombstone(uids[i], suids[i], fileSet, versions[i], firsts[i], lasts[i]);
      if (!isPossible) {
        throw block.place().malformed("impossible deletion", "deletion=" + tombstone);
      }
      tombstones.add(tombstone);
    }
  }
}
