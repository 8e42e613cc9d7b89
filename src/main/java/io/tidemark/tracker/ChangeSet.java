package io.tidemark.tracker;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a range question: blocks and how far the answer can be trusted.
 *
 * @param changes the blocks, in unsigned order of ids
 * @param verdict EXACT, SUPERSET, NOT_READY or FULL_REQUIRED
 * @param surplus for SUPERSET: how many of the blocks may not have changed in the range
 * @param holes for FULL_REQUIRED: what is unknown, by name
 * @param completeThrough the position the answer reaches; null if nothing was declared complete
 * @param journalPosition the journal position the answer was computed at
 */
public record ChangeSet(
    List<BlockChange> changes,
    Verdict verdict,
    long surplus,
    List<Hole> holes,
    @Nullable WalPosition completeThrough,
    long journalPosition) {

  /** Copies the lists, but for changes that are immutable and made when they are asked for. */
  public ChangeSet {
    changes = changes instanceof FoundChanges ? changes : List.copyOf(changes);
    holes = List.copyOf(holes);
  }

  /**
   * Returns the same answer with some of its blocks only.
   *
   * <p>Which of the blocks are surplus is not kept, so any of those that stay may be.
   */
  ChangeSet reducedTo(List<BlockChange> some) {
    long uncertain = Math.min(surplus, some.size());
    return new ChangeSet(
        some,
        verdict == Verdict.SUPERSET && uncertain == 0 ? Verdict.EXACT : verdict,
        uncertain,
        holes,
        completeThrough,
        journalPosition);
  }
}
