package io.tidemark.tools;

import io.tidemark.block.ChangeKind;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.taosdump.DroppedObject;
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
 * Knows what was dropped after a detection: looks into the logs once somebody asks, and again only
 * for what it has not found yet.
 *
 * <p>An answer that is not complete makes nothing gone. One thread.
 */
final class LaterDrops implements GoneObjects {
  /** Looks into the logs. */
  @FunctionalInterface
  interface Look {
    /** Returns what is known to have been dropped since, and not to be there again. */
    Set<DroppedObject> dropped() throws IOException;
  }

  private final Look look;
  private Set<DroppedObject> found = Set.of();

  LaterDrops(Look look) {
    this.look = look;
  }

  @Override
  public boolean isGone(boolean isStable, String name) throws IOException {
    DroppedObject object = new DroppedObject(isStable, name);
    if (!found.contains(object)) {
      found = look.dropped();
    }
    return found.contains(object);
  }

  /**
   * Looks into the stores of vgroups; those that no interval is of, of other databases, say nothing
   * of it. Opens the stores, or reads those that others have.
   *
   * @param intervals what was detected, one for each vgroup
   */
  static Set<DroppedObject> dropped(List<VgroupPlace> vgroups, List<ExportTask.Interval> intervals)
      throws IOException {
    Map<Integer, Long> journalPositions = new HashMap<>();
    intervals.forEach(interval -> journalPositions.put(interval.vgroupId(), interval.end()));
    Set<DroppedObject> dropped = new HashSet<>();
    try {
      for (VgroupPlace vgroup : vgroups) {
        Long since = journalPositions.get(vgroup.config().vgroupId());
        if (since != null) {
          dropped.addAll(dropped(VgroupDetection.since(vgroup, since)));
        }
      }
    } catch (WalDecodeException e) {
      throw new IOException(e.getMessage(), e);
    }
    return dropped;
  }

  private static Set<DroppedObject> dropped(VgroupDetection.Later later) {
    ChangeSet changes = later.changes();
    if (!changes.verdict().isComplete()) {
      return Set.of();
    }
    Set<DroppedObject> dropped = new HashSet<>();
    Set<DroppedObject> there = new HashSet<>();
    for (BlockChange change : changes.changes()) {
      DroppedObject object = definedBy(later.names().name(change.blockId()));
      if (object != null) {
        (change.kind() == ChangeKind.DELETED ? dropped : there).add(object);
      }
    }
    dropped.removeAll(there);
    return dropped;
  }

  /** Returns the table or stable that a block is the definition of; null if it is of none. */
  private static @Nullable DroppedObject definedBy(@Nullable BlockName block) {
    if (block == null || block.kind() == BlockName.Kind.DATA) {
      return null;
    }
    boolean isStable = block.kind() == BlockName.Kind.STABLE;
    return new DroppedObject(isStable, isStable ? block.stable() : block.table());
  }
}
