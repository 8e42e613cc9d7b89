package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The oracle of WAL contents: a second decoder, as simple as can be, that shares no code with the
 * library. It reads whole files into memory and understands intact logs only.
 */
public final class BruteForceWal {
  private static final long[] CRC_TABLE = crcTable();

  private BruteForceWal() {}

  /** One row: its timestamp and, in hexadecimal, the rest of a composite primary key or "". */
  public record Row(long timestamp, String key) {}

  /** A child table (stableName not null) or normal table as a message names it. */
  public record Table(String name, long uid, long suid, @Nullable String stableName) {}

  /** A stable as a message names it. */
  public record Stable(String name, long suid) {}

  /** The rows one submit carries for one table. */
  public record TableRows(
      long uid, long suid, @Nullable Table created, boolean isColumnFormat, List<Row> rows) {
    /** Returns the distinct file sets of the rows. */
    public SortedSet<Long> fileSets(long ticksPerFileSet) {
      final SortedSet<Long> sets = new TreeSet<>();
      for (final Row row : rows) {
        // A negative timestamp belongs to the set that begins below it.
        final long ts = row.timestamp;
        sets.add(ts >= 0 ? ts / ticksPerFileSet : (ts + 1) / ticksPerFileSet - 1);
      }
      return sets;
    }
  }

  /** A range of rows deleted. */
  public record Delete(
      long suid, List<Long> uids, long first, long last, long affectedRows, String tableName) {}

  /** One record of the log; lists that do not belong to its type are empty. */
  public record Message(
      long version,
      int type,
      long term,
      long ingestUs,
      long bodyCrc,
      long segment,
      int offset,
      int bodyLength,
      int vgroupId,
      List<TableRows> submitted,
      List<Table> created,
      List<Table> dropped,
      @Nullable Stable stable,
      @Nullable String alteredTable,
      @Nullable Delete delete) {
    /** Returns whether the message is of a type, by its number. */
    public boolean is(MessageType messageType) {
      return type == messageType.id();
    }
  }

  /** Reads all segments of a directory in order. */
  public static List<Message> read(Path walDirectory) throws IOException {
    final List<Path> logs;
    try (Stream<Path> entries = Files.list(walDirectory)) {
      logs = entries.filter(f -> f.toString().endsWith(".log")).sorted().toList();
    }
    final List<Message> messages = new ArrayList<>();
    for (final Path log : logs) {
      final String name = String.valueOf(log.getFileName());
      final Bytes bytes = new Bytes(Files.readAllBytes(log), 0);
      final long segment = Long.parseLong(name.substring(0, name.length() - 4));
      while (bytes.position < bytes.data.length) {
        messages.add(message(bytes, segment));
      }
    }
    return messages;
  }

  private static Message message(Bytes in, long segment) {
    final int offset = in.position;
    check(in.fixed(8) == 0xFAFBFCFDF4F3F2F1L, "magic", offset);
    final long headCrc = in.fixed(4);
    final long bodyCrc = in.fixed(4);
    check(headCrc == crc32c(in.data, in.position, 40), "header CRC", offset);
    final long version = in.fixed(8);
    final long ingestUs = in.fixed(8);
    final int bodyLength = (int) in.fixed(4);
    final int type = (int) in.fixed(2);
    in.position += 10;
    final long term = in.fixed(8);
    check(bodyCrc == crc32c(in.data, in.position, bodyLength), "body CRC", offset);
    final Bytes body = new Bytes(in.data, in.position);
    check(body.fixed(4) == bodyLength, "content length", offset);
    final int vgroupId = (int) body.fixed(4);
    in.position += bodyLength;
    return new Message(
        version,
        type,
        term,
        ingestUs,
        bodyCrc,
        segment,
        offset,
        bodyLength,
        vgroupId,
        type == 513 ? submitted(body) : List.of(),
        type == 515 ? created(body) : List.of(),
        type == 519 ? dropped(body) : List.of(),
        type == 531 || type == 533 || type == 535 ? stable(body) : null,
        type == 517 ? alteredTable(body) : null,
        type == 579 ? delete(body) : null);
  }

  private static List<TableRows> submitted(Bytes in) {
    in.position += 8 + 4;
    final List<TableRows> tables = new ArrayList<>();
    for (long n = in.variable(); n > 0; n--) {
      final int length = (int) in.fixed(4);
      final int end = in.position + length;
      final long flags = in.zigzag();
      final Table created = (flags & 1) != 0 ? table(in) : null;
      final long suid = in.fixed(8);
      final long uid = in.fixed(8);
      in.zigzag();
      final boolean isColumnFormat = (flags & 2) != 0;
      final List<Row> rows = isColumnFormat ? columnRows(in) : rows(in);
      tables.add(new TableRows(uid, suid, created, isColumnFormat, rows));
      in.position = end;
    }
    return tables;
  }

  private static List<Row> rows(Bytes in) {
    final List<Row> rows = new ArrayList<>();
    for (long n = in.variable(); n > 0; n--) {
      final int begin = in.position;
      final int flag = (int) in.fixed(1);
      final int keyCount = (int) in.fixed(1);
      in.position += 2;
      final int length = (int) in.fixed(4);
      final long timestamp = in.fixed(8);
      rows.add(new Row(timestamp, keyCount == 0 ? "" : key(in, keyCount, (flag & 0x70) != 0)));
      in.position = begin + length;
    }
    return rows;
  }

  private static String key(Bytes in, int keyCount, boolean isKeyValueRow) {
    final int[] types = new int[keyCount];
    final int[] offsets = new int[keyCount];
    for (int i = 0; i < keyCount; i++) {
      types[i] = (int) in.fixed(1);
      offsets[i] = (int) in.variable();
    }
    final int values = in.position;
    final StringBuilder key = new StringBuilder();
    for (int i = 0; i < keyCount; i++) {
      in.position = values + offsets[i];
      if (isKeyValueRow) {
        in.variable();
      }
      final int length =
          switch (types[i]) {
            case 4, 13 -> 4;
            case 5, 14 -> 8;
            default -> (int) in.variable();
          };
      key.append(HexFormat.of().formatHex(in.data, in.position, in.position + length));
    }
    return key.toString();
  }

  private static List<Row> columnRows(Bytes in) {
    in.variable();
    in.variable();
    check(in.fixed(1) == 9, "type of the first column", in.position);
    final long count = in.zigzag();
    check(in.fixed(1) == 4, "flag of the first column", in.position);
    final List<Row> rows = new ArrayList<>();
    for (long n = 0; n < count; n++) {
      rows.add(new Row(in.fixed(8), ""));
    }
    return rows;
  }

  private static Table table(Bytes in) {
    final int length = (int) in.fixed(4);
    final int end = in.position + length;
    in.variable();
    final String name = in.text();
    final long uid = in.fixed(8);
    in.position += 8 + 4;
    final int type = (int) in.fixed(1);
    if ((int) in.fixed(4) > 0) {
      in.text();
    }
    String stableName = null;
    long suid = 0;
    if (type == 2) {
      stableName = in.text();
      in.position++;
      suid = in.fixed(8);
    }
    in.position = end;
    return new Table(name, uid, suid, stableName);
  }

  private static List<Table> created(Bytes in) {
    in.position += 4;
    final List<Table> tables = new ArrayList<>();
    for (long n = in.zigzag(); n > 0; n--) {
      tables.add(table(in));
    }
    return tables;
  }

  private static List<Table> dropped(Bytes in) {
    in.position += 4;
    final List<Table> tables = new ArrayList<>();
    for (long n = in.zigzag(); n > 0; n--) {
      final int length = (int) in.fixed(4);
      final int end = in.position + length;
      final String name = in.text();
      final long suid = in.fixed(8);
      tables.add(new Table(name, in.fixed(8), suid, null));
      in.position = end;
    }
    return tables;
  }

  private static Stable stable(Bytes in) {
    in.position += 4;
    final String name = in.text();
    return new Stable(name, in.fixed(8));
  }

  private static String alteredTable(Bytes in) {
    in.position += 4;
    return in.text();
  }

  private static Delete delete(Bytes in) {
    final long suid = in.fixed(8);
    final List<Long> uids = new ArrayList<>();
    for (long n = in.zigzag(); n > 0; n--) {
      uids.add(in.fixed(8));
    }
    final long first = in.fixed(8);
    final long last = in.fixed(8);
    final long affectedRows = in.zigzag();
    return new Delete(suid, uids, first, last, affectedRows, in.text());
  }

  /** Computes the CRC-32C of bytes, one byte at a time. */
  static long crc32c(byte[] data, int offset, int length) {
    long crc = 0xFFFF_FFFFL;
    for (int i = offset; i < offset + length; i++) {
      crc = CRC_TABLE[(int) (crc ^ data[i]) & 0xFF] ^ (crc >>> 8);
    }
    return crc ^ 0xFFFF_FFFFL;
  }

  private static long[] crcTable() {
    final long[] table = new long[256];
    for (int i = 0; i < table.length; i++) {
      long crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? (crc >>> 1) ^ 0x82F63B78L : crc >>> 1;
      }
      table[i] = crc;
    }
    return table;
  }

  private static void check(boolean isRight, String what, int offset) {
    if (!isRight) {
      throw new IllegalStateException("wrong " + what + ": offset=" + offset);
    }
  }

  /** A place in a byte array. */
  static final class Bytes {
    final byte[] data;
    int position;

    Bytes(byte[] data, int position) {
      this.data = data;
      this.position = position;
    }

    /** Reads an unsigned little-endian number (signed if of eight bytes). */
    long fixed(int bytes) {
      long value = 0;
      for (int i = 0; i < bytes; i++) {
        value |= (data[position++] & 0xFFL) << (8 * i);
      }
      return value;
    }

    long variable() {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        final long b = fixed(1);
        value |= (b & 0x7F) << shift;
        if (b < 0x80) {
          return value;
        }
      }
    }

    long zigzag() {
      final long raw = variable();
      return (raw & 1) == 0 ? raw >>> 1 : ~(raw >>> 1);
    }

    String text() {
      final int length = (int) variable();
      position += length;
      return new String(data, position - length, length - 1, StandardCharsets.UTF_8);
    }

    byte[] bytes(int length) {
      position += length;
      return Arrays.copyOfRange(data, position - length, position);
    }
  }
}
