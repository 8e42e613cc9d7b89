package io.tidemark.archive;

import io.tidemark.backup.CopyKind;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Walks the records of one data file of a run, and checks every byte of it on the way.
 *
 * <p>What it says of a record is right; that the file is whole and the one the manifest names is
 * known when {@link #next} has returned false. Used by one thread.
 */
final class DataFileReader implements Closeable {
  private static final int FIRST_CAPACITY = 1 << 13;

  private final Path path;
  private final ManifestFile named;
  private final StorageFile file;
  private final DigestedInput raw;
  private final InputStream body;
  private final byte[] fieldBytes = new byte[BlockRecord.LENGTH];
  private final ByteBuffer fields = BlockRecord.over(fieldBytes);
  private final MessageDigest ids = Sha256.digest();
  private byte[] bytes = new byte[FIRST_CAPACITY];
  private ByteBuffer content = ByteBuffer.allocate(0);
  private CopyKind kind = CopyKind.GONE;
  private long blockId;
  private long records;
  private long blocks;
  private long deleted;
  private long contentBytes;

  private DataFileReader(
      Path path, ManifestFile named, StorageFile file, String runId, @Nullable ArchiveKey key)
      throws IOException {
    this.path = path;
    this.named = named;
    this.file = file;
    this.raw = new DigestedInput(file);
    if (file.length() != named.lengthBytes()) {
      throw corrupt("wrong length: expected=" + named.lengthBytes() + ", actual=" + file.length());
    }
    byte[] encoded = raw.readNBytes(DataFileHeader.LENGTH);
    if (encoded.length < DataFileHeader.LENGTH) {
      throw corrupt("shorter than its header: length=" + encoded.length);
    }
    DataFileHeader header = DataFileHeader.decode(encoded, path.toString());
    check(header, runId, key);
    Compression compression = Compressions.withCode(header.compression());
    if (compression == null) {
      throw corrupt("no such compression: code=" + header.compression());
    }
    this.body =
        compression.decompress(
            key == null
                ? raw
                : new DecryptingInputStream(
                    raw, key.fileKey(header.salt(), encoded), path.toString()));
  }

  /**
   * Opens a file.
   *
   * @param key null if the run is not encrypted
   * @throws CorruptFileException if it is not the file that the manifest names
   */
  static DataFileReader open(
      StorageIO io, Path path, ManifestFile named, String runId, @Nullable ArchiveKey key)
      throws IOException {
    StorageFile file;
    try {
      file = io.openForReading(path);
    } catch (NoSuchFileException e) {
      throw new CorruptFileException("file of a run is missing: file=" + path);
    }
    try {
      return new DataFileReader(path, named, file, runId, key);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void check(DataFileHeader header, String runId, @Nullable ArchiveKey key) {
    if (!header.isOf(runId)) {
      throw corrupt("file is of another run: run=" + runId);
    }
    if (header.batch() != named.batch()) {
      throw corrupt(
          "file is of another batch: expected=" + named.batch() + ", actual=" + header.batch());
    }
    if (header.isEncrypted() != (key != null)) {
      throw corrupt("encryption is not what the manifest says: encrypted=" + header.isEncrypted());
    }
  }

  private CorruptFileException corrupt(String what) {
    return new CorruptFileException("corrupt file: " + what + ", file=" + path);
  }

  /**
   * Moves to the next record; returns false at the end of the file.
   *
   * @throws CorruptFileException if a byte is wrong
   */
  boolean next() throws IOException {
    try {
      return read();
    } catch (IOException e) {
      if (raw.failure() != null) {
        throw e;
      }
      throw corrupt("cannot be decompressed: " + e.getMessage());
    } catch (TidemarkException e) {
      throw e;
    } catch (RuntimeException e) {
      // Decompressors throw what they like at bytes that nobody compressed.
      throw corrupt("cannot be decompressed: " + e.getMessage());
    }
  }

  private boolean read() throws IOException {
    if (body.readNBytes(fieldBytes, 0, BlockRecord.LENGTH) < BlockRecord.LENGTH) {
      throw corrupt("ends within a record: record=" + records);
    }
    int length = fields.getInt(BlockRecord.LENGTH_OFFSET);
    // What the manifest says of all contents bounds each of them.
    if (length < 0 || length > named.contentBytes() - contentBytes) {
      throw corrupt("wrong length of a record: record=" + records + ", length=" + length);
    }
    if (length > bytes.length) {
      bytes = new byte[Math.max(length, (int) Math.min(2L * bytes.length, Integer.MAX_VALUE - 8))];
    }
    if (body.readNBytes(bytes, 0, length) < length) {
      throw corrupt("ends within a record: record=" + records);
    }
    content = ByteBuffer.wrap(bytes, 0, length).asReadOnlyBuffer();
    int storedCrc = fields.getInt(BlockRecord.CRC_OFFSET);
    int actualCrc = BlockRecord.crc(fieldBytes, content);
    if (storedCrc != actualCrc) {
      throw corrupt(
          String.format(
              Locale.ROOT,
              "wrong record CRC: record=%d, expected=0x%08X, actual=0x%08X",
              records,
              storedCrc,
              actualCrc));
    }
    long id = fields.getLong(BlockRecord.ID_OFFSET);
    int code = fields.getInt(BlockRecord.KIND_OFFSET);
    if (code == BlockRecord.END) {
      end(id);
      return false;
    }
    take(id, code, length);
    return true;
  }

  private void take(long id, int code, int length) {
    if (code < 0 || code > CopyKind.values().length) {
      throw corrupt("no such kind of record: record=" + records + ", kind=" + code);
    }
    if (records > 0 && Long.compareUnsigned(id, blockId) <= 0) {
      throw corrupt("ids do not ascend: record=" + records);
    }
    kind = CopyKind.ofCode(code);
    blockId = id;
    records++;
    contentBytes += length;
    blocks += kind.hasContent() ? 1 : 0;
    deleted += kind == CopyKind.DELETED ? 1 : 0;
    ids.update(ByteBuffer.allocate(Long.BYTES).putLong(0, id));
  }

  private void end(long stated) throws IOException {
    if (stated != records) {
      throw corrupt("wrong number of records: expected=" + stated + ", actual=" + records);
    }
    if (body.read() >= 0) {
      throw corrupt("goes on behind its end");
    }
    String actual = raw.complete();
    if (!actual.equals(named.sha256())) {
      throw corrupt("wrong SHA-256: expected=" + named.sha256() + ", actual=" + actual);
    }
    boolean isAsNamed =
        records == named.records()
            && blocks == named.blocks()
            && deleted == named.deleted()
            && contentBytes == named.contentBytes()
            && HexFormat.of().formatHex(ids.digest()).equals(named.idsSha256());
    if (!isAsNamed) {
      throw corrupt("blocks are not those the manifest names: records=" + records);
    }
  }

  /** Returns the id of the block. */
  long blockId() {
    return blockId;
  }

  /** Returns what the file holds of the block. */
  CopyKind kind() {
    return kind;
  }

  /** Returns the content, read-only; valid until the next record. */
  ByteBuffer content() {
    return content;
  }

  @Override
  public void close() throws IOException {
    try (file) {
      body.close();
    }
  }
}
