package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.BruteForceWal.Bytes;
import io.tidemark.tdengine.WalContent.Block;
import io.tidemark.tdengine.WalContent.Column;
import io.tidemark.tdengine.WalContent.Delete;
import io.tidemark.tdengine.WalContent.Row;
import io.tidemark.tdengine.WalContent.Schema;
import io.tidemark.tdengine.WalContent.Stable;
import io.tidemark.tdengine.WalContent.Table;
import io.tidemark.tdengine.WalContent.Values;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Proves the writer by writing again what a server wrote, byte for byte. */
class WalWriterTest {
  private static final long SUID = 7_000_000_000L;

  @TempDir Path directory;

  static Stream<VnodeDirectory> vnodes() {
    return Corpus.vnodes();
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldWriteTheSameBytesAsTheServer(VnodeDirectory vnode) throws Exception {
    final List<WalSegment> originals = WalSegment.list(vnode.walDirectory());
    final long first = originals.get(0).firstVersion();

    try (WalWriter writer = WalWriter.create(directory, vnode.config().vgroupId(), first)) {
      for (final WalSegment original : originals) {
        if (original.firstVersion() != first) {
          writer.roll();
        }
        writeAgain(original, writer);
      }
    }

    for (final WalSegment original : originals) {
      final Path copy = WalSegment.logFile(directory, original.firstVersion());
      assertArrayEquals(Files.readAllBytes(original.file()), Files.readAllBytes(copy));
      final WalSegment written = new WalSegment(original.firstVersion(), copy, 0);
      assertArrayEquals(
          Files.readAllBytes(original.indexFile()), Files.readAllBytes(written.indexFile()));
    }
  }

  @Test
  void shouldHaveWrittenEveryKindTheCorpusHolds() throws Exception {
    final Set<MessageClass> kinds = EnumSet.noneOf(MessageClass.class);

    for (final VnodeDirectory vnode : Corpus.vnodes().toList()) {
      BruteForceWal.read(vnode.walDirectory())
          .forEach(message -> kinds.add(MessageType.classOf(message.type())));
    }

    assertEquals(EnumSet.complementOf(EnumSet.of(MessageClass.UNKNOWN)), kinds);
  }

  @Test
  void shouldBeReadBackByBothDecoders() throws Exception {
    final Table child = Table.child("c1", 11, "s", SUID);
    final Table normal = Table.normal("n1", 12);
    try (WalWriter writer = WalWriter.create(directory, 5, 0)) {
      assertEquals(0, writer.noop());
      writer.createStable(Stable.of("s", SUID));
      writer.createTables(List.of(child, normal));
      writer.submit(Block.rows(SUID, 11, -1, 0, 1), Block.columns(0, 12, 5, 6));
      writer.submit(Block.creating(Table.child("c2", 13, "s", SUID), 9));
      writer.delete(Delete.of(SUID, 11, -1, 0, 2));
      writer.setTag("c1", 3, "t", new byte[] {'x'}, 1);
      writer.addColumn("n1", "w", 4, 4, 1);
      writer.alterStable(Stable.of("s", SUID));
      writer.commit();
      writer.roll();
      writer.dropTables(List.of(child));
      assertEquals(11, writer.dropStable("s", SUID));
    }

    final List<BruteForceWal.Message> expected = BruteForceWal.read(directory);
    final List<BruteForceWal.Message> actual = new ArrayList<>();
    try (WalReader reader = WalReader.open(directory)) {
      for (WalReader.Step step = reader.next(); step != WalReader.Step.END; step = reader.next()) {
        if (step == WalReader.Step.RECORD) {
          actual.add(LibraryMessages.of(reader.record(), null));
        }
      }
    }

    assertEquals(12, expected.size());
    assertEquals(expected, actual);
    assertTrue(expected.get(3).submitted().get(1).isColumnFormat());
    assertEquals(Set.of(-1L, 0L), expected.get(3).submitted().get(0).fileSets(100));
  }

  private static void writeAgain(WalSegment segment, WalWriter writer) throws IOException {
    final byte[] log = Files.readAllBytes(segment.file());
    int offset = 0;
    while (offset < log.length) {
      final Bytes header = new Bytes(log, offset + 16);
      writer.nextVersion(header.fixed(8)).ingestTimestampUs(header.fixed(8));
      final int bodyLength = (int) header.fixed(4);
      final MessageType type = Objects.requireNonNull(MessageType.of((int) header.fixed(2)));
      header.position += 10;
      writer.term(header.fixed(8));
      final int end = offset + 56 + bodyLength;
      writeAgain(type, new Bytes(Arrays.copyOf(log, end), offset + 56 + 8), writer);
      offset = end;
    }
  }

  private static void writeAgain(MessageType type, Bytes in, WalWriter writer) throws IOException {
    switch (type.messageClass()) {
      case SUBMIT -> writer.submit(blocks(in));
      case CREATE_TABLE -> writer.createTables(tables(in));
      case DROP_TABLE -> writer.dropTables(droppedTables(in));
      case CREATE_STB -> writer.createStable(stable(in));
      case ALTER_STB -> writer.alterStable(stable(in));
      case DROP_STB -> {
        in.position += 4;
        writer.dropStable(in.text(), in.fixed(8));
      }
      case ALTER_TABLE -> alterTable(in, writer);
      case DELETE -> writer.delete(delete(in));
      case COMMIT -> writer.commit();
      case NO_CHANGE -> {
        assertEquals(MessageType.SYNC_NOOP, type);
        writer.noop();
      }
      case UNKNOWN -> throw new IllegalStateException("unknown type: " + type);
    }
  }

  private static List<Block> blocks(Bytes in) {
    in.position += 8 + 4;
    final List<Block> blocks = new ArrayList<>();
    for (long n = in.variable(); n > 0; n--) {
      in.position += 4;
      final int flags = (int) in.zigzag();
      final Table created = (flags & 1) != 0 ? table(in) : null;
      final long suid = in.fixed(8);
      final long uid = in.fixed(8);
      final int version = (int) in.zigzag();
      final boolean isColumnFormat = (flags & 2) != 0;
      final List<Row> rows = new ArrayList<>();
      final List<Values> columns = new ArrayList<>();
      for (long i = in.variable(); i > 0; i--) {
        if (isColumnFormat) {
          columns.add(values(in));
        } else {
          rows.add(row(in));
        }
      }
      blocks.add(new Block(flags, created, suid, uid, version, rows, columns, in.fixed(8)));
    }
    return blocks;
  }

  private static Row row(Bytes in) {
    final int flags = (int) in.fixed(1);
    final int keyCount = (int) in.fixed(1);
    final int version = (int) in.fixed(2);
    final int length = (int) in.fixed(4);
    return new Row(flags, keyCount, version, in.fixed(8), buffer(in, length - 16));
  }

  private static Values values(Bytes in) {
    final int id = (int) in.zigzag();
    final int type = (int) in.fixed(1);
    final int count = (int) in.zigzag();
    final int flag = (int) in.fixed(1);
    final int bitmapLength =
        flag == 7 ? (count - 1) / 4 + 1 : flag == 3 || flag > 4 ? (count - 1) / 8 + 1 : 0;
    final ByteBuffer bitmap = buffer(in, bitmapLength);
    final boolean isVariable = type == 8 || type == 10;
    final ByteBuffer offsets = buffer(in, isVariable && (flag & 4) != 0 ? 4 * count : 0);
    final int size = type == 9 || type == 7 ? 8 : type == 1 ? 1 : 4;
    final int length = (flag & 4) == 0 ? 0 : isVariable ? (int) in.zigzag() : size * count;
    final ByteBuffer values = buffer(in, length);
    return new Values(id, type, count, flag, bitmap, offsets, values, (int) in.fixed(1));
  }

  private static List<Table> tables(Bytes in) {
    in.position += 4;
    final List<Table> tables = new ArrayList<>();
    for (long n = in.zigzag(); n > 0; n--) {
      tables.add(table(in));
    }
    return tables;
  }

  private static Table table(Bytes in) {
    final int length = (int) in.fixed(4);
    final int end = in.position + length;
    final int flags = (int) in.zigzag();
    final String name = in.text();
    final long uid = in.fixed(8);
    final long createTime = in.fixed(8);
    final int ttl = (int) in.fixed(4);
    final int type = (int) in.fixed(1);
    final int commentLength = (int) in.fixed(4);
    final String comment = commentLength > 0 ? in.text() : commentLength == 0 ? "" : null;
    String stableName = null;
    long suid = 0;
    int tagCount = 0;
    ByteBuffer tags = ByteBuffer.allocate(0);
    final List<String> tagNames = new ArrayList<>();
    Schema columns = null;
    if (type == 2) {
      stableName = in.text();
      tagCount = (int) in.fixed(1);
      suid = in.fixed(8);
      tags = buffer(in, (int) in.variable());
      for (long n = in.fixed(4); n > 0; n--) {
        tagNames.add(in.text());
      }
    } else {
      columns = schema(in);
      in.position += 4;
      columns = compressed(in, columns);
    }
    in.position = end;
    return new Table(
        flags,
        name,
        uid,
        createTime,
        ttl,
        comment,
        stableName,
        suid,
        tagCount,
        tags,
        tagNames,
        columns);
  }

  private static Schema schema(Bytes in) {
    final long count = in.zigzag();
    final int version = (int) in.zigzag();
    final List<Column> columns = new ArrayList<>();
    for (long n = count; n > 0; n--) {
      final int type = (int) in.fixed(1);
      final int flags = (int) in.fixed(1);
      final int bytes = (int) in.zigzag();
      columns.add(new Column(type, flags, bytes, (int) in.zigzag(), in.text(), 0));
    }
    return new Schema(version, columns);
  }

  private static Schema compressed(Bytes in, Schema schema) {
    in.zigzag();
    in.zigzag();
    final List<Column> columns = new ArrayList<>();
    for (final Column column : schema.columns()) {
      in.zigzag();
      columns.add(
          new Column(
              column.type(),
              column.flags(),
              column.bytes(),
              column.id(),
              column.name(),
              (int) in.fixed(4)));
    }
    return new Schema(schema.version(), columns);
  }

  private static Stable stable(Bytes in) {
    in.position += 4;
    final String name = in.text();
    final long suid = in.fixed(8);
    in.position++;
    final Schema columns = schema(in);
    final Schema tags = schema(in);
    final ByteBuffer alteration = buffer(in, in.fixed(4) > 0 ? (int) in.variable() : 0);
    final int source = (int) in.fixed(1);
    in.position++;
    final Schema compressed = compressed(in, columns);
    final long keep = in.fixed(8);
    return new Stable(name, suid, compressed, tags, alteration, source, keep, in.fixed(1) != 0);
  }

  private static List<Table> droppedTables(Bytes in) {
    in.position += 4;
    final List<Table> tables = new ArrayList<>();
    for (long n = in.zigzag(); n > 0; n--) {
      in.position += 4;
      final String name = in.text();
      final long suid = in.fixed(8);
      tables.add(Table.child(name, in.fixed(8), "", suid));
      in.position += 2;
    }
    return tables;
  }

  private static void alterTable(Bytes in, WalWriter writer) throws IOException {
    in.position += 4;
    final String name = in.text();
    final int action = (int) in.fixed(1);
    final int columnId = (int) in.fixed(4);
    final String column = in.text();
    if (action == 4) {
      in.position += 2;
      final byte[] value = in.bytes((int) in.variable());
      writer.setTag(name, columnId, column, value, in.fixed(8));
    } else {
      final int type = (int) in.fixed(1);
      in.position++;
      final int bytes = (int) in.zigzag();
      writer.addColumn(name, column, type, bytes, in.fixed(8));
    }
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
    final String table = in.text();
    final String column = in.text();
    return new Delete(
        suid, uids, first, last, affectedRows, table, column, in.fixed(8), (int) in.fixed(1));
  }

  private static ByteBuffer buffer(Bytes in, int length) {
    return ByteBuffer.wrap(in.bytes(length));
  }
}
