package io.tidemark.tdengine.taosdump;

import io.tidemark.errors.CorruptFileException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.InvalidNumberEncodingException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * An Avro container file that taosdump wrote, while it is read from its first byte to its last.
 *
 * <p>Holds one block at a time, so its memory does not depend on the length of the file. One
 * thread.
 */
final class AvroContainer {

  /*
   *   "Obj" 1 | metadata: avro.schema, avro.codec | sync marker, 16 bytes
   *   number of records | length in bytes | records, compressed | sync marker         any number of times
   *
   * Avro's own reader of containers takes a file that is cut inside a block for one that ends before it, takes
   * any length for granted that a damaged file asks memory for, and has no codec lzma. So the frame is read
   * here, and schema and records by Avro. Each record is decoded to its end, each block to its last byte.
   *
   * Only snappy has a checksum: a changed byte of a value is found by the digest of the call's files alone.
   */

  private static final byte[] MAGIC = {'O', 'b', 'j', 1};
  private static final int SYNC_BYTES = 16;
  private static final String SCHEMA = "avro.schema";
  private static final String CODEC = "avro.codec";
  private static final int MAX_METADATA_ENTRIES = 100;
  private static final int MAX_METADATA_BYTES = 16 << 20;
  private static final int BUFFER_BYTES = 1 << 16;

  /** Hears of the records of a container, one by one. */
  @FunctionalInterface
  interface RecordHandler {

    /**
     * A record was read.
     *
     * @param texts of the fields asked for, in that order; null where it has none. The array is
     *     used again
     */
    void onRecord(@Nullable String[] texts);
  }

  private final Path file;
  private final BinaryDecoder in;
  private final byte[] sync = new byte[SYNC_BYTES];
  private final byte[] marker = new byte[SYNC_BYTES];
  private byte[] stored = new byte[BUFFER_BYTES];

  /** Where reading is, for messages: the number of a block, or 0 in the header. */
  private long block;

  private AvroContainer(Path file, InputStream in) {
    this.file = file;
    this.in = DecoderFactory.get().binaryDecoder(in, null);
  }

  /**
   * Reads a container to its end.
   *
   * @param fields whose texts the handler gets
   * @return the number of its records
   * @throws CorruptFileException if it is none, or is not as taosdump left it
   */
  static long read(Path file, List<String> fields, RecordHandler handler) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file, fields, handler);
    }
  }

  /** Reads a container to its end from a stream of the file's bytes. */
  static long read(InputStream in, Path file, List<String> fields, RecordHandler handler)
      throws IOException {
    return new AvroContainer(file, in).read(fields, handler);
  }

  private long read(List<String> fields, RecordHandler handler) throws IOException {
    try {
      Map<String, byte[]> metadata = header();
      AvroCodec codec = codec(metadata.get(CODEC));
      AvroRecords records = records(metadata.get(SCHEMA), fields, handler);
      long count = 0;
      while (!in.isEnd()) {
        block++;
        count += block(codec, records);
      }
      return count;
    } catch (EOFException e) {
      throw damaged("it is cut");
    } catch (InvalidNumberEncodingException e) {
      throw damaged("no number: " + e.getMessage());
    }
  }

  private Map<String, byte[]> header() throws IOException {
    byte[] magic = new byte[MAGIC.length];
    in.readFixed(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw damaged("it is no container of Avro");
    }
    Map<String, byte[]> metadata = new HashMap<>();
    for (long entries = in.readLong(); entries != 0; entries = in.readLong()) {
      if (entries < 0) {
        // The length in bytes of the entries, which is of use to those who skip them.
        in.readLong();
        entries = -entries;
      }
      if (entries < 0 || entries > MAX_METADATA_ENTRIES) {
        throw damaged("it has too much metadata: entries=" + entries);
      }
      for (long i = 0; i < entries; i++) {
        String name = new String(metadatum(), StandardCharsets.UTF_8);
        metadata.put(name, metadatum());
      }
    }
    in.readFixed(sync);
    return metadata;
  }

  private byte[] metadatum() throws IOException {
    byte[] value = new byte[length(in.readLong(), MAX_METADATA_BYTES)];
    in.readFixed(value);
    return value;
  }

  private AvroCodec codec(byte @Nullable [] name) {
    try {
      return name == null ? AvroCodec.NULL : AvroCodec.of(new String(name, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  private AvroRecords records(
      byte @Nullable [] schema, List<String> fields, RecordHandler handler) {
    if (schema == null) {
      throw damaged("it has no schema");
    }
    try {
      return AvroRecords.of(new String(schema, StandardCharsets.UTF_8), fields, handler);
    } catch (AvroRuntimeException e) {
      throw damaged("no schema of records: " + e.getMessage());
    }
  }

  /** Returns the number of records in the next block. */
  private long block(AvroCodec codec, AvroRecords records) throws IOException {
    long count = in.readLong();
    int length = length(in.readLong(), AvroCodec.MAX_BLOCK_BYTES);
    if (length > stored.length) {
      stored = new byte[length];
    }
    in.readFixed(stored, 0, length);
    in.readFixed(marker);
    if (!Arrays.equals(marker, sync)) {
      throw damaged("wrong sync marker");
    }
    try {
      records.read(codec.decompress(stored, length), count);
    } catch (IOException e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
    return count;
  }

  private int length(long length, int max) {
    if (length < 0 || length > max) {
      throw damaged("length out of range: min=0, max=" + max + ", actual=" + length);
    }
    return (int) length;
  }

  private CorruptFileException damaged(String what) {
    return new CorruptFileException(
        "corrupt file: " + what + ", block=" + block + ", file=" + file);
  }
}
