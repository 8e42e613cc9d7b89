package io.tidemark.tdengine;

import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.SomeEntriesHandler;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The deletions of rows among the changes of an answer.
 *
 * <p>Looks through the sealed segments of a view. Used by one thread.
 */
public final class RowDeletions implements SomeEntriesHandler {

  /*
   * A DELETE updates the definition block of each of its tables at its own position. So a deletion
   * belongs to an answer if the answer holds that block, and the deletion lies between the block's first
   * and last change in it. The base keeps no deletions: an answer that reaches into it lacks some, and whoever
   * restores it sees a definition that changed for no reason it knows of.
   */

  /** More questions than this cost more than copying a table too much. */
  private static final int MAX_QUESTIONS = 256;

  private final int vgroupId;
  private final BlockCatalog names;
  private final Map<Long, BlockChange> definitions = new HashMap<>();
  private final List<RowDeletion> found = new ArrayList<>();

  private RowDeletions(int vgroupId, BlockCatalog names, ChangeSet changes) {
    this.vgroupId = vgroupId;
    this.names = names;
    for (BlockChange change : changes.changes()) {
      BlockName name = names.name(change.blockId());
      if (name != null && name.kind() == BlockName.Kind.TABLE) {
        definitions.put(name.uid(), change);
      }
    }
  }

  /**
   * Returns the deletions of an answer, in the order in which they were journaled.
   *
   * @param view that gave the answer
   * @param names of the blocks
   * @param changes the answer
   */
  public static List<RowDeletion> of(
      int vgroupId, StoreView view, BlockCatalog names, ChangeSet changes) {
    RowDeletions deletions = new RowDeletions(vgroupId, names, changes);
    if (!deletions.definitions.isEmpty()) {
      for (ChangeSegment segment : view.segments()) {
        segment.forEachControl(deletions);
      }
    }
    return deletions.found;
  }

  /**
   * Returns the definition blocks of an answer that nothing but deletions of rows changed; at least
   * those where that can be told, for whatever is not among them is taken for altered.
   *
   * @param view that gave the answer
   * @param names of the blocks
   * @param changes the answer
   * @param deletions all that are among the changes
   */
  public static Set<Long> onlyDeletions(
      StoreView view, BlockCatalog names, ChangeSet changes, List<RowDeletion> deletions) {
    Map<Long, Set<WalPosition>> positionsOf = new HashMap<>();
    for (RowDeletion deletion : deletions) {
      positionsOf
          .computeIfAbsent(deletion.uid(), unused -> new HashSet<>())
          .add(deletion.position());
    }
    Map<Long, BlockChange> candidates = new HashMap<>();
    NavigableSet<WalPosition> ends = new TreeSet<>();
    for (BlockChange change : changes.changes()) {
      BlockName name = names.name(change.blockId());
      if (name != null
          && name.kind() == BlockName.Kind.TABLE
          && change.kind() == ChangeKind.DIRTY
          && positionsOf
              .getOrDefault(name.uid(), Set.of())
              .containsAll(List.of(change.first(), change.last()))) {
        candidates.put(change.blockId(), change);
        if (!change.first().equals(change.last())) {
          ends.add(change.first());
          ends.add(change.last());
        }
      }
    }
    if (!ends.isEmpty()) {
      removeAltered(view, deletions, ends, candidates);
    }
    return candidates.keySet();
  }

  /** Removes what changed between two deletions, each of which is a record of its own. */
  private static void removeAltered(
      StoreView view,
      List<RowDeletion> deletions,
      NavigableSet<WalPosition> ends,
      Map<Long, BlockChange> candidates) {
    NavigableSet<WalPosition> records = new TreeSet<>();
    deletions.forEach(deletion -> records.add(deletion.position()));
    NavigableSet<WalPosition> between = records.subSet(ends.first(), true, ends.last(), true);
    if (between.size() > MAX_QUESTIONS) {
      candidates.values().removeIf(change -> !change.first().equals(change.last()));
      return;
    }
    WalPosition before = between.first();
    for (WalPosition record : between.tailSet(before, false)) {
      WalPosition first = before.next();
      before = record;
      if (first.equals(record)) {
        continue;
      }
      // Nothing of the record itself: only it changes blocks at its position, and it is a deletion.
      for (BlockChange change : view.changedIn(first, record).changes()) {
        BlockChange candidate = candidates.get(change.blockId());
        if (candidate != null
            && candidate.first().compareTo(change.first()) < 0
            && candidate.last().compareTo(change.first()) > 0
            && change.first().compareTo(record) < 0) {
          candidates.remove(change.blockId());
        }
      }
    }
  }

  @Override
  public void onTombstone(long position, int generation, long walOffset, byte[] tombstone) {
    RowDeletion deletion =
        RowDeletion.decode(vgroupId, new WalPosition(generation, walOffset), tombstone);
    BlockChange definition = definitions.get(deletion.uid());
    if (definition == null
        || deletion.position().compareTo(definition.first()) < 0
        || deletion.position().compareTo(definition.last()) > 0) {
      return;
    }
    @Nullable BlockName name = names.name(definition.blockId());
    found.add(name == null ? deletion : deletion.named(name.table(), name.stable()));
  }
}
