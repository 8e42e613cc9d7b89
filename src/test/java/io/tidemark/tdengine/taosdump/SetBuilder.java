package io.tidemark.tdengine.taosdump;

import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.RowDeletion;
import io.tidemark.tdengine.TimestampPrecision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes an incremental set of a database whose file sets are a day long. */
final class SetBuilder {
  static final long DAY_MS = 86_400_000;
  static final int VGROUP = 2;

  private final List<ChangedBlock> blocks = new ArrayList<>();
  private final List<RowDeletion> deletions = new ArrayList<>();
  private final KnownBlocks known = new KnownBlocks();
  private final Map<String, Long> uids = new HashMap<>();
  private int vgroup = VGROUP;
  private long position;

  private long uid(String name) {
    return uids.computeIfAbsent(name, unused -> 100L + uids.size());
  }

  /** Makes what is added next be of another vgroup. */
  SetBuilder inVgroup(int id) {
    vgroup = id;
    return this;
  }

  SetBuilder rows(ChangeKind kind, String table, String stable, long... fileSets) {
    for (long fileSet : fileSets) {
      add(kind, new BlockName(BlockName.Kind.DATA, uid(table), 1, fileSet, table, stable), false);
    }
    return this;
  }

  SetBuilder table(ChangeKind kind, String table, String stable) {
    return add(kind, tableName(table, stable), false);
  }

  SetBuilder stable(ChangeKind kind, String stable) {
    return add(kind, new BlockName(BlockName.Kind.STABLE, uid(stable), 1, 0, "", stable), false);
  }

  private BlockName tableName(String table, String stable) {
    return new BlockName(BlockName.Kind.TABLE, uid(table), 1, 0, table, stable);
  }

  private SetBuilder add(ChangeKind kind, BlockName name, boolean isOnlyDeletedFrom) {
    position++;
    WalPosition at = new WalPosition(1, position);
    blocks.add(new ChangedBlock(vgroup, kind, name, at, at, isOnlyDeletedFrom));
    return this;
  }

  /** Adds a table that was created and then altered, or deleted from. */
  SetBuilder tableChangedSinceCreated(String table, String stable) {
    return addChangedSinceCreated(tableName(table, stable));
  }

  /** Adds a stable that was created and then altered. */
  SetBuilder stableChangedSinceCreated(String stable) {
    return addChangedSinceCreated(
        new BlockName(BlockName.Kind.STABLE, uid(stable), 1, 0, "", stable));
  }

  private SetBuilder addChangedSinceCreated(BlockName name) {
    WalPosition first = new WalPosition(1, position + 1);
    position += 2;
    WalPosition last = new WalPosition(1, position);
    blocks.add(new ChangedBlock(vgroup, ChangeKind.NEW, name, first, last, false));
    return this;
  }

  /** Adds the deletion of rows of a table whose definition was added before. */
  SetBuilder deletionOnly(String table, String stable, long first, long last) {
    WalPosition at = new WalPosition(1, position);
    deletions.add(new RowDeletion(vgroup, at, uid(table), table, stable, first, last));
    return this;
  }

  /** Adds a DELETE, as the journal has it: an update of the table's definition and a deletion. */
  SetBuilder deletion(String table, String stable, long first, long last) {
    add(ChangeKind.DIRTY, tableName(table, stable), true);
    WalPosition at = new WalPosition(1, position);
    deletions.add(new RowDeletion(vgroup, at, uid(table), table, stable, first, last));
    return this;
  }

  SetBuilder known(String stable, long fileSet, long count) {
    known.add(stable, fileSet, count);
    return this;
  }

  IncrementalSet set() {
    return new IncrementalSet(
        "power", new FileSets(TimestampPrecision.MILLISECOND, 24 * 60), blocks, deletions, known);
  }

  TaosdumpPlan plan() throws TaosdumpException {
    return TaosdumpPlan.of(set(), PlanOptions.DEFAULTS);
  }

  /** Returns the calls of the plan in words. */
  List<String> calls() throws TaosdumpException {
    return plan().calls().stream().map(DumpCall::toString).toList();
  }
}
