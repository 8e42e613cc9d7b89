package io.tidemark.backup;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import java.util.List;

/**
 * What a run would copy if it were prepared now.
 *
 * @param size blocks, and the bytes of content the engine has of them; exact if nothing changes
 * @param deleted how many of the blocks the engine does not have: tombstones
 * @param verdict FULL_REQUIRED if an incremental run would be refused
 * @param surplus for SUPERSET: how many of the blocks may not have changed
 * @param holes for FULL_REQUIRED: what is unknown
 * @param reason for FULL_REQUIRED: why; empty else
 */
public record BackupEstimate(
    SetSize size, long deleted, Verdict verdict, long surplus, List<Hole> holes, String reason) {

  /** Copies the list. */
  public BackupEstimate {
    holes = List.copyOf(holes);
  }
}
