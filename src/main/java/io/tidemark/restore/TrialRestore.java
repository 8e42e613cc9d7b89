package io.tidemark.restore;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.KeySource;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Restores a run to see whether it can be: into an engine that is compared and thrown away. */
public final class TrialRestore {
  private TrialRestore() {}

  /**
   * Restores and compares.
   *
   * @param scratch a directory that is not there; it is taken away again
   * @param keys null if there are none
   * @throws CorruptFileException if what was restored is not what the runs hold
   */
  public static Restore.Content run(
      Archive archive,
      ArchivedRun run,
      @Nullable KeySource keys,
      StorageIO io,
      Path scratch,
      EmbeddedOptions options)
      throws IOException {
    try (NewEngineTarget target = new NewEngineTarget(io, scratch, options)) {
      Restore.Content content = new Restore(archive, keys).run(run, target, blocks -> {});
      try (EmbeddedEngine engine = EmbeddedEngine.open(io, scratch, options);
          MergedRuns merged = MergedRuns.open(archive, content.runs(), keys)) {
        while (merged.next()) {
          compare(merged.blockId(), merged.content(), engine.read(merged.blockId()), run);
        }
        if (engine.statistics().blocks() != content.blocks()) {
          throw new CorruptFileException(
              "restored blocks are not those of the run: expected="
                  + content.blocks()
                  + ", actual="
                  + engine.statistics().blocks()
                  + ", run="
                  + run.runId());
        }
      }
      return content;
    } finally {
      io.deleteTree(scratch);
    }
  }

  private static void compare(
      long blockId, ByteBuffer expected, byte @Nullable [] actual, ArchivedRun run) {
    if (actual == null || !ByteBuffer.wrap(actual).equals(expected)) {
      throw new CorruptFileException(
          "restored block is not that of the run: blockId="
              + Long.toUnsignedString(blockId)
              + ", length="
              + (actual == null ? "none" : String.valueOf(actual.length))
              + ", run="
              + run.runId());
    }
  }
}
