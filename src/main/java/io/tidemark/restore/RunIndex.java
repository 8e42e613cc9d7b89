package io.tidemark.restore;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.backup.RunKind;
import io.tidemark.backup.RunPlan;
import io.tidemark.errors.IncompleteChainException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sealed runs of an archive, and which of them need which.
 *
 * <p>Immutable.
 */
public final class RunIndex {
  private final List<ArchivedRun> runs;
  private final Map<String, ArchivedRun> byDigest = new HashMap<>();

  /** Full runs by the digest of the run they stand for. */
  private final Map<String, ArchivedRun> combined = new HashMap<>();

  private RunIndex(List<ArchivedRun> runs) {
    this.runs = new ArrayList<>(runs);
    this.runs.sort(
        Comparator.comparingLong((ArchivedRun run) -> run.manifest().plan().createdMs())
            .thenComparingLong(run -> run.manifest().plan().end())
            .thenComparing(ArchivedRun::runId));
    for (ArchivedRun run : runs) {
      byDigest.put(run.digest(), run);
      RunPlan.Parent standsFor = run.manifest().standsFor();
      if (standsFor != null) {
        combined.put(standsFor.digest(), run);
      }
    }
  }

  /** Reads the manifests of an archive. */
  public static RunIndex of(Archive archive) throws IOException {
    return new RunIndex(archive.runs());
  }

  /** Returns the runs in order of time. */
  public List<ArchivedRun> runs() {
    return Collections.unmodifiableList(runs);
  }

  /**
   * Returns what has to be read to restore a run: a full run, then incremental ones in order, the
   * last of which is the run itself.
   *
   * @throws IncompleteChainException if one of them is not in the archive
   */
  public List<ArchivedRun> leadingTo(ArchivedRun run) {
    List<ArchivedRun> chain = new ArrayList<>();
    ArchivedRun next = run;
    while (true) {
      chain.add(next);
      if (next.manifest().plan().kind() == RunKind.FULL) {
        Collections.reverse(chain);
        return chain;
      }
      next = needed(run, next);
    }
  }

  private ArchivedRun needed(ArchivedRun wanted, ArchivedRun by) {
    RunPlan.Parent parent = by.manifest().plan().parent();
    ArchivedRun found = parent == null ? null : parentOf(parent);
    if (found == null) {
      throw new IncompleteChainException(
          "run cannot be restored: one that it needs is not in the archive: run="
              + wanted.runId()
              + ", neededBy="
              + by.runId()
              + ", missing="
              + (parent == null ? "a full run" : parent.runId()));
    }
    return found;
  }

  /** A full run that stands for the parent is as good, and saves reading what that needs. */
  private @Nullable ArchivedRun parentOf(RunPlan.Parent parent) {
    ArchivedRun full = combined.get(parent.digest());
    return full != null ? full : byDigest.get(parent.digest());
  }

  /** Returns the run that another one builds on; null if it is full or the run is not there. */
  @Nullable ArchivedRun parent(ArchivedRun run) {
    RunPlan.Parent parent = run.manifest().plan().parent();
    return parent == null ? null : parentOf(parent);
  }
}
