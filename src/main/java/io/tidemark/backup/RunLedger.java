package io.tidemark.backup;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.storage.Crc;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is durably known of the run that a chain has prepared: its plan, and the receipt of each
 * batch.
 *
 * <p>Used by one thread.
 */
final class RunLedger implements Closeable {

  /*
   *   0               4               8
   *  +---------------+---------------+
   *  | magic "TIDELEDG"              |   0
   *  +---------------+---------------+
   *  | version       | 0             |   8
   *  +---------------+---------------+
   *  | length        | CRC32C        |  16   of one JSON object, which follows; then the next
   *  +---------------+---------------+
   *  | JSON, UTF-8 ...
   *
   * The first object names the tool and holds the plan; it is there before the file has its name. Each
   * other one is a receipt, forced before the next batch begins. What ends within an object, or has a
   * wrong CRC, was being written: it and what follows is dropped, and that batch is written again.
   */

  private static final long MAGIC = 0x4744454C45444954L;
  private static final int VERSION = 1;
  private static final int HEADER_LENGTH = 2 * Long.BYTES;
  private static final int FRAME_LENGTH = Long.BYTES;
  private static final String SUFFIX = ".ledger";
  private static final JsonFactory JSON = new JsonFactory();

  private final StorageIO io;
  private final Path path;
  private final String tool;
  private final RunPlan plan;
  private final List<BatchReceipt> receipts;
  private final StorageFile file;
  private long length;

  private RunLedger(
      StorageIO io, Path path, String tool, RunPlan plan, List<BatchReceipt> receipts, long length)
      throws IOException {
    this.io = io;
    this.path = path;
    this.tool = tool;
    this.plan = plan;
    this.receipts = receipts;
    this.length = length;
    this.file = io.openForWriting(path);
  }

  /** Returns the chains that have a ledger in a directory. */
  static List<String> chains(StorageIO io, Path directory) throws IOException {
    List<String> chains = new ArrayList<>();
    for (Path path : io.list(directory)) {
      String name = path.getFileName().toString();
      if (name.endsWith(SUFFIX)) {
        chains.add(name.substring(0, name.length() - SUFFIX.length()));
      }
    }
    return chains;
  }

  private static Path path(Path directory, String chain) {
    return directory.resolve(chain + SUFFIX);
  }

  /** Begins the ledger of a run; it is durable when this returns. */
  static RunLedger create(StorageIO io, Path directory, String tool, RunPlan plan)
      throws IOException {
    Path path = path(directory, plan.chain());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(header());
    bytes.writeBytes(frame(first(tool, plan)));
    publish(io, path, bytes.toByteArray());
    return new RunLedger(io, path, tool, plan, new ArrayList<>(), bytes.size());
  }

  private static void publish(StorageIO io, Path path, byte[] bytes) throws IOException {
    Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
    try (StorageFile file = io.create(temporary)) {
      file.write(ByteBuffer.wrap(bytes), 0);
      file.force();
    }
    io.rename(temporary, path);
    io.forceDirectory(path.resolveSibling(""));
  }

  /**
   * Opens the ledger of a chain and drops what was not written to its end; null if there is none.
   *
   * @throws CorruptFileException if not even its plan can be read
   */
  static @Nullable RunLedger open(StorageIO io, Path directory, String chain) throws IOException {
    Path path = path(directory, chain);
    if (!io.exists(path)) {
      return null;
    }
    ByteBuffer bytes = io.map(path);
    checkHeader(bytes, path);
    bytes.position(HEADER_LENGTH);
    JsonObject first = next(bytes, path);
    if (first == null) {
      throw new CorruptFileException("corrupt file: ledger without a plan: file=" + path);
    }
    List<BatchReceipt> receipts = new ArrayList<>();
    int end = bytes.position();
    for (JsonObject json = next(bytes, path); json != null; json = next(bytes, path)) {
      receipts.add(RunJson.receipt(json));
      end = bytes.position();
    }
    if (end < bytes.capacity()) {
      byte[] whole = new byte[end];
      bytes.get(0, whole);
      publish(io, path, whole);
    }
    return new RunLedger(
        io, path, first.text("tool"), RunJson.plan(first.object("run")), receipts, end);
  }

  private static void checkHeader(ByteBuffer bytes, Path path) {
    if (bytes.capacity() < HEADER_LENGTH || bytes.getLong(0) != MAGIC) {
      throw new CorruptFileException("corrupt file: not a ledger: file=" + path);
    }
    int version = bytes.getInt(Long.BYTES);
    if (version != VERSION) {
      throw UnsupportedFormatException.newer(VERSION, version, path);
    }
  }

  /** Returns the object at the buffer's position and moves behind it; null if none is whole. */
  private static @Nullable JsonObject next(ByteBuffer bytes, Path path) {
    if (bytes.remaining() < FRAME_LENGTH) {
      return null;
    }
    int at = bytes.position();
    int length = bytes.getInt(at);
    int from = at + FRAME_LENGTH;
    if (length <= 0
        || length > bytes.capacity() - from
        || Crc.of(bytes, from, length) != bytes.getInt(at + Integer.BYTES)) {
      return null;
    }
    byte[] json = new byte[length];
    bytes.get(from, json);
    bytes.position(from + length);
    return JsonObject.parse(json, path.toString());
  }

  private static byte[] header() {
    return ByteBuffer.allocate(HEADER_LENGTH)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(MAGIC)
        .putInt(VERSION)
        .array();
  }

  private static byte[] frame(byte[] json) {
    ByteBuffer frame =
        ByteBuffer.allocate(FRAME_LENGTH + json.length).order(ByteOrder.LITTLE_ENDIAN);
    frame.putInt(json.length);
    frame.putInt(Crc.of(ByteBuffer.wrap(json), 0, json.length));
    frame.put(json);
    return frame.array();
  }

  private static byte[] first(String tool, RunPlan plan) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("tool", tool);
      json.writeFieldName("run");
      RunJson.write(plan, json);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** Appends a receipt; it is durable when this returns. */
  void append(BatchReceipt receipt) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      RunJson.write(receipt, json);
    }
    byte[] frame = frame(bytes.toByteArray());
    file.write(ByteBuffer.wrap(frame), length);
    file.force();
    length += frame.length;
    receipts.add(receipt);
  }

  /** Returns which tool writes the run, and where to. */
  String tool() {
    return tool;
  }

  RunPlan plan() {
    return plan;
  }

  /** Returns the receipts so far, in order of batches. */
  List<BatchReceipt> receipts() {
    return List.copyOf(receipts);
  }

  /** Closes and deletes the ledger: the run is committed or given up. */
  void delete() throws IOException {
    close();
    io.delete(path);
    io.forceDirectory(path.resolveSibling(""));
  }

  /** Deletes a ledger that cannot be read. */
  static void delete(StorageIO io, Path directory, String chain) throws IOException {
    io.delete(path(directory, chain));
    io.forceDirectory(directory);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
