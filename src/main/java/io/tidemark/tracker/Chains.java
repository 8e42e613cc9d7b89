package io.tidemark.tracker;

import io.tidemark.journal.JournalEntryHandler;
import java.util.Map;
import java.util.TreeMap;

/**
 * The chains of backups: how far each has committed, and the run it has prepared.
 *
 * <p>Folded from the journal's PREPARE, COMMIT, ABORT and DROP entries. Single writer; not
 * thread-safe.
 */
public final class Chains {

  /** The chain whose commits end a block's state; other chains have cursors only. */
  public static final String DEFAULT = "default";

  /**
   * One chain.
   *
   * @param cursor journal position its last committed run reached; 0 before the first
   * @param prepared journal position the prepared run reaches; {@link #NONE} if there is none
   */
  public record Chain(long cursor, long prepared) {

    /** No run is prepared. */
    public static final long NONE = -1;

    static final Chain NEW = new Chain(0, NONE);

    /** Returns whether a run is prepared. */
    public boolean hasRun() {
      return prepared != NONE;
    }
  }

  private final TreeMap<String, Chain> byName = new TreeMap<>();
  private long statesCursor;

  /** Writes entries that add up to this. */
  void write(int generation, JournalEntryHandler out) {
    Chain standing = chain(DEFAULT);
    if (statesCursor > standing.cursor) {
      out.onCommit(ControlView.BASE_POSITION, generation, DEFAULT, statesCursor);
      out.onDrop(ControlView.BASE_POSITION, generation, DEFAULT);
    }
    byName.forEach(
        (name, chain) -> {
          out.onCommit(ControlView.BASE_POSITION, generation, name, chain.cursor);
          if (chain.hasRun()) {
            out.onPrepare(ControlView.BASE_POSITION, generation, name, chain.prepared);
          }
        });
  }

  /** Returns the lowest cursor of all chains, and of the states; what is below all has seen. */
  long lowestCursor() {
    long lowest = statesCursor > 0 ? statesCursor : Long.MAX_VALUE;
    for (Chain chain : byName.values()) {
      lowest = Math.min(lowest, chain.cursor);
    }
    return lowest;
  }

  void prepare(String name, long end) {
    byName.merge(name, new Chain(0, end), (chain, begun) -> new Chain(chain.cursor, end));
  }

  /** Moves a cursor; a commit ends the prepared run, and a cursor never goes back. */
  void commit(String name, long cursor) {
    byName.merge(
        name,
        new Chain(cursor, Chain.NONE),
        (chain, moved) -> new Chain(Math.max(chain.cursor, cursor), Chain.NONE));
    if (name.equals(DEFAULT)) {
      statesCursor = Math.max(statesCursor, cursor);
    }
  }

  void abort(String name) {
    byName.computeIfPresent(name, (unused, chain) -> new Chain(chain.cursor, Chain.NONE));
  }

  void drop(String name) {
    byName.remove(name);
  }

  /** Returns a chain; one without a run so far stands at 0. */
  public Chain chain(String name) {
    return byName.getOrDefault(name, Chain.NEW);
  }

  /** Returns all chains by name. */
  public Map<String, Chain> all() {
    return new TreeMap<>(byName);
  }

  /** Returns the highest journal position the default chain ever committed through. */
  long statesCursor() {
    return statesCursor;
  }
}
