package io.tidemark.restore;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.backup.RunPlan;
import io.tidemark.errors.IncompleteChainException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Lets go of old runs, never of one that a run which is kept needs. */
public final class Prune {
  private Prune() {}

  /**
   * Returns the runs that a policy lets go, in the order in which to delete them: a run before
   * those it needs.
   *
   * <p>The newest run of each chain stays: the next incremental one builds on it. One that was
   * combined with those it needs goes, because another stands for it.
   *
   * @param nowMs ms since the epoch
   */
  public static List<ArchivedRun> choose(RunIndex index, PrunePolicy policy, long nowMs) {
    Set<ArchivedRun> kept = new LinkedHashSet<>();
    Set<ArchivedRun> newest = new LinkedHashSet<>();
    for (List<ArchivedRun> chain : chains(index)) {
      for (int i = 0; i < chain.size(); i++) {
        ArchivedRun run = chain.get(i);
        boolean isNewest = i == chain.size() - 1;
        boolean isYoung =
            policy.keepMs() > 0 && nowMs - run.manifest().end().finishedMs() <= policy.keepMs();
        if (i >= chain.size() - policy.keepRuns() || isYoung) {
          kept.add(run);
        }
        if (isNewest) {
          newest.add(run);
        }
      }
    }
    shrink(index, policy, kept, newest);
    Set<ArchivedRun> needed = closure(index, kept);
    needed.addAll(closure(index, newest));
    List<ArchivedRun> chosen = new ArrayList<>();
    for (int i = index.runs().size() - 1; i >= 0; i--) {
      ArchivedRun run = index.runs().get(i);
      if (!needed.contains(run)) {
        chosen.add(run);
      }
    }
    return chosen;
  }

  /** Returns the runs of each chain of each store, oldest first, without those others stand for. */
  private static Collection<List<ArchivedRun>> chains(RunIndex index) {
    Set<String> replaced = new HashSet<>();
    for (ArchivedRun run : index.runs()) {
      RunPlan.Parent standsFor = run.manifest().standsFor();
      if (standsFor != null) {
        replaced.add(standsFor.digest());
      }
    }
    Map<String, List<ArchivedRun>> chains = new LinkedHashMap<>();
    for (ArchivedRun run : index.runs()) {
      if (!replaced.contains(run.digest())) {
        chains.computeIfAbsent(RunIndex.chainOf(run), unused -> new ArrayList<>()).add(run);
      }
    }
    return chains.values();
  }

  /** Lets the oldest go while the rest takes too much. */
  private static void shrink(
      RunIndex index, PrunePolicy policy, Set<ArchivedRun> kept, Set<ArchivedRun> newest) {
    for (ArchivedRun run : index.runs()) {
      Set<ArchivedRun> needed = closure(index, kept);
      needed.addAll(closure(index, newest));
      long bytes = needed.stream().mapToLong(one -> one.manifest().storedBytes()).sum();
      if (bytes <= policy.maxBytes()) {
        return;
      }
      kept.remove(run);
    }
  }

  /** Returns the runs and all that they need. */
  private static Set<ArchivedRun> closure(RunIndex index, Set<ArchivedRun> runs) {
    Set<ArchivedRun> all = new LinkedHashSet<>();
    for (ArchivedRun run : runs) {
      try {
        all.addAll(index.leadingTo(run));
      } catch (IncompleteChainException e) {
        // It cannot be restored; what is left of it stays for whoever brings the rest back.
        for (ArchivedRun part = run; part != null; part = index.parent(part)) {
          all.add(part);
        }
      }
    }
    return all;
  }

  /** Deletes runs in the order given. */
  public static void delete(Archive archive, List<ArchivedRun> runs) throws IOException {
    for (ArchivedRun run : runs) {
      archive.delete(run.runId());
    }
  }
}
