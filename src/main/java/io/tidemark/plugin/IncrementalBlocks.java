package io.tidemark.plugin;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.tracker.PageCursor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of blocks that changed, and what the whole answer is worth.
 *
 * @param blocks in unsigned order of ids
 * @param next where the next page begins; null if this is the last one
 * @param totalBlocks how many blocks all pages hold
 * @param verdict FULL_REQUIRED if blocks may be missing, NOT_READY if more was asked than is known
 * @param holes for FULL_REQUIRED: what is unknown
 */
public record IncrementalBlocks(
    List<IncrementalBlock> blocks,
    @Nullable PageCursor next,
    int totalBlocks,
    Verdict verdict,
    List<Hole> holes) {

  /** Copies the lists. */
  public IncrementalBlocks {
    blocks = List.copyOf(blocks);
    holes = List.copyOf(holes);
  }
}
