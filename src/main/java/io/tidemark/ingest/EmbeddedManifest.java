package io.tidemark.ingest;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What an embedded engine's directory holds: the newest intact manifest decides, and what it does
 * not name is deleted.
 *
 * @param engineId random, never 0; every file and record of the engine carries it
 * @param number higher than those of the manifests before
 * @param isClosed whether the engine was closed: then no file of the log is open
 * @param firstWalOffset WAL offset of the engine's first change
 * @param walOffset WAL offset of the last record in {@code logs}, whether the file with it is there
 *     still or not; the open file goes on behind it
 * @param nextDataFile higher than the number of every data file named before
 * @param generations from the first on; the open file's is the last
 * @param logs files of the log that are whole and forced, oldest first
 * @param runs oldest first
 */
record EmbeddedManifest(
    long engineId,
    long number,
    boolean isClosed,
    long firstWalOffset,
    long walOffset,
    long nextDataFile,
    List<Generation> generations,
    List<LogFile> logs,
    List<Run> runs) {

  /*
   *   0               4               8
   *  +-------------------------------+
   *  | number                        |   0
   *  +-------------------------------+
   *  | first WAL offset              |   8
   *  +-------------------------------+
   *  | WAL offset                    |  16
   *  +-------------------------------+
   *  | next data file                |  24
   *  +---------------+---------------+
   *  | flags         | generations   |  32   bit 0: closed
   *  +---------------+---------------+
   *  | log files     | runs          |  40
   *  +---------------+---------------+
   *  | generations ...               |  48   for each: first own WAL offset u64, timestamp i64 ns
   *  | log files ...                 |       for each: first u64, last u64, bytes u64, generation u32,
   *  |                               |       0 u32
   *  | runs ...                      |       for each: last WAL offset u64, blocks u64, bytes u64,
   *  |                               |       files u32, 0 u32; then for each file: number u64,
   *  +-------------------------------+       payload length u64, payload CRC32C u32, 0 u32
   *
   *  The store id of the header is the engine's; its positions are the first and the last WAL offset
   *  of the log that is there.
   *  Invariants: log files adjoin and end at the WAL offset; runs ascend, and the log begins at or
   *  below the newest run's end.
   */

  private static final int VERSION = 1;
  private static final int FLAG_CLOSED = 1;

  private static final int FIXED_LENGTH = 6 * Long.BYTES;
  private static final int GENERATION_LENGTH = 2 * Long.BYTES;
  private static final int LOG_LENGTH = 4 * Long.BYTES;
  private static final int RUN_LENGTH = 4 * Long.BYTES;
  private static final int DATA_FILE_LENGTH = 3 * Long.BYTES;

  /**
   * A stretch between two rollbacks.
   *
   * @param firstOwn first WAL offset whose content differs from the generation before
   * @param timestampNs when it began
   */
  record Generation(long firstOwn, long timestampNs) {}

  /**
   * A file of the log.
   *
   * @param last WAL offset of its last record that counts
   * @param lengthBytes where that record ends; what lies behind was rolled back
   */
  record LogFile(int generation, long first, long last, long lengthBytes) {}

  /**
   * The blocks of the engine as of a flush, or what of them changed since the run before.
   *
   * @param last WAL offset of the last change in it
   * @param blocks how many there were in the engine
   * @param bytes length of their contents
   * @param files in order of ids
   */
  record Run(long last, long blocks, long bytes, List<DataFile> files) {

    /** Returns the length of the files. */
    long lengthBytes() {
      return files.stream().mapToLong(DataFile::lengthBytes).sum();
    }
  }

  /**
   * A data file.
   *
   * @param lengthBytes of its payload
   * @param crc of its payload
   */
  record DataFile(long number, long lengthBytes, int crc) {}

  /** Copies the lists. */
  EmbeddedManifest {
    generations = List.copyOf(generations);
    logs = List.copyOf(logs);
    runs = List.copyOf(runs);
  }

  /** Returns the manifest that follows this one. */
  EmbeddedManifest next(
      boolean closed,
      long newWalOffset,
      long newNextDataFile,
      List<Generation> newGenerations,
      List<LogFile> newLogs,
      List<Run> newRuns) {
    return new EmbeddedManifest(
        engineId,
        number + 1,
        closed,
        firstWalOffset,
        newWalOffset,
        newNextDataFile,
        newGenerations,
        newLogs,
        newRuns);
  }

  /** Returns the number of the present generation. */
  int generation() {
    return generations.size();
  }

  Generation newestGeneration() {
    return generations.get(generations.size() - 1);
  }

  /** Returns the WAL offset through which everything is in data files. */
  long flushedThrough() {
    return runs.isEmpty() ? firstWalOffset - 1 : runs.get(runs.size() - 1).last();
  }

  /** Returns the WAL offset from which on the log is there. */
  long firstAvailable() {
    return logs.isEmpty() ? walOffset + 1 : logs.get(0).first();
  }

  /** Publishes the manifest; it is durable when this returns. */
  void publish(StorageIO io, Path file) throws IOException {
    int length =
        FIXED_LENGTH
            + generations.size() * GENERATION_LENGTH
            + logs.size() * LOG_LENGTH
            + runs.size() * RUN_LENGTH
            + runs.stream().mapToInt(run -> run.files().size()).sum() * DATA_FILE_LENGTH;
    ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(number).putLong(firstWalOffset).putLong(walOffset).putLong(nextDataFile);
    out.putInt(isClosed ? FLAG_CLOSED : 0).putInt(generations.size());
    out.putInt(logs.size()).putInt(runs.size());
    for (Generation generation : generations) {
      out.putLong(generation.firstOwn()).putLong(generation.timestampNs());
    }
    for (LogFile log : logs) {
      out.putLong(log.first()).putLong(log.last()).putLong(log.lengthBytes());
      out.putInt(log.generation()).putInt(0);
    }
    for (Run run : runs) {
      out.putLong(run.last()).putLong(run.blocks()).putLong(run.bytes());
      out.putInt(run.files().size()).putInt(0);
      for (DataFile data : run.files()) {
        out.putLong(data.number()).putLong(data.lengthBytes()).putInt(data.crc()).putInt(0);
      }
    }
    assert !out.hasRemaining() : "manifest does not fill its payload: left=" + out.remaining();
    PublishedFile.publish(
        io,
        file,
        FileType.EMBEDDED_MANIFEST,
        VERSION,
        engineId,
        firstAvailable(),
        walOffset,
        out.flip());
  }

  /**
   * Reads a manifest and checks every byte of it.
   *
   * @param number the number in the file's name
   * @throws CorruptFileException if any byte is wrong
   */
  static EmbeddedManifest open(StorageIO io, Path file, long number) throws IOException {
    PublishedFile published = PublishedFile.open(io, file, FileType.EMBEDDED_MANIFEST, VERSION, 0);
    ByteBuffer in = published.payload();
    EmbeddedManifest manifest;
    try {
      manifest = decode(in, published.header().storeId());
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new CorruptFileException(
          "corrupt file: payload is no manifest: cause=" + e + ", file=" + file);
    }
    if (in.hasRemaining() || manifest.number != number) {
      throw new CorruptFileException(
          "corrupt file: payload is no manifest of this name: number="
              + manifest.number
              + ", left="
              + in.remaining()
              + ", file="
              + file);
    }
    return manifest;
  }

  private static EmbeddedManifest decode(ByteBuffer in, long engineId) {
    long number = in.getLong();
    long firstWalOffset = in.getLong();
    long walOffset = in.getLong();
    long nextDataFile = in.getLong();
    boolean isClosed = (in.getInt() & FLAG_CLOSED) != 0;
    int generationCount = in.getInt();
    int logCount = in.getInt();
    int runCount = in.getInt();
    List<Generation> generations = new ArrayList<>();
    for (int i = 0; i < generationCount; i++) {
      generations.add(new Generation(in.getLong(), in.getLong()));
    }
    List<LogFile> logs = new ArrayList<>();
    for (int i = 0; i < logCount; i++) {
      long first = in.getLong();
      long last = in.getLong();
      long lengthBytes = in.getLong();
      logs.add(new LogFile(in.getInt(), first, last, lengthBytes));
      in.getInt();
    }
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < runCount; i++) {
      runs.add(decodeRun(in));
    }
    return new EmbeddedManifest(
        engineId,
        number,
        isClosed,
        firstWalOffset,
        walOffset,
        nextDataFile,
        generations,
        logs,
        runs);
  }

  private static Run decodeRun(ByteBuffer in) {
    long last = in.getLong();
    long blocks = in.getLong();
    long bytes = in.getLong();
    int fileCount = in.getInt();
    in.getInt();
    List<DataFile> files = new ArrayList<>();
    for (int i = 0; i < fileCount; i++) {
      files.add(new DataFile(in.getLong(), in.getLong(), in.getInt()));
      in.getInt();
    }
    return new Run(last, blocks, bytes, files);
  }
}
