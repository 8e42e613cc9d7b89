package io.tidemark.tools;

import io.tidemark.block.ChangeKind;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tdengine.taosdump.GoneObjects;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks into the logs again for what was dropped after a detection, once somebody asks.
 *
 * <p>Opens the stores while it looks, or reads those that others have. An answer that is not
 * complete makes nothing gone.
 */
final class LaterDrops implements GoneObjects {
  private final List<VgroupPlace> vgroups;
  private final Map<Integer, Long> journalPositions = new HashMap<>();

  LaterDrops(List<VgroupPlace> vgroups, List<ExportTask.Interval> intervals) {
    this.vgroups = List.copyOf(vgroups);
    for (ExportTask.Interval interval : intervals) {
      journalPositions.put(interval.vgroupId(), interval.end());
    }
  }

  @Override
  public boolean isGone(boolean isStable, String name) throws IOException {
    boolean isDropped = false;
    try {
      for (VgroupPlace vgroup : vgroups) {
        Long since = journalPositions.get(vgroup.config().vgroupId());
        if (since == null) {
          return false;
        }
        isDropped |= isDropped(VgroupDetection.since(vgroup, since), isStable, name);
      }
    } catch (WalDecodeException e) {
      throw new IOException(e.getMessage(), e);
    }
    return isDropped;
  }

  private static boolean isDropped(VgroupDetection.Later later, boolean isStable, String name) {
    ChangeSet changes = later.changes();
    if (!changes.verdict().isComplete()) {
      return false;
    }
    BlockCatalog names = later.names();
    Set<ChangeKind> kinds = new HashSet<>();
    for (BlockChange change : changes.changes()) {
      if (isIt(names.name(change.blockId()), isStable, name)) {
        kinds.add(change.kind());
      }
    }
    return kinds.equals(Set.of(ChangeKind.DELETED));
  }

  private static boolean isIt(@Nullable BlockName block, boolean isStable, String name) {
    if (block == null) {
      return false;
    }
    return isStable
        ? block.kind() == BlockName.Kind.STABLE && block.stable().equals(name)
        : block.kind() == BlockName.Kind.TABLE && block.table().equals(name);
  }
}
