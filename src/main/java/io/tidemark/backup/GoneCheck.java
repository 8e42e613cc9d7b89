package io.tidemark.backup;

import io.tidemark.block.ChangeKind;
import io.tidemark.errors.BackupFailedException;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeStream;
import io.tidemark.tracker.StoreView;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * Asks why blocks were not there that were to be copied: unless somebody deleted them, it is loss.
 */
final class GoneCheck {

  /*
   * A block may be gone because the last thing that happened to it before was a DELETE, whenever that
   * was journaled; because the engine was rolled back behind its creation, which is an UPDATE at the
   * place of the rollback; or because it was deleted, or went back, after the run was prepared, and
   * may have been created again since. Behind a gap nobody knows; the next run is a full one then.
   */

  private GoneCheck() {}

  /**
   * Checks the blocks of a run that were gone.
   *
   * @param view taken after the last of them was asked for
   * @throws BackupFailedException if nothing says that one of them was deleted
   */
  static void run(RunPlan plan, List<Long> gone, StoreView view) {
    if (gone.isEmpty() || !view.gapsWithin(plan.end(), view.position()).isEmpty()) {
      return;
    }
    TreeSet<Long> unexplained = new TreeSet<>(Long::compareUnsigned);
    unexplained.addAll(gone);
    explain(unexplained, view, plan.end(), GoneCheck::wasAway);
    if (!unexplained.isEmpty()) {
      explain(unexplained, view, 0, GoneCheck::isAway);
    }
    if (!unexplained.isEmpty()) {
      throw new BackupFailedException(
          "block is gone and nobody has deleted it: run="
              + plan.runId()
              + ", blocks="
              + unexplained.size()
              + ", blockId="
              + Long.toUnsignedString(unexplained.first()));
    }
  }

  /** Whether a block that changed since the run was prepared was not there at some time since. */
  private static boolean wasAway(BlockChange change, StoreView view) {
    return change.kind() != ChangeKind.DIRTY
        || view.isRollback(change.first())
        || view.isRollback(change.last());
  }

  /** Whether a block is not there after everything that ever happened to it. */
  private static boolean isAway(BlockChange change, StoreView view) {
    return change.kind() == ChangeKind.DELETED || view.isRollback(change.last());
  }

  private static void explain(
      SortedSet<Long> gone,
      StoreView view,
      long base,
      BiPredicate<BlockChange, StoreView> isExplained) {
    ChangeStream stream = view.streamWithin(base, view.position());
    while (!gone.isEmpty() && stream.next()) {
      BlockChange change = stream.change();
      if (isExplained.test(change, view)) {
        gone.remove(change.blockId());
      }
    }
  }
}
