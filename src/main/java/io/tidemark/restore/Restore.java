package io.tidemark.restore;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.KeySource;
import java.io.IOException;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings back what a run holds.
 *
 * <p>Everything that is needed is read and verified to the last byte before the target is touched;
 * then it is read again.
 */
public final class Restore {
  private final Archive archive;
  private final @Nullable KeySource keys;

  /**
   * Takes an archive.
   *
   * @param keys for encrypted runs; null if there are none
   */
  public Restore(Archive archive, @Nullable KeySource keys) {
    this.archive = archive;
    this.keys = keys;
  }

  /**
   * What a run adds up to.
   *
   * @param runs what has to be read, oldest first
   * @param blocks blocks there are
   * @param bytes bytes of their content
   */
  public record Content(List<ArchivedRun> runs, long blocks, long bytes) {

    /** Copies the list. */
    public Content {
      runs = List.copyOf(runs);
    }
  }

  /**
   * Verifies every byte that a restore of a run needs.
   *
   * @throws io.tidemark.errors.CorruptFileException if one of them is wrong
   * @throws io.tidemark.errors.IncompleteChainException if a run is missing
   * @throws io.tidemark.errors.WrongKeyException if one is encrypted and there is no key for it
   */
  public Content verify(ArchivedRun run) throws IOException {
    List<ArchivedRun> runs = RunIndex.of(archive).leadingTo(run);
    long blocks = 0;
    long bytes = 0;
    try (MergedRuns merged = MergedRuns.open(archive, runs, keys)) {
      while (merged.next()) {
        blocks++;
        bytes += merged.content().remaining();
      }
    }
    return new Content(runs, blocks, bytes);
  }

  /**
   * Restores a run.
   *
   * @param progress is told how many blocks were put, after each
   * @throws io.tidemark.errors.TargetRefusedException if the target cannot take it; the target is
   *     as it was, also after any failure of {@link #verify}
   */
  public Content run(ArchivedRun run, RestoreTarget target, LongConsumer progress)
      throws IOException {
    Content content = verify(run);
    target.prepare(content.blocks(), content.bytes());
    long blocks = 0;
    try (MergedRuns merged = MergedRuns.open(archive, content.runs(), keys)) {
      while (merged.next()) {
        target.put(merged.blockId(), merged.content());
        blocks++;
        progress.accept(blocks);
      }
    }
    target.complete();
    return content;
  }
}
