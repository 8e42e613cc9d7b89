package io.tidemark.tdengine;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The deletions of rows among the changes of an answer.
 *
 * <p>Looks through the sealed segments of a view. Used by one thread.
 */
public final class RowDeletions implements JournalEntryHandler {

  /*
   * A DELETE updates the definition block of each of its tables at its own position. So a deletion
   * belongs to an answer if the answer holds that block, and the deletion lies between the block's first
   * and last change in it. The base keeps no deletions: an answer that reaches into it lacks some, and whoever
   * restores it sees a definition that changed for no reason it knows of.
   */

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

  @Override
  public void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {}

  @Override
  public void onFlushAll(long position, int generation, long walOffset, long timestampNs) {}

  @Override
  public void onAssign(long position, int generation, long blockId, byte[] name) {}

  @Override
  public void onCover(long position, int generation, long first, long last, byte[] mark) {}

  @Override
  public void onGap(long position, int generation, long first, long last, String reason) {}

  @Override
  public void onGeneration(long position, int generation, long firstOwn) {}

  @Override
  public void onCommit(long position, int generation, String chain, long cursor) {}

  @Override
  public void onPrepare(long position, int generation, String chain, long end) {}

  @Override
  public void onAbort(long position, int generation, String chain, long end) {}

  @Override
  public void onDrop(long position, int generation, String chain) {}
}
