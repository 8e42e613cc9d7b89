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
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sealed runs of an archive, and which of them need which.
 *
 * <p>Immutable.
 */
public final class RunIndex {
  /*
   * Order. A chain's runs are in the order in which they end in the journal of their store, whatever
   * a clock said that went back between two of them; a run that stands for another one comes behind
   * it. Runs of different chains and stores have the clock only.
   */
  private static final Comparator<ArchivedRun> BY_TIME =
      Comparator.comparingLong((ArchivedRun run) -> run.manifest().plan().createdMs())
          .thenComparing(ArchivedRun::runId);

  private static final Comparator<ArchivedRun> BY_END =
      Comparator.comparingLong((ArchivedRun run) -> run.manifest().plan().end())
          .thenComparing(BY_TIME);

  private final List<ArchivedRun> runs;
  private final Map<String, ArchivedRun> byDigest = new HashMap<>();

  /** Full runs by the digest of the run they stand for. */
  private final Map<String, ArchivedRun> combined = new HashMap<>();

  private RunIndex(List<ArchivedRun> runs) {
    this.runs = ordered(runs);
    for (ArchivedRun run : runs) {
      byDigest.put(run.digest(), run);
      RunPlan.Parent standsFor = run.manifest().standsFor();
      if (standsFor != null) {
        combined.put(standsFor.digest(), run);
      }
    }
  }

  /** Returns the runs by time, but those of a chain by their ends in the places that they take. */
  private static List<ArchivedRun> ordered(List<ArchivedRun> runs) {
    List<ArchivedRun> ordered = new ArrayList<>(runs);
    ordered.sort(BY_TIME);
    Map<String, List<ArchivedRun>> chains = new HashMap<>();
    for (ArchivedRun run : ordered) {
      chains.computeIfAbsent(chainOf(run), unused -> new ArrayList<>()).add(run);
    }
    chains.values().forEach(chain -> chain.sort(BY_END));
    Map<String, Iterator<ArchivedRun>> next = new HashMap<>();
    chains.forEach((chain, itsRuns) -> next.put(chain, itsRuns.iterator()));
    ordered.replaceAll(run -> Objects.requireNonNull(next.get(chainOf(run))).next());
    return ordered;
  }

  /** Returns what tells the chains of all stores apart. */
  static String chainOf(ArchivedRun run) {
    RunPlan plan = run.manifest().plan();
    return Long.toHexString(plan.storeId()) + "/" + plan.chain();
  }

  /** Reads the manifests of an archive. */
  public static RunIndex of(Archive archive) throws IOException {
    return new RunIndex(archive.runs());
  }

  /**
   * Returns the runs in order of time; those of a chain of one store as they follow one another.
   */
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
