package io.tidemark.tools;

import io.tidemark.block.ChangeKind;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tdengine.taosdump.GoneObjects;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks into the logs again for what was dropped after a detection, once somebody asks.
 *
 * <p>Opens the stores while it looks. An answer that is not complete makes nothing gone.
 */
final class LaterDrops implements GoneObjects {
  private final List<VnodeDirectory> vnodes;
  private final Path stores;
  private final Map<Integer, Long> journalPositions = new HashMap<>();

  LaterDrops(List<VnodeDirectory> vnodes, Path stores, List<ExportTask.Interval> intervals) {
    this.vnodes = List.copyOf(vnodes);
    this.stores = stores;
    for (ExportTask.Interval interval : intervals) {
      journalPositions.put(interval.vgroupId(), interval.end());
    }
  }

  @Override
  public boolean isGone(boolean isStable, String name) throws IOException {
    boolean isDropped = false;
    try {
      for (VnodeDirectory vnode : vnodes) {
        int vgroupId = vnode.config().vgroupId();
        Long since = journalPositions.get(vgroupId);
        if (since == null) {
          return false;
        }
        try (VgroupDetection store =
            VgroupDetection.open(vnode, stores.resolve("vnode" + vgroupId))) {
          isDropped |= isDropped(store, since, isStable, name);
        }
      }
    } catch (WalDecodeException e) {
      throw new IOException(e.getMessage(), e);
    }
    return isDropped;
  }

  private static boolean isDropped(VgroupDetection store, long since, boolean isStable, String name)
      throws IOException {
    ChangeSet changes = store.changedSince(since);
    if (!changes.verdict().isComplete()) {
      return false;
    }
    BlockCatalog names = store.names();
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
