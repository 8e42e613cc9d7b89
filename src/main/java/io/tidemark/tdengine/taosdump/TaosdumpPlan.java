package io.tidemark.tdengine.taosdump;

import java.util.List;

/**
 * The calls of taosdump that copy an incremental set, or a whole database, and what a restore has
 * to drop and delete before it loads their output.
 *
 * <p>A call copies one table, one whole stable or the whole database, in one period, into a
 * directory of its own: two tables of one stable in one directory overwrite each other's tags.
 *
 * @param database whose they are
 * @param calls in the order in which they are made and loaded
 * @param drops what a restore drops first
 * @param deletions what a restore deletes then
 * @param alteredByHand tables and stables whose definition was altered and is not copied
 * @param costs what estimates are made with
 */
public record TaosdumpPlan(
    String database,
    List<DumpCall> calls,
    List<DroppedObject> drops,
    List<DeletedRows> deletions,
    List<String> alteredByHand,
    CallCosts costs) {

  /** Copies the lists. */
  public TaosdumpPlan {
    calls = List.copyOf(calls);
    drops = List.copyOf(drops);
    deletions = List.copyOf(deletions);
    alteredByHand = List.copyOf(alteredByHand);
  }

  /**
   * Plans the copy of what changed.
   *
   * @throws TaosdumpException if the log does not tell the name of what has to be copied or
   *     dropped, or a name cannot be given to taosdump
   */
  public static TaosdumpPlan of(IncrementalSet set, PlanOptions options) throws TaosdumpException {
    return new TaosdumpPlanner(set, options).plan();
  }

  /**
   * Plans the copy of a whole database, into which nothing but an empty place can be restored.
   *
   * @throws TaosdumpException if the name cannot be given to taosdump
   */
  public static TaosdumpPlan full(String database, CallCosts costs) throws TaosdumpException {
    ObjectNames.checkDatabase(database);
    DumpCall call = new DumpCall(DumpCall.Scope.DATABASE, database, null, 0, 0);
    return new TaosdumpPlan(database, List.of(call), List.of(), List.of(), List.of(), costs);
  }

  /** Returns how many blocks of the set are copied; one that two calls copy counts twice. */
  public long blocks() {
    return calls.stream().mapToLong(DumpCall::blocks).sum();
  }

  /** Returns how many blocks are copied although they did not change, as far as they are known. */
  public long surplusBlocks() {
    return calls.stream().mapToLong(DumpCall::surplusBlocks).sum();
  }

  /** Returns how long an export is taken to last; nothing is known of a whole database. */
  public long estimatedMs() {
    return costs.ms(calls.size(), blocks() + surplusBlocks());
  }
}
