package io.tidemark.restore;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveVerifier;
import io.tidemark.archive.ArchiveVerifier.Finding;
import io.tidemark.archive.ArchiveVerifier.Level;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.KeySource;
import io.tidemark.errors.IncompleteChainException;
import io.tidemark.errors.TidemarkException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verification of an archive found.
 *
 * @param runs runs that were verified, oldest first
 * @param unfinished directories of runs that were never sealed; nobody needs them
 * @param findings what is wrong; nothing if all is well
 */
public record ArchiveReport(
    List<ArchivedRun> runs, List<String> unfinished, List<Finding> findings) {

  /** Copies the lists. */
  public ArchiveReport {
    runs = List.copyOf(runs);
    unfinished = List.copyOf(unfinished);
    findings = List.copyOf(findings);
  }

  /** Returns whether every run is as it was written, and has all that it needs. */
  public boolean isGood() {
    return findings.isEmpty();
  }

  /**
   * Verifies an archive, or one run and those that it needs.
   *
   * @param only null for all runs
   * @param keys for encrypted runs; null if there are none
   * @throws io.tidemark.errors.WrongKeyException if one is encrypted and there is no key for it
   */
  public static ArchiveReport of(
      Archive archive, @Nullable ArchivedRun only, Level level, @Nullable KeySource keys)
      throws IOException {
    List<Finding> findings = new ArrayList<>();
    List<String> unfinished = new ArrayList<>();
    for (Archive.Entry entry : archive.entries()) {
      TidemarkException failure = entry.failure();
      if (failure != null) {
        findings.add(
            new Finding(
                entry.name(),
                archive.root().resolve(entry.name()),
                String.valueOf(failure.getMessage())));
      } else if (entry.run() == null) {
        unfinished.add(entry.name());
      }
    }
    RunIndex index = RunIndex.of(archive);
    List<ArchivedRun> runs = only == null ? index.runs() : leadingTo(index, only);
    for (ArchivedRun run : runs) {
      try {
        index.leadingTo(run);
      } catch (IncompleteChainException e) {
        findings.add(new Finding(run.runId(), run.directory(), String.valueOf(e.getMessage())));
      }
      findings.addAll(new ArchiveVerifier(archive, keys).verify(run, level));
    }
    return new ArchiveReport(runs, unfinished, findings);
  }

  private static List<ArchivedRun> leadingTo(RunIndex index, ArchivedRun run) {
    try {
      return index.leadingTo(run);
    } catch (IncompleteChainException e) {
      return List.of(run);
    }
  }
}
