package io.tidemark.tracker;

import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.segment.ControlCompactor;
import java.util.function.Consumer;

/**
 * Writes the control entries that the base keeps: what they add up to, not each.
 *
 * <p>Names, the intervals declared complete with the last mark of each generation, gaps with the
 * position at which each was journaled, generations, and how chains stand. Deletions of rows are
 * left out: the base ends before every chain's cursor, so every chain has them.
 */
final class BaseControls implements ControlCompactor {
  static final BaseControls INSTANCE = new BaseControls();

  private BaseControls() {}

  @Override
  public void compact(Consumer<JournalEntryHandler> entries, JournalEntryHandler out) {
    ControlView view = new ControlView();
    entries.accept(view);
    view.write(out);
  }
}
