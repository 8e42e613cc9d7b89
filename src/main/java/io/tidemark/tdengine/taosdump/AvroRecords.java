package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.taosdump.AvroContainer.RecordHandler;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/** The records in the blocks of one Avro container, decoded one after another. One thread. */
final class AvroRecords {
  private final List<Schema.Field> fields;

  /** Where the text of a field goes; -1 if nobody asked for it. */
  private final int[] places;

  private final @Nullable String[] texts;

  /** The bytes of the texts: one that comes again is not decoded again. */
  private final byte[][] encoded;

  private byte[] read = new byte[0];
  private final RecordHandler handler;
  private @Nullable BinaryDecoder decoder;

  private AvroRecords(Schema schema, List<String> wanted, RecordHandler handler) {
    this.fields = schema.getFields();
    this.places = fields.stream().mapToInt(field -> wanted.indexOf(field.name())).toArray();
    this.texts = new String[wanted.size()];
    this.encoded = new byte[wanted.size()][0];
    this.handler = handler;
  }

  /**
   * Makes the reader of a schema. Names in it are taken as they are, for databases have names that
   * Avro's rules forbid.
   *
   * @throws AvroRuntimeException if it is none, or not of records
   */
  static AvroRecords of(String json, List<String> wanted, RecordHandler handler) {
    Schema schema =
        new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false).parse(json);
    if (schema.getType() != Schema.Type.RECORD) {
      throw new AvroRuntimeException("type=" + schema.getType());
    }
    return new AvroRecords(schema, wanted, handler);
  }

  /**
   * Decodes the records of a block.
   *
   * @throws IOException if it does not hold exactly that many
   */
  void read(ByteBuffer block, long count) throws IOException {
    int length = block.remaining();
    if (count < 0 || count > length) {
      throw new IOException("more records than bytes: records=" + count + ", bytes=" + length);
    }
    BinaryDecoder in =
        DecoderFactory.get().binaryDecoder(block.array(), block.arrayOffset(), length, decoder);
    decoder = in;
    try {
      for (long i = 0; i < count; i++) {
        record(in, length);
      }
    } catch (EOFException e) {
      throw new IOException("records go on behind their block: records=" + count, e);
    } catch (RuntimeException e) {
      // What Avro throws where bytes are no record is of many kinds.
      throw new IOException("no record: " + e.getMessage(), e);
    }
    if (!in.isEnd()) {
      throw new IOException("records end before their block: records=" + count);
    }
  }

  private void record(BinaryDecoder in, int limit) throws IOException {
    for (int i = 0; i < places.length; i++) {
      Schema schema = fields.get(i).schema();
      if (places[i] < 0) {
        skip(schema, in);
      } else {
        texts[places[i]] = text(schema, in, limit, places[i]);
      }
    }
    handler.onRecord(texts);
  }

  /** Skips a value; those of simple types without what Avro's own skipping does for collections. */
  private static void skip(Schema schema, BinaryDecoder in) throws IOException {
    switch (schema.getType()) {
      case UNION -> skip(schema.getTypes().get(in.readIndex()), in);
      case NULL -> {}
      case BOOLEAN -> in.readBoolean();
      case INT -> in.readInt();
      case LONG -> in.readLong();
      case FLOAT -> in.skipFixed(Float.BYTES);
      case DOUBLE -> in.skipFixed(Double.BYTES);
      case STRING -> in.skipString();
      default -> GenericDatumReader.skip(schema, in);
    }
  }

  private @Nullable String text(Schema schema, BinaryDecoder in, int limit, int place)
      throws IOException {
    Schema actual = schema.isUnion() ? schema.getTypes().get(in.readIndex()) : schema;
    if (actual.getType() != Schema.Type.STRING) {
      skip(actual, in);
      return null;
    }
    long length = in.readLong();
    if (length < 0 || length > limit) {
      throw new IOException("text is longer than its block: lengthBytes=" + length);
    }
    int size = (int) length;
    if (size > read.length) {
      read = new byte[size];
    }
    in.readFixed(read, 0, size);
    String before = texts[place];
    if (before != null && Arrays.equals(read, 0, size, encoded[place], 0, encoded[place].length)) {
      return before;
    }
    encoded[place] = Arrays.copyOf(read, size);
    return new String(encoded[place], StandardCharsets.UTF_8);
  }
}
