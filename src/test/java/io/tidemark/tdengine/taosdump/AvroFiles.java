package io.tidemark.tdengine.taosdump;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.file.Codec;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.tukaani.xz.FinishableWrapperOutputStream;
import org.tukaani.xz.LZMA2Options;

/** Writes, with Avro's own writer, what taosdump writes of a database named power. */
final class AvroFiles {
  static final String DATA = "taosdump.1/data0-13E2E57E";

  private static final String MAYBE = "[\"null\",\"string\"]";
  private static final Schema ROW =
      schema(
          "_record",
          "{\"name\":\"tbname\",\"type\":"
              + MAYBE
              + "},{\"name\":\"ts\",\"type\":[\"null\",\"long\"]},"
              + "{\"name\":\"col0\",\"type\":"
              + MAYBE
              + "},{\"name\":\"col1\",\"type\":[{\"type\":\"null\"},"
              + "{\"type\":\"array\",\"items\":\"int\"}]}");
  private static final Schema TAGS =
      schema(
          "_stb",
          "{\"name\":\"stbname\",\"type\":"
              + MAYBE
              + "},{\"name\":\"tbname\",\"type\":"
              + MAYBE
              + "}");
  private static final Schema NORMAL_TABLE =
      schema(
          "_ntb",
          "{\"name\":\"tbname\",\"type\":" + MAYBE + "},{\"name\":\"sql\",\"type\":" + MAYBE + "}");

  private AvroFiles() {}

  private static Schema schema(String name, String fields) {
    String json =
        "{\"type\":\"record\",\"name\":\"power." + name + "\",\"fields\":[" + fields + "]}";
    return new Schema.Parser().parse(json);
  }

  /** Writes rows of one table, in blocks of a few. */
  static Path rows(Path file, CodecFactory codec, String table, int count) throws IOException {
    Files.createDirectories(file.getParent());
    try (DataFileWriter<GenericRecord> writer = writer(file, codec, ROW)) {
      for (int i = 0; i < count; i++) {
        GenericRecord row = new GenericData.Record(ROW);
        row.put("tbname", table);
        row.put("ts", 1_793_491_200_000L + i);
        row.put("col0", i % 3 == 0 ? null : "a value that comes again: " + i % 5);
        row.put("col1", i % 2 == 0 ? null : List.of(i, -i));
        writer.append(row);
      }
    }
    return file;
  }

  /** Writes the tags of some tables. */
  static Path tags(Path file, String... tables) throws IOException {
    Files.createDirectories(file.getParent());
    try (DataFileWriter<GenericRecord> writer = writer(file, CodecFactory.snappyCodec(), TAGS)) {
      for (String table : tables) {
        GenericRecord tags = new GenericData.Record(TAGS);
        tags.put("stbname", "meters");
        tags.put("tbname", table);
        writer.append(tags);
      }
    }
    return file;
  }

  /** Writes the definition of a normal table. */
  static Path normalTable(Path file, String table, String sql) throws IOException {
    Files.createDirectories(file.getParent());
    try (DataFileWriter<GenericRecord> writer =
        writer(file, CodecFactory.snappyCodec(), NORMAL_TABLE)) {
      GenericRecord definition = new GenericData.Record(NORMAL_TABLE);
      definition.put("tbname", table);
      definition.put("sql", sql);
      writer.append(definition);
    }
    return file;
  }

  private static DataFileWriter<GenericRecord> writer(Path file, CodecFactory codec, Schema schema)
      throws IOException {
    DataFileWriter<GenericRecord> writer =
        new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(schema))
            .setCodec(codec)
            .setSyncInterval(100);
    return writer.create(
        schema,
        Files.newOutputStream(file),
        new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  }

  /** The codec of Avro for C that Avro for Java has not. */
  static CodecFactory lzma() {
    return new Lzma();
  }

  private static final class Lzma extends CodecFactory {
    @Override
    protected Codec createInstance() {
      return new Codec() {
        @Override
        public String getName() {
          return "lzma";
        }

        @Override
        public ByteBuffer compress(ByteBuffer block) throws IOException {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          try (var lzma =
              new LZMA2Options().getOutputStream(new FinishableWrapperOutputStream(bytes))) {
            lzma.write(block.array(), block.arrayOffset() + block.position(), block.remaining());
          }
          return ByteBuffer.wrap(bytes.toByteArray());
        }

        @Override
        public ByteBuffer decompress(ByteBuffer block) {
          throw new UnsupportedOperationException();
        }

        @Override
        public boolean equals(Object other) {
          return this == other;
        }

        @Override
        public int hashCode() {
          return System.identityHashCode(this);
        }
      };
    }
  }
}
