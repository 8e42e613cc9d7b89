package io.tidemark.ingest;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The blocks that an embedded engine holds: the runs of its data files and, above them, what
 * changed since the last flush, which is in the log.
 *
 * <p>Guarded by the engine's lock.
 */
final class EmbeddedBlocks implements Closeable {

  /** Length of a block that does not exist. */
  static final int ABSENT = EmbeddedDataDescriptor.DELETED;

  /** Oldest first. */
  private final List<EmbeddedRun> runs;

  private final UnflushedBlocks unflushed = new UnflushedBlocks();

  /** The files that hold what was not flushed, and the address at which each begins. */
  private final List<Part> parts = new ArrayList<>();

  private long blocks;
  private long bytes;

  private record Part(EmbeddedLogFile file, long address) {}

  /** Begins with what the runs hold. */
  EmbeddedBlocks(List<EmbeddedRun> runs) {
    this.runs = List.copyOf(runs);
    if (!runs.isEmpty()) {
      EmbeddedManifest.Run newest = runs.get(runs.size() - 1).named();
      blocks = newest.blocks();
      bytes = newest.bytes();
    }
  }

  /** Takes over the file that the next changes are in. */
  void follow(EmbeddedLogFile file) {
    parts.add(new Part(file, unflushedBytes()));
  }

  /** Returns the length of the log's files that hold what was not flushed. */
  long unflushedBytes() {
    if (parts.isEmpty()) {
      return 0;
    }
    Part last = parts.get(parts.size() - 1);
    return last.address() + last.file().lengthBytes();
  }

  /**
   * Takes in a record of the file followed last.
   *
   * @param place where in the file it is
   */
  void apply(EmbeddedRecordType type, long blockId, long place, int length) {
    if (type == EmbeddedRecordType.FLUSH || type == EmbeddedRecordType.BEGIN) {
      return;
    }
    int before = length(blockId);
    int after = type == EmbeddedRecordType.DELETE ? ABSENT : length;
    blocks += (before == ABSENT ? 1 : 0) - (after == ABSENT ? 1 : 0);
    bytes += Math.max(after, 0) - Math.max(before, 0);
    unflushed.put(blockId, parts.get(parts.size() - 1).address() + place, after);
  }

  /** Returns the length of a block's content; {@code ABSENT} if there is no such block. */
  int length(long blockId) {
    long place = unflushed.place(blockId);
    if (place != UnflushedBlocks.NO_PLACE) {
      return UnflushedBlocks.length(place);
    }
    EmbeddedRows row = flushed(blockId);
    return row == null ? ABSENT : row.length();
  }

  /** Returns what the newest run says that says something of a block. */
  private @Nullable EmbeddedRows flushed(long blockId) {
    for (int i = runs.size() - 1; i >= 0; i--) {
      EmbeddedRows row = runs.get(i).row(blockId);
      if (row != null) {
        return row;
      }
    }
    return null;
  }

  /** Returns the content of a block, read-only; null if there is no such block. */
  @Nullable ByteBuffer content(long blockId) throws IOException {
    long place = unflushed.place(blockId);
    if (place != UnflushedBlocks.NO_PLACE) {
      return UnflushedBlocks.length(place) == ABSENT ? null : logged(blockId, place);
    }
    EmbeddedRows row = flushed(blockId);
    return row == null || row.length() == ABSENT ? null : row.content();
  }

  private ByteBuffer logged(long blockId, long place) throws IOException {
    long address = UnflushedBlocks.address(place);
    int part = parts.size() - 1;
    while (parts.get(part).address() > address) {
      part--;
    }
    return parts
        .get(part)
        .file()
        .content(address - parts.get(part).address(), blockId, UnflushedBlocks.length(place));
  }

  /**
   * Returns what the newest runs and the changes above them say, before the first block; later
   * changes do not show.
   *
   * @param firstRun the oldest of these runs
   */
  EmbeddedRows rows(int firstRun) {
    List<EmbeddedRows> layers = new ArrayList<>();
    layers.add(unflushed.rows(this::logged));
    for (int i = runs.size() - 1; i >= firstRun; i--) {
      layers.add(runs.get(i).rows());
    }
    return EmbeddedRows.layered(layers);
  }

  /**
   * Returns the oldest of the runs that the next flush makes one with what it writes.
   *
   * @param fanIn so many layers of about one size are made one
   */
  int firstToMerge(int fanIn) {
    long length = unflushedBytes();
    int first = runs.size();
    while (first > 0 && runs.get(first - 1).named().lengthBytes() <= 2 * length) {
      first--;
      length += runs.get(first).named().lengthBytes();
    }
    return runs.size() - first + 1 >= fanIn ? first : runs.size();
  }

  List<EmbeddedRun> runs() {
    return runs;
  }

  /** Returns how many blocks changed since the last flush. */
  int unflushedBlocks() {
    return unflushed.size();
  }

  /** Returns how many blocks there are. */
  long blocks() {
    return blocks;
  }

  /** Returns the length of the contents of all blocks. */
  long bytes() {
    return bytes;
  }

  /** Closes the files of the log. */
  @Override
  public void close() throws IOException {
    close(null);
  }

  /** Closes the files of the log but one. */
  void close(@Nullable EmbeddedLogFile except) throws IOException {
    for (Part part : parts) {
      if (part.file() != except) {
        part.file().close();
      }
    }
  }
}
