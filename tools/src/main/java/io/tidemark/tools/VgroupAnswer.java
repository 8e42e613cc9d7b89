package io.tidemark.tools;

import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.IngestReport;
import io.tidemark.tdengine.RowDeletion;
import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.RecoveryReport;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one vgroup answered.
 *
 * @param config what its vnode.json says
 * @param changes the blocks, and how far they can be trusted
 * @param names what the blocks name
 * @param deletions of rows, among the changes
 * @param onlyDeletedFrom ids of definition blocks that nothing else changed
 * @param interval what is acknowledged once the changes were copied
 * @param sinceJournalPosition with {@code --since last}: where the last detection ended, 0 if this
 *     is the first; else null
 * @param ingest what was read for this answer
 * @param recovery what opening the store found
 */
record VgroupAnswer(
    VnodeConfig config,
    ChangeSet changes,
    BlockCatalog names,
    List<RowDeletion> deletions,
    Set<Long> onlyDeletedFrom,
    ExportTask.Interval interval,
    @Nullable Long sinceJournalPosition,
    IngestReport ingest,
    RecoveryReport recovery) {

  int vgroupId() {
    return config.vgroupId();
  }
}
