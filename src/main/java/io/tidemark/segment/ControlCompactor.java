package io.tidemark.segment;

import io.tidemark.journal.JournalEntryHandler;
import java.util.function.Consumer;

/** Decides which control entries of merged segments are kept. */
@FunctionalInterface
public interface ControlCompactor {

  /** Keeps every entry. */
  ControlCompactor KEEP_ALL = Consumer::accept;

  /**
   * Writes the control entries of the merged segment.
   *
   * @param entries passes the entries of all inputs, in journal order, to the handler it is given;
   *     may be called again to see them again
   * @param out takes the entries to keep, in journal order; no events
   */
  void compact(Consumer<JournalEntryHandler> entries, JournalEntryHandler out);
}
