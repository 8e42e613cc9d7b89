package io.tidemark.journal;

/**
 * Layout of a journal record: one batch of entries, written as one excerpt of the queue;
 * little-endian.
 */
final class RecordDescriptor {

  /*
   *   0               4               8
   *  +---------------+---------------+
   *  | magic "TMJOURNL"              |   0
   *  +---------------+---------------+
   *  | length        | CRC32C        |   8   length of the whole record; CRC of bytes 16..length
   *  +-------+-------+---------------+
   *  |version| 0     | entry count   |  16
   *  +-------+-------+---------------+
   *  | generation    | 0             |  24   of the engine's log; one for all entries
   *  +---------------+---------------+
   *  | store id                      |  32
   *  +-------------------------------+
   *  | epoch                         |  40   which opening of the store wrote it
   *  +-------------------------------+
   *  | first position                |  48   of the first entry; the others follow densely
   *  +-------------------------------+
   *  | durable mark                  |  56   highest position known durable when it was written
   *  +-------------------------------+
   *  | entries ...                   |  64
   *
   *  Entries: type u8, then
   *   0..3  event       block id u64, WAL offset u64, timestamp i64 ns     (CREATE UPDATE FLUSH DELETE)
   *   4     flush all   WAL offset u64, timestamp i64 ns
   *   5     assign      block id u64, name length u16, name
   *   6     cover       first u64, last u64, mark length u16, mark         (mark: the source's own)
   *   7     gap         first u64, last u64, reason length u16, reason UTF-8
   *   8     generation  first own WAL offset u64; the record's generation is the new one
   *   9     commit      journal position u64, chain length u16, chain UTF-8
   *  10     tombstone   WAL offset u64, length u16, bytes                  (bytes: the source's own)
   *  11     clear       block id u64, WAL offset u64, timestamp i64 ns     (an event, CLEAR)
   *  12     prepare     journal position u64, chain length u16, chain UTF-8
   *  13     abort       journal position u64, chain length u16, chain UTF-8
   *  14     drop        0 u64, chain length u16, chain UTF-8
   *  128..255 packed event (since version 2): head u8, then the differences of block id, WAL offset and
   *         timestamp to the packed event before in the record, to 0 for the first
   *
   *    head    +---+-------+-------+-----------+     type: CREATE UPDATE FLUSH DELETE
   *            | 1 | type  | id    | rest      |     id:   0 1 2 3             1 2 4 8 bytes of block id
   *            +---+-------+-------+-----------+     rest: 0 1 2 3 4 5 6 7     0 1 1 1 2 2 4 8 of WAL offset
   *              7   6 5     4 3     2 1 0                                     0 2 3 4 2 4 4 8 of timestamp
   *
   *    A difference is taken modulo 2^64; d is stored as 2d if d >= 0, else as -2d - 1, lowest byte first.
   *
   *  Invariants: first position = last position of the record before + 1; count > 0;
   *  durable mark < first position; entries fill the record exactly.
   */

  /** "TMJOURNL" read as a little-endian long. */
  static final long MAGIC = 0x4C4E52554F4A4D54L;

  static final int VERSION = 2;

  /** The oldest version that is read. */
  static final int OLDEST_VERSION = 1;

  /** The first version that knows packed events. */
  static final int PACKING_VERSION = 2;

  static final int MAGIC_OFFSET = 0;
  static final int LENGTH_OFFSET = MAGIC_OFFSET + Long.BYTES;
  static final int CRC_OFFSET = LENGTH_OFFSET + Integer.BYTES;
  static final int VERSION_OFFSET = CRC_OFFSET + Integer.BYTES;
  static final int COUNT_OFFSET = VERSION_OFFSET + 2 * Short.BYTES;
  static final int GENERATION_OFFSET = COUNT_OFFSET + Integer.BYTES;
  static final int STORE_ID_OFFSET = GENERATION_OFFSET + 2 * Integer.BYTES;
  static final int EPOCH_OFFSET = STORE_ID_OFFSET + Long.BYTES;
  static final int FIRST_POSITION_OFFSET = EPOCH_OFFSET + Long.BYTES;
  static final int DURABLE_MARK_OFFSET = FIRST_POSITION_OFFSET + Long.BYTES;
  static final int HEADER_LENGTH = DURABLE_MARK_OFFSET + Long.BYTES;

  /** Longest record: far below a queue block and its overlap, so that one copy writes it. */
  static final int MAX_LENGTH = 1 << 20;

  /** Records start at multiples of this in a queue file. */
  static final int ALIGNMENT = Integer.BYTES;

  private RecordDescriptor() {}
}
