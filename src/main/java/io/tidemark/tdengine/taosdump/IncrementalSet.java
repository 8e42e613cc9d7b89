package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.RowDeletion;
import java.util.List;

/**
 * What changed in one database, in all of its vgroups.
 *
 * @param database its name
 * @param fileSets how its time is divided
 * @param blocks the changed blocks; of each vgroup all, else something would be missing
 * @param deletions the deletions of rows among the changes
 * @param known what else there is, for estimates
 */
public record IncrementalSet(
    String database,
    FileSets fileSets,
    List<ChangedBlock> blocks,
    List<RowDeletion> deletions,
    KnownBlocks known) {

  /** Copies the lists. */
  public IncrementalSet {
    blocks = List.copyOf(blocks);
    deletions = List.copyOf(deletions);
  }
}
