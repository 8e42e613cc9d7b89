package io.tidemark.tdengine.taosdump;

import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What happened to all tables, or all stables, that had one name.
 *
 * <p>Usually that is one of them; but a name may have been dropped and given again, and the log may
 * hold creations that the server did not carry out. taosdump knows names only. Used by one thread.
 */
final class ObjectChanges {
  private final String name;
  private String stable = "";
  private @Nullable WalPosition stablePosition;
  private final NavigableSet<Long> fileSets = new TreeSet<>();
  private final NavigableSet<Long> replacedFileSets = new TreeSet<>();
  private final Map<Integer, WalPosition> drops = new HashMap<>();
  private final Map<Integer, WalPosition> lives = new HashMap<>();
  private boolean isReplaced;
  private boolean isAltered;
  private boolean isCreated;
  private boolean isChangedSinceCreated;
  private boolean isCopiedWhole;

  ObjectChanges(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  /** Returns the name of a table's stable; empty if it has none. */
  String stable() {
    return stable;
  }

  /** Takes in that it belongs, or belonged, to a stable; what the newest change says holds. */
  void belongsTo(String itsStable, WalPosition position) {
    if (stablePosition == null || position.compareTo(stablePosition) > 0) {
      stable = itsStable;
      stablePosition = position;
    }
  }

  /** Takes in a change of its definition. */
  void definition(ChangedBlock block) {
    seen(block);
    isReplaced |= block.kind() == ChangeKind.REPLACED;
    isAltered |= block.kind() == ChangeKind.DIRTY;
    isCreated |= block.kind() == ChangeKind.NEW;
    isChangedSinceCreated |= block.kind() == ChangeKind.NEW && !block.first().equals(block.last());
  }

  /** Takes in that it is there, and nothing else. */
  void seen(ChangedBlock block) {
    (block.kind() == ChangeKind.DELETED ? drops : lives)
        .merge(block.vgroupId(), block.last(), ObjectChanges::later);
  }

  /** Takes in a change of its rows. */
  void rows(ChangedBlock block) {
    seen(block);
    if (block.kind() != ChangeKind.DELETED) {
      fileSets.add(block.name().fileSet());
    }
    if (block.kind() == ChangeKind.REPLACED) {
      replacedFileSets.add(block.name().fileSet());
    }
  }

  /** Takes in a change of rows of a table below it that has no name. */
  void rowsOfUnnamed(ChangedBlock block) {
    lives.merge(block.vgroupId(), block.last(), ObjectChanges::later);
    fileSets.add(block.name().fileSet());
  }

  /** Makes it be copied whole and dropped before. */
  void copyWhole() {
    isCopiedWhole = true;
  }

  private static WalPosition later(WalPosition one, WalPosition other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  /**
   * Returns whether nothing has the name any more: in each vgroup that told of it, dropping it was
   * the last that happened.
   */
  boolean isGone() {
    for (Map.Entry<Integer, WalPosition> life : lives.entrySet()) {
      WalPosition drop = drops.get(life.getKey());
      if (drop == null || drop.compareTo(life.getValue()) <= 0) {
        return false;
      }
    }
    return !drops.isEmpty();
  }

  /**
   * Returns whether the target's has to be dropped before it is loaded whole.
   *
   * <p>One that was created and then altered, or deleted from, may be in the target or not: it is
   * if a run that began before it was created copied it. All of it is new, so that costs nothing.
   */
  boolean isReloaded(AlteredObjects altered) {
    return isCopiedWhole
        || isReplaced
        || isChangedSinceCreated
        || (isCreated && !replacedFileSets.isEmpty())
        || !drops.isEmpty()
        || (isAltered && altered == AlteredObjects.RELOAD);
  }

  boolean isCreated() {
    return isCreated;
  }

  boolean isAltered() {
    return isAltered;
  }

  /** Returns the file sets whose rows changed. */
  NavigableSet<Long> fileSets() {
    return fileSets;
  }

  /** Returns those of them whose rows have to be deleted from the target before. */
  NavigableSet<Long> replacedFileSets() {
    return replacedFileSets;
  }
}
