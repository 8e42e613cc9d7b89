package io.tidemark.tdengine.taosdump;

import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.tdengine.BlockName;

/**
 * A block of an incremental set.
 *
 * @param vgroupId whose it is; positions of different vgroups are unrelated
 * @param kind what happened to it
 * @param name what it is
 * @param first position of its first change
 * @param last position of its last change
 * @param isOnlyDeletedFrom for the definition of a table: whether deletions of rows are all that
 *     changed it, so that it is what it was
 */
public record ChangedBlock(
    int vgroupId,
    ChangeKind kind,
    BlockName name,
    WalPosition first,
    WalPosition last,
    boolean isOnlyDeletedFrom) {}
