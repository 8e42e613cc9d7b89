package io.tidemark.backup;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.tracker.ChangeBounds;
import io.tidemark.tracker.CoveredInterval;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run copies, as it was fixed when the run was prepared.
 *
 * @param runId name of the run: time, chain and a random number
 * @param chain the chain it belongs to
 * @param kind whether it needs the run before it
 * @param storeId identity of the store that knows what changed
 * @param shard which engine the blocks are of, in the engine's words
 * @param createdMs when it was prepared, milliseconds since the epoch
 * @param base journal position the run before it reached, exclusive; of no meaning for a restore of
 *     a full run
 * @param end P: journal position it reaches, inclusive
 * @param parent the run it builds on; null for a full one
 * @param verdict what the incremental set is worth; EXACT for a full run
 * @param surplus for SUPERSET: how many of the blocks may not have changed
 * @param holes for a full run: the holes because of which no incremental one could be taken
 * @param completeThrough position the store had complete when it was prepared; null if none
 * @param covered the intervals of the engine's log that the store had complete
 * @param changes where and when the changes of (base, end] lie; null if there are none
 * @param allChanges the same of everything through the end
 */
public record RunPlan(
    String runId,
    String chain,
    RunKind kind,
    long storeId,
    String shard,
    long createdMs,
    long base,
    long end,
    @Nullable Parent parent,
    Verdict verdict,
    long surplus,
    List<Hole> holes,
    @Nullable WalPosition completeThrough,
    List<CoveredInterval> covered,
    @Nullable ChangeBounds changes,
    @Nullable ChangeBounds allChanges) {

  /**
   * A run that another one builds on.
   *
   * @param digest the SHA-256 that proves it
   */
  public record Parent(String runId, String digest) {}

  /** Copies the lists. */
  public RunPlan {
    holes = List.copyOf(holes);
    covered = List.copyOf(covered);
  }
}
