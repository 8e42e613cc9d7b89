package io.tidemark.restore;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.KeySource;
import io.tidemark.archive.RunReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Walks the blocks that a full run and the incremental ones after it add up to, in unsigned order
 * of ids.
 *
 * <p>Used by one thread. Whoever walks to the end has every byte of all of the runs checked. Memory
 * is that of one block for each run.
 */
final class MergedRuns implements Closeable {

  /* Each run is in order of ids; of several that hold a block the newest counts. */

  private record Source(int order, RunReader reader) {}

  private final PriorityQueue<Source> ahead =
      new PriorityQueue<>(
          (a, b) -> {
            int byId = Long.compareUnsigned(a.reader.blockId(), b.reader.blockId());
            return byId != 0 ? byId : Integer.compare(b.order, a.order);
          });
  private final List<Source> all = new ArrayList<>();
  private final List<Source> current = new ArrayList<>();

  private MergedRuns() {}

  /**
   * Opens the runs.
   *
   * @param runs oldest first
   * @param keys null if there are none
   */
  static MergedRuns open(Archive archive, List<ArchivedRun> runs, @Nullable KeySource keys)
      throws IOException {
    MergedRuns merged = new MergedRuns();
    try {
      for (ArchivedRun run : runs) {
        Source source = new Source(merged.all.size(), RunReader.open(archive, run, keys));
        merged.all.add(source);
        merged.advance(source);
      }
      return merged;
    } catch (IOException | RuntimeException e) {
      merged.close();
      throw e;
    }
  }

  private void advance(Source source) throws IOException {
    if (source.reader.next()) {
      ahead.add(source);
    }
  }

  /** Moves to the next block that there is; returns false at the end. */
  boolean next() throws IOException {
    do {
      for (Source source : current) {
        advance(source);
      }
      current.clear();
      Source newest = ahead.peek();
      if (newest == null) {
        return false;
      }
      long blockId = newest.reader.blockId();
      for (Source source = newest;
          source != null && source.reader.blockId() == blockId;
          source = ahead.peek()) {
        ahead.remove();
        current.add(source);
      }
    } while (!current.get(0).reader.kind().hasContent());
    return true;
  }

  long blockId() {
    return current.get(0).reader.blockId();
  }

  /** Returns the content, read-only; valid until the next block. */
  ByteBuffer content() {
    return current.get(0).reader.content();
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Source source : all) {
      try {
        source.reader.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
