package io.tidemark.tracker;

import io.tidemark.journal.EventLogs;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.History;
import io.tidemark.state.BlockSets;
import io.tidemark.state.BlockStates;
import io.tidemark.state.SegmentHistory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Folds a store again from its journal and compares the result with what is stored.
 *
 * <p>The journal is a ring: what it no longer holds is taken from the segments below it.
 */
public final class Rebuild {
  private static final int DIFFERENCES_SHOWN = 20;

  private Rebuild() {}

  /**
   * What a rebuild came to.
   *
   * @param fromPosition first journal position that was folded again from the journal
   * @param toPosition last journal position compared
   * @param entries journal entries folded again
   * @param blocks blocks compared
   * @param differences where stored and rebuilt differ; empty if they agree
   */
  public record Result(
      long fromPosition, long toPosition, long entries, long blocks, List<String> differences) {

    /** Copies the list. */
    public Result {
      differences = List.copyOf(differences);
    }

    /** Returns whether the stored views are what the journal says. */
    public boolean isSame() {
      return differences.isEmpty();
    }
  }

  /** Rebuilds the store in a directory; changes nothing on disk. */
  public static Result fromJournal(Path root) throws IOException {
    return fromJournal(StoreEnvironment.REAL, root);
  }

  static Result fromJournal(StoreEnvironment environment, Path root) throws IOException {
    StoreImage stored = StoreImage.load(environment, root);
    EventLogs logs = environment.journal(new StoreLayout(root), stored.identity().storeId());
    long first = firstKept(new JournalReplay(logs), stored);
    List<ChangeSegment> segments = new ArrayList<>();
    long from = stored.history().basePosition() + 1;
    for (ChangeSegment segment : stored.history().segments()) {
      if (segment.lastPosition() < first || segment.firstPosition() < first) {
        segments.add(segment);
        from = segment.lastPosition() + 1;
      }
    }
    JournalReplay replay = new JournalReplay(logs);
    segments.addAll(replay.replay(from, stored.lastPosition(), 1));
    ControlView controls = new ControlView();
    History history = new History(stored.history().base(), segments);
    StoreImage.foldControls(history, stored.nextPosition() - 1, controls);
    BlockStates states =
        BlockStates.rebuild(
            BlockSets.ROARING, new SegmentHistory(history, controls.chains().statesCursor()));

    List<String> differences = new ArrayList<>();
    long position = history.lastPosition();
    if (position != stored.lastPosition()) {
      differences.add(
          "journal ends at another position: stored="
              + stored.lastPosition()
              + ", rebuilt="
              + position);
    }
    compareStates(stored, states, controls, differences);
    compareChanges(
        stored.view().changedEver(),
        new StoreView(history, controls.coverage(), position).changedEver(),
        differences);
    if (!controls.catalog().sameAs(stored.controls().catalog())) {
      differences.add(
          "names differ: stored="
              + stored.controls().catalog().size()
              + ", rebuilt="
              + controls.catalog().size());
    }
    if (!controls.chains().all().equals(stored.controls().chains().all())) {
      differences.add(
          "chains differ: stored="
              + stored.controls().chains().all()
              + ", rebuilt="
              + controls.chains().all());
    }
    return new Result(
        from, position, replay.entries(), states.counts().known(), capped(differences));
  }

  /**
   * Returns the first position that the journal holds without interruption to the store's end, or
   * the position behind the end.
   *
   * <p>There may be older records before an interruption: a power cut can bring back a directory
   * that was recycled, and leave out a newer one.
   */
  private static long firstKept(JournalReplay journal, StoreImage stored) throws IOException {
    long[] run = {1, 1};
    journal.forEachRecord(
        0,
        stored.lastPosition(),
        record -> {
          if (record.firstPosition() != run[1]) {
            run[0] = record.firstPosition();
          }
          run[1] = record.lastPosition() + 1;
        });
    return run[1] > stored.lastPosition() ? run[0] : stored.lastPosition() + 1;
  }

  private static void compareStates(
      StoreImage stored, BlockStates states, ControlView controls, List<String> differences) {
    if (states.sameAs(stored.states())) {
      return;
    }
    differences.add(
        "states differ: stored=" + stored.states().counts() + ", rebuilt=" + states.counts());
    for (long id : controls.catalog().ids()) {
      if (states.state(id) != stored.states().state(id)) {
        differences.add(
            "state of block "
                + Long.toUnsignedString(id)
                + ": stored="
                + stored.states().state(id)
                + ", rebuilt="
                + states.state(id));
      }
    }
  }

  private static void compareChanges(
      ChangeSet stored, ChangeSet rebuilt, List<String> differences) {
    Set<BlockChange> onlyStored = new HashSet<>(stored.changes());
    rebuilt.changes().forEach(onlyStored::remove);
    Set<BlockChange> onlyRebuilt = new HashSet<>(rebuilt.changes());
    stored.changes().forEach(onlyRebuilt::remove);
    onlyStored.forEach(change -> differences.add("only stored: " + change));
    onlyRebuilt.forEach(change -> differences.add("only rebuilt: " + change));
    if (stored.verdict() != rebuilt.verdict() || !stored.holes().equals(rebuilt.holes())) {
      differences.add(
          "coverage differs: stored="
              + stored.verdict()
              + " "
              + stored.holes()
              + ", rebuilt="
              + rebuilt.verdict()
              + " "
              + rebuilt.holes());
    }
  }

  private static List<String> capped(List<String> differences) {
    if (differences.size() <= DIFFERENCES_SHOWN) {
      return differences;
    }
    List<String> shown = new ArrayList<>(differences.subList(0, DIFFERENCES_SHOWN));
    shown.add((differences.size() - DIFFERENCES_SHOWN) + " more differences");
    return shown;
  }
}
