package io.tidemark.archive;

import io.tidemark.backup.CopyKind;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Writes the blocks of one batch to a data file of a run, and counts them.
 *
 * <p>Used by one thread.
 */
final class RunFileWriter implements Closeable {
  private final Archive archive;
  private final String runId;
  private final int batch;
  private final DataFileWriter out;
  private final MessageDigest ids = Sha256.digest();
  private final ByteBuffer idBytes = ByteBuffer.allocate(Long.BYTES);
  private long blocks;
  private long deleted;
  private long gone;
  private long firstId;
  private long lastId;

  RunFileWriter(Archive archive, String runId, int batch, RunEncoding encoding) throws IOException {
    this.archive = archive;
    this.runId = runId;
    this.batch = batch;
    this.out =
        encoding.create(
            archive.io(), archive.directory(runId).resolve(Archive.dataFile(batch)), runId, batch);
  }

  /** Writes that there is no content of a block. */
  void write(long blockId, CopyKind kind) throws IOException {
    out.write(blockId, kind);
    count(blockId, kind);
  }

  /** Writes the content of a block. */
  void write(long blockId, CopyKind kind, ByteBuffer content) throws IOException {
    out.write(blockId, kind, content);
    count(blockId, kind);
  }

  private void count(long blockId, CopyKind kind) {
    firstId = records() == 0 ? blockId : firstId;
    lastId = blockId;
    blocks += kind.hasContent() ? 1 : 0;
    deleted += kind == CopyKind.DELETED ? 1 : 0;
    gone += kind == CopyKind.GONE ? 1 : 0;
    ids.update(idBytes.putLong(0, blockId).rewind());
  }

  /** Returns how many blocks were written. */
  long records() {
    return blocks + deleted + gone;
  }

  /** Ends the file; it and its name are durable when this returns. */
  ManifestFile complete() throws IOException {
    String sha256 = out.complete();
    archive.io().forceDirectory(archive.directory(runId));
    return new ManifestFile(
        Archive.dataFile(batch),
        batch,
        out.length(),
        sha256,
        blocks,
        deleted,
        gone,
        out.contentBytes(),
        firstId,
        lastId,
        HexFormat.of().formatHex(ids.digest()));
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
