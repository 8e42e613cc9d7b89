package io.tidemark.tracker;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of the answer to a range question. All pages of an answer are cut from one immutable
 * set, and each carries the verdict of the whole.
 *
 * @param changes the page's blocks; all pages together are in unsigned order of ids
 * @param next where the next page begins; null if this is the last one
 * @param totalBlocks how many blocks all pages hold
 * @param verdict EXACT, SUPERSET, NOT_READY or FULL_REQUIRED
 * @param surplus for SUPERSET: how many of all blocks may not have changed in the range, at most
 * @param holes for FULL_REQUIRED: what is unknown, by name
 * @param completeThrough the position the answer reaches; null if nothing was declared complete
 * @param journalPosition the journal position the answer was computed at
 */
public record BlockPage(
    List<BlockChange> changes,
    @Nullable PageCursor next,
    int totalBlocks,
    Verdict verdict,
    long surplus,
    List<Hole> holes,
    @Nullable WalPosition completeThrough,
    long journalPosition) {

  /** Copies the lists. */
  public BlockPage {
    changes = List.copyOf(changes);
    holes = List.copyOf(holes);
  }

  /** Returns the page of an answer from one index to another, the last exclusive. */
  static BlockPage of(ChangeSet answer, int first, int end, @Nullable PageCursor next) {
    return new BlockPage(
        answer.changes().subList(first, end),
        next,
        answer.changes().size(),
        answer.verdict(),
        answer.surplus(),
        answer.holes(),
        answer.completeThrough(),
        answer.journalPosition());
  }

  /** Returns whether there is another page. */
  public boolean hasMore() {
    return next != null;
  }
}
