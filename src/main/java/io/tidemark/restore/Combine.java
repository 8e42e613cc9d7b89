package io.tidemark.restore;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.CombinedRunWriter;
import io.tidemark.archive.KeySource;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a full run of an incremental one and those that it needs, without asking the engine. */
public final class Combine {
  private Combine() {}

  /**
   * Combines the runs that lead to one. The new run stands for that one: those that build on it can
   * be restored from either.
   *
   * @param keys reads the runs; null if they are not encrypted
   * @param options how the new run is written
   * @param batchSize blocks of a file
   * @return the new run; the one that is there if it was combined before, or is full already
   */
  public static ArchivedRun run(
      Archive archive,
      ArchivedRun last,
      @Nullable KeySource keys,
      ArchiveOptions options,
      int batchSize)
      throws IOException {
    List<ArchivedRun> runs = RunIndex.of(archive).leadingTo(last);
    if (runs.size() == 1) {
      return last;
    }
    ArchivedRun before = archive.find(CombinedRunWriter.runIdFor(last.runId()));
    if (before != null) {
      return before;
    }
    try (MergedRuns merged = MergedRuns.open(archive, runs, keys);
        CombinedRunWriter writer = new CombinedRunWriter(archive, last, options, batchSize)) {
      while (merged.next()) {
        writer.write(merged.blockId(), merged.content());
      }
      return writer.seal();
    }
  }
}
