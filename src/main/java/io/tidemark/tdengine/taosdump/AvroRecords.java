package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.taosdump.AvroContainer.RecordHandler;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
  private final RecordHandler handler;
  private @Nullable BinaryDecoder decoder;

  private AvroRecords(Schema schema, List<String> wanted, RecordHandler handler) {
    this.fields = schema.getFields();
    this.places = fields.stream().mapToInt(field -> wanted.indexOf(field.name())).toArray();
    this.texts = new String[wanted.size()];
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
        GenericDatumReader.skip(schema, in);
      } else {
        texts[places[i]] = text(schema, in, limit);
      }
    }
    handler.onRecord(texts);
  }

  private static @Nullable String text(Schema schema, BinaryDecoder in, int limit)
      throws IOException {
    Schema actual = schema.isUnion() ? schema.getTypes().get(in.readIndex()) : schema;
    if (actual.getType() != Schema.Type.STRING) {
      GenericDatumReader.skip(actual, in);
      return null;
    }
    long length = in.readLong();
    if (length < 0 || length > limit) {
      throw new IOException("text is longer than its block: lengthBytes=" + length);
    }
    byte[] bytes = new byte[(int) length];
    in.readFixed(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
