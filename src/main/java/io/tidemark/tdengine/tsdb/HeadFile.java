package io.tidemark.tdengine.tsdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads a {@code .head}: the index of the blocks in {@code .data}. */
final class HeadFile {

  /*
   * descriptor, 136 bytes:
   *   0 offset i64, length i64 of the index block
   *  16 lowest suid, uid i64; highest suid, uid i64
   *  48 lowest, highest version i64
   *  64 records i32; 68 lengths of 15 columns i32; 128 stages i8; 129 primary keys i8; 6 unused
   * index block: 15 columns, as named below; then the values of primary keys, which nobody needs here.
   * footer, 48 bytes: offset, length i64 of the descriptors; 32 unused
   */

  private static final int FOOTER_BYTES = 48;
  private static final int ENTRY_BYTES = 136;
  private static final int MIN_VERSION_OFFSET = 48;
  private static final int MAX_VERSION_OFFSET = 56;
  private static final int COUNT_OFFSET = 64;

  private static final int SUID = 0;
  private static final int UID = 1;
  private static final int FIRST_TIMESTAMP = 2;
  private static final int LAST_TIMESTAMP = 4;
  private static final int MIN_VERSION = 6;
  private static final int MAX_VERSION = 7;
  private static final int BLOCK_OFFSET = 8;
  private static final int BLOCK_BYTES = 10;
  private static final int KEY_BYTES = 11;
  private static final int ROWS = 13;
  private static final int KEYS = 14;
  private static final int COLUMNS = 15;

  private final BlockTable table;
  private final ColumnDecoder decoder;
  private final long dataBytes;
  private final List<BrinRecord> records = new ArrayList<>();

  private HeadFile(BlockTable table, ColumnDecoder decoder, long dataBytes) {
    this.table = table;
    this.decoder = decoder;
    this.dataBytes = dataBytes;
  }

  /**
   * Returns everything a file says.
   *
   * @param dataBytes logical length of the {@code .data} beside it
   */
  static List<BrinRecord> read(PagedFile file, ColumnDecoder decoder, long dataBytes)
      throws IOException {
    BlockTable table = BlockTable.read(file, FOOTER_BYTES, 0, ENTRY_BYTES, "table of blocks");
    HeadFile head = new HeadFile(table, decoder, dataBytes);
    for (int i = 0; i < table.count(); i++) {
      head.block(i);
    }
    return head.records;
  }

  private void block(int index) throws IOException {
    ByteBuffer entry = table.entry(index);
    IndexBlock block = table.indexBlock(index, decoder, COUNT_OFFSET, COLUMNS, "index of blocks");
    long[] suids = block.longs(SUID);
    long[] uids = block.longs(UID);
    long[] firsts = block.longs(FIRST_TIMESTAMP);
    long[] lasts = block.longs(LAST_TIMESTAMP);
    long[] minVersions = block.longs(MIN_VERSION);
    long[] maxVersions = block.longs(MAX_VERSION);
    long[] offsets = block.longs(BLOCK_OFFSET);
    long[] sizes = block.ints(BLOCK_BYTES);
    long[] keySizes = block.ints(KEY_BYTES);
    long[] rows = block.ints(ROWS);
    long[] keys = block.ints(KEYS);
    for (int i = 0; i < block.recordCount(); i++) {
      BrinRecord record =
          new BrinRecord(
              uids[i],
              suids[i],
              firsts[i],
              lasts[i],
              minVersions[i],
              maxVersions[i],
              offsets[i],
              sizes[i],
              keySizes[i],
              rows[i],
              keys[i]);
      check(record, entry, block.place());
      records.add(record);
    }
  }

  private void check(BrinRecord record, ByteBuffer entry, FilePlace place)
      throws TsdbFormatException {
    boolean isPossible =
        record.firstTimestamp() <= record.lastTimestamp()
            && record.minVersion() <= record.maxVersion()
            && record.minVersion() >= entry.getLong(MIN_VERSION_OFFSET)
            && record.maxVersion() <= entry.getLong(MAX_VERSION_OFFSET)
            && record.keys() >= 1
            && record.keys() <= record.rows()
            && record.keyBytes() >= 1
            && record.keyBytes() <= record.blockBytes()
            && record.blockOffset() >= 0
            && record.blockOffset() <= dataBytes - record.blockBytes();
    if (!isPossible) {
      throw place.malformed("impossible block", "dataBytes=" + dataBytes + ", block=" + record);
    }
  }
}
