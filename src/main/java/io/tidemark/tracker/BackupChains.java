package io.tidemark.tracker;

import io.tidemark.errors.RunConflictException;
import io.tidemark.journal.RecordBuffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The chains of backups of one store: prepares, commits and aborts their runs.
 *
 * <p>Cursors and ends of runs are journal positions, so a late event, journaled after a run was
 * prepared, falls into the next run by itself. Called from the tracker's thread only.
 */
public final class BackupChains {
  private final ChangeTracker tracker;
  private final RecordBuffer record = new RecordBuffer();

  BackupChains(ChangeTracker tracker) {
    this.tracker = tracker;
  }

  /**
   * Begins a run over everything appended so far; it is durable when this returns.
   *
   * @param chain name of the chain; a new name begins a new chain
   * @throws RunConflictException if the chain has a prepared run already
   */
  public BackupRun prepare(String chain) throws IOException {
    Chains.Chain before = tracker.chains().chain(chain);
    if (before.hasRun()) {
      throw new RunConflictException(
          "chain has a prepared run: chain=" + chain + ", end=" + before.prepared());
    }
    tracker.seal();
    long end = tracker.position();
    append(entries -> entries.prepare(chain, end));
    return new BackupRun(chain, before.cursor(), end, tracker.epoch());
  }

  /** Returns the run a chain has prepared, which may be from before a restart; null if none. */
  public @Nullable BackupRun prepared(String chain) {
    Chains.Chain found = tracker.chains().chain(chain);
    return found.hasRun()
        ? new BackupRun(chain, found.cursor(), found.prepared(), tracker.epoch())
        : null;
  }

  /** Returns the blocks a run must copy. */
  public ChangeSet changes(BackupRun run) {
    return tracker.view().changedWithin(run.base(), run.end());
  }

  /** Returns the ids of the blocks a run must copy. */
  public ChangedIds changedIds(BackupRun run) {
    return tracker.view().changedIdsWithin(run.base(), run.end());
  }

  /** Returns what happened to each block a run must copy, one after another. */
  public ChangeStream stream(BackupRun run) {
    return tracker.view().streamWithin(run.base(), run.end());
  }

  /**
   * Moves the chain's cursor to the end of its run; durable when this returns. For the default
   * chain, blocks that did not change since are CLEAN.
   *
   * @throws RunConflictException if it is not the chain's prepared run
   */
  public void commit(BackupRun run) throws IOException {
    check(run);
    append(entries -> entries.commit(run.chain(), run.end()));
  }

  /**
   * Gives a run up: nothing has changed for the chain.
   *
   * @throws RunConflictException if it is not the chain's prepared run
   */
  public void abort(BackupRun run) throws IOException {
    check(run);
    append(entries -> entries.abort(run.chain(), run.end()));
  }

  /** Forgets a chain with its cursor and its prepared run; its next run is a first one. */
  public void drop(String chain) throws IOException {
    append(entries -> entries.drop(chain));
  }

  /**
   * Forgets every chain that is idle: what its next run would copy first is older than a limit, by
   * the timestamps of events, and keeps all history since from being let go of. Its next run is a
   * first one, whatever it has prepared. A chain that owes nothing is never idle.
   *
   * @param limitNs age behind the newest change, ns
   * @return the names of the chains that were forgotten
   */
  public List<String> dropIdle(long limitNs) throws IOException {
    List<String> idle = new ArrayList<>();
    StoreView view = tracker.view();
    tracker
        .chains()
        .all()
        .forEach(
            (name, chain) -> {
              if (view.backlogNs(chain.cursor()) > limitNs) {
                idle.add(name);
              }
            });
    for (String chain : idle) {
      drop(chain);
    }
    return idle;
  }

  private void check(BackupRun run) {
    Chains.Chain chain = tracker.chains().chain(run.chain());
    if (run.epoch() != tracker.epoch()) {
      throw new RunConflictException(
          "run is of another opening of the store: chain="
              + run.chain()
              + ", expected="
              + tracker.epoch()
              + ", actual="
              + run.epoch());
    }
    if (chain.prepared() != run.end() || chain.cursor() != run.base()) {
      throw new RunConflictException(
          "run is not the chain's prepared one: chain="
              + run.chain()
              + ", prepared="
              + chain.prepared()
              + ", end="
              + run.end());
    }
  }

  private void append(Consumer<RecordBuffer> entry) throws IOException {
    record.clear();
    record.generation(tracker.coverage().generation());
    entry.accept(record);
    tracker.append(record);
  }
}
