package io.tidemark.backup;

import io.tidemark.block.ChangeKind;
import io.tidemark.errors.BackupFailedException;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeStream;
import io.tidemark.tracker.StoreView;
import java.util.List;
import java.util.TreeSet;

/**
 * Asks why blocks were not there that were to be copied: unless somebody deleted them, it is loss.
 */
final class GoneCheck {

  /*
   * A block may be gone for three reasons: the last thing that happened to it was a DELETE, whenever
   * it was journaled; the engine was rolled back behind its creation, which is an UPDATE at the
   * place of the rollback; or nobody knows, because there is a gap after the run was prepared. After
   * a gap the next run is a full one.
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
    explain(unexplained, view, plan.end());
    if (!unexplained.isEmpty()) {
      explain(unexplained, view, 0);
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

  private static void explain(TreeSet<Long> gone, StoreView view, long base) {
    ChangeStream stream = view.streamWithin(base, view.position());
    while (stream.next() && !gone.isEmpty()) {
      BlockChange change = stream.change();
      if (change.kind() == ChangeKind.DELETED || view.isRollback(change.last())) {
        gone.remove(change.blockId());
      }
    }
  }
}
