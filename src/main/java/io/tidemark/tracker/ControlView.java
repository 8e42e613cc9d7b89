package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.state.Catalog;

/**
 * What the journal's control entries add up to: coverage, names, cursors.
 *
 * <p>Fed in journal order. Single writer; not thread-safe.
 */
final class ControlView implements JournalEntryHandler {
  /** Journal position that entries of a base are given where their own does not matter. */
  static final long BASE_POSITION = 1;

  private final Coverage coverage = new Coverage();
  private final Catalog catalog;
  private final Chains chains = new Chains();
  private long tombstones;

  /** Creates a view before the journal's first entry. */
  ControlView() {
    this(new Catalog());
  }

  /** Creates a view that starts with names. */
  ControlView(Catalog catalog) {
    this.catalog = catalog;
  }

  Coverage coverage() {
    return coverage;
  }

  Catalog catalog() {
    return catalog;
  }

  Chains chains() {
    return chains;
  }

  /** Returns how many deletions of rows were journaled. */
  long tombstones() {
    return tombstones;
  }

  /** Writes entries that add up to this view. */
  void write(JournalEntryHandler out) {
    for (long id : catalog.ids()) {
      byte[] name = catalog.name(id);
      if (name != null) {
        out.onAssign(BASE_POSITION, coverage.generation(), id, name);
      }
    }
    coverage.write(out);
    chains.write(coverage.generation(), out);
  }

  @Override
  public void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {
    // Blocks are the open segment's.
  }

  @Override
  public void onFlushAll(long position, int generation, long walOffset, long timestampNs) {
    // States are folded from segments.
  }

  @Override
  public void onAssign(long position, int generation, long blockId, byte[] name) {
    // An id keeps its first name, so those that a stored catalog holds already change nothing.
    catalog.assign(position, blockId, name);
  }

  @Override
  public void onCover(long position, int generation, long first, long last, byte[] mark) {
    coverage.cover(generation, first, last, mark);
  }

  @Override
  public void onGap(long position, int generation, long first, long last, String reason) {
    coverage.gap(position, generation, first, last, reason);
  }

  @Override
  public void onGeneration(long position, int generation, long firstOwn) {
    coverage.begin(generation, firstOwn);
  }

  @Override
  public void onCommit(long position, int generation, String chain, long cursor) {
    chains.commit(chain, cursor);
    coverage.cut(cursor);
  }

  @Override
  public void onPrepare(long position, int generation, String chain, long end) {
    chains.prepare(chain, end);
    coverage.cut(end);
  }

  @Override
  public void onAbort(long position, int generation, String chain, long end) {
    chains.abort(chain);
  }

  @Override
  public void onDrop(long position, int generation, String chain) {
    chains.drop(chain);
  }

  @Override
  public void onTombstone(long position, int generation, long walOffset, byte[] tombstone) {
    tombstones++;
  }
}
