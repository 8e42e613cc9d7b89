package io.tidemark.tracker;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a range question, by the ids of the blocks alone: cheaper than {@link ChangeSet}
 * for very many of them, and worth as much.
 *
 * @param ids the blocks
 * @param verdict EXACT, SUPERSET, NOT_READY or FULL_REQUIRED
 * @param surplus for SUPERSET: how many of the blocks may not have changed in the range
 * @param holes for FULL_REQUIRED: what is unknown, by name
 * @param completeThrough the position the answer reaches; null if nothing was declared complete
 * @param journalPosition the journal position the answer was computed at
 */
public record ChangedIds(
    BlockIds ids,
    Verdict verdict,
    long surplus,
    List<Hole> holes,
    @Nullable WalPosition completeThrough,
    long journalPosition) {

  /** Copies the list. */
  public ChangedIds {
    holes = List.copyOf(holes);
  }
}
