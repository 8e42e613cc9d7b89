package io.tidemark.tdengine.taosdump;

import io.tidemark.block.ChangeKind;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.RowDeletion;
import io.tidemark.tdengine.taosdump.DumpCall.Scope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Makes one plan: sorts the changes by names, then decides name by name, stable by stable. */
final class TaosdumpPlanner {

  /*
   * Rules:
   *   A table is copied in the periods of its changed file sets; taosdump adds its definition.
   *   A table that was created, and holds nothing, is copied for its definition.
   *   A table that was dropped and is there again, or whose definition was altered, is copied whole, and
   *   a restore drops the target's: taosdump creates tables that are missing and alters none. So is a stable,
   *   and what was created and altered, or deleted from, since: the target may have it already, or not yet.
   *   DELETE changes a table's definition block too; where that is all that did, nothing was altered.
   *   Of a block that was replaced, the period is deleted from the target before it is loaded.
   *   A stable is copied instead of its tables where that is taken to be quicker, and where one of them
   *   has no name, or one that taosdump does not understand; the whole database where a stable has not.
   */

  private final IncrementalSet set;
  private final PlanOptions options;
  private final Map<String, ObjectChanges> tables = new TreeMap<>();
  private final Map<String, ObjectChanges> stables = new TreeMap<>();
  private final Set<String> droppedStables = new HashSet<>();
  private final Set<String> reloadedTables = new HashSet<>();
  private final NavigableSet<Long> fileSetsOfDatabase = new TreeSet<>();
  private boolean isDatabaseAsked;
  private boolean isDatabaseWhole;
  private final List<DumpCall> calls = new ArrayList<>();
  private final Set<DroppedObject> drops = new LinkedHashSet<>();
  private final Set<DeletedRows> deletions = new LinkedHashSet<>();
  private final Set<String> alteredByHand = new TreeSet<>();

  TaosdumpPlanner(IncrementalSet set, PlanOptions options) {
    this.set = set;
    this.options = options;
  }

  TaosdumpPlan plan() throws TaosdumpException {
    ObjectNames.checkDatabase(set.database());
    for (ChangedBlock block : set.blocks()) {
      take(block);
    }
    for (RowDeletion deletion : set.deletions()) {
      if (deletion.table().isEmpty()) {
        stableOfUnnamed(deletion.stable(), deletion.vgroupId(), deletion.uid()).copyWhole();
      }
    }
    Map<String, List<ObjectChanges>> living = dropAndGroup();
    for (ObjectChanges stable : stables.values()) {
      living.putIfAbsent(stable.name(), new ArrayList<>());
    }
    for (Map.Entry<String, List<ObjectChanges>> group : living.entrySet()) {
      if (group.getKey().isEmpty()) {
        group.getValue().forEach(this::copyNormalTable);
      } else if (!droppedStables.contains(group.getKey())) {
        copyStable(group.getKey(), group.getValue());
      }
    }
    copyDatabase();
    deleteRows();
    for (DroppedObject drop : drops) {
      ObjectNames.checkForSql(drop.name());
    }
    for (DeletedRows rows : deletions) {
      ObjectNames.checkForSql(rows.table());
    }
    return new TaosdumpPlan(
        set.database(),
        calls,
        List.copyOf(drops),
        List.copyOf(deletions),
        List.copyOf(alteredByHand),
        options.costs());
  }

  private void take(ChangedBlock block) throws TaosdumpException {
    BlockName name = block.name();
    switch (name.kind()) {
      case STABLE -> {
        if (name.stable().isEmpty()) {
          throw unnamed("stable", block.vgroupId(), name.uid());
        }
        named(stables, name.stable()).definition(block);
      }
      case TABLE -> {
        if (name.table().isEmpty()) {
          takeUnnamed(block);
          return;
        }
        ObjectChanges table = named(tables, name.table());
        table.belongsTo(name.stable(), block.last());
        if (block.isOnlyDeletedFrom()) {
          table.seen(block);
        } else {
          table.definition(block);
        }
      }
      case DATA -> {
        if (name.table().isEmpty()) {
          takeUnnamed(block);
          return;
        }
        ObjectChanges table = named(tables, name.table());
        table.belongsTo(name.stable(), block.last());
        table.rows(block);
      }
    }
  }

  /** Leaves what cannot be asked for by its name to its stable. */
  private void takeUnnamed(ChangedBlock block) throws TaosdumpException {
    BlockName name = block.name();
    if (block.kind() == ChangeKind.DELETED) {
      throw unnamed("dropped table", block.vgroupId(), name.uid());
    }
    ObjectChanges stable = stableOfUnnamed(name.stable(), block.vgroupId(), name.uid());
    if (name.kind() == BlockName.Kind.DATA && block.kind() != ChangeKind.REPLACED) {
      stable.rowsOfUnnamed(block);
    } else if (!block.isOnlyDeletedFrom()) {
      stable.copyWhole();
    }
  }

  private ObjectChanges stableOfUnnamed(String stable, int vgroupId, long uid)
      throws TaosdumpException {
    if (stable.isEmpty()) {
      throw unnamed("table", vgroupId, uid);
    }
    return named(stables, stable);
  }

  private TaosdumpException unnamed(String what, int vgroupId, long uid) {
    return new TaosdumpException(
        what
            + " has no name in the log, which began after it was created: take a full dump:"
            + " database="
            + set.database()
            + ", vgroup="
            + vgroupId
            + ", uid="
            + Long.toUnsignedString(uid));
  }

  private static ObjectChanges named(Map<String, ObjectChanges> objects, String name)
      throws TaosdumpException {
    ObjectChanges object = objects.get(name);
    if (object == null) {
      object = new ObjectChanges(ObjectNames.check(name));
      objects.put(name, object);
    }
    return object;
  }

  /** Drops what is gone and what is copied whole; returns the tables that are left, by stable. */
  private Map<String, List<ObjectChanges>> dropAndGroup() {
    Map<String, List<ObjectChanges>> living = new TreeMap<>();
    for (ObjectChanges table : tables.values()) {
      if (!table.isGone()) {
        living.computeIfAbsent(table.stable(), unused -> new ArrayList<>()).add(table);
      }
    }
    for (ObjectChanges stable : stables.values()) {
      boolean isGone = stable.isGone() && !living.containsKey(stable.name());
      if (isGone || stable.isReloaded(options.altered())) {
        drops.add(new DroppedObject(true, stable.name()));
        droppedStables.add(stable.name());
        if (!isGone) {
          copyWholeStable(stable.name());
        }
      } else if (stable.isAltered()) {
        alteredByHand.add(stable.name());
      }
    }
    for (ObjectChanges table : tables.values()) {
      if (droppedStables.contains(table.stable())) {
        continue;
      }
      if (table.isGone() || table.isReloaded(options.altered())) {
        drops.add(new DroppedObject(false, table.name()));
        reloadedTables.add(table.name());
      } else if (table.isAltered()) {
        alteredByHand.add(table.name());
      }
    }
    return living;
  }

  private void copyNormalTable(ObjectChanges table) {
    List<DumpCall> alone = callsFor(table);
    if (ObjectNames.canBeAskedFor(table.name())) {
      calls.addAll(alone);
    } else if (!alone.isEmpty()) {
      isDatabaseAsked = true;
      isDatabaseWhole |= reloadedTables.contains(table.name());
      fileSetsOfDatabase.addAll(table.fileSets());
    }
  }

  /** Returns the calls that copy one table; none if a deletion of rows is all that happened. */
  private List<DumpCall> callsFor(ObjectChanges table) {
    if (reloadedTables.contains(table.name())) {
      return List.of(new DumpCall(Scope.TABLE, table.name(), null, table.fileSets().size(), 0));
    }
    List<DumpCall> alone = new ArrayList<>();
    FileSetRuns.Gap gap = (first, last) -> last - first + 1;
    for (FileSetRuns.Run run : FileSetRuns.of(table.fileSets(), gap, options.costs())) {
      long span = gap.blocks(run.first(), run.last());
      alone.add(
          new DumpCall(
              Scope.TABLE,
              table.name(),
              run.period(set.fileSets()),
              span - run.surplusBlocks(),
              run.surplusBlocks()));
    }
    if (alone.isEmpty() && table.isCreated()) {
      alone.add(new DumpCall(Scope.TABLE, table.name(), Period.DEFINITIONS_ONLY, 0, 0));
    }
    return alone;
  }

  /** Copies the tables of a stable one by one, or the stable. */
  private void copyStable(String stable, List<ObjectChanges> members) {
    ObjectChanges own = stables.get(stable);
    NavigableMap<Long, Long> changed = new TreeMap<>();
    if (own != null) {
      own.fileSets().forEach(fileSet -> changed.merge(fileSet, 1L, Long::sum));
    }
    boolean isForced = !changed.isEmpty();
    List<DumpCall> each = new ArrayList<>();
    List<DumpCall> whole = new ArrayList<>();
    for (ObjectChanges table : members) {
      boolean isReloaded = reloadedTables.contains(table.name());
      if (!ObjectNames.canBeAskedFor(table.name())) {
        if (isReloaded) {
          copyWholeStable(stable);
          return;
        }
        isForced = true;
      }
      List<DumpCall> alone = callsFor(table);
      each.addAll(alone);
      if (isReloaded) {
        whole.addAll(alone);
      } else {
        table.fileSets().forEach(fileSet -> changed.merge(fileSet, 1L, Long::sum));
      }
    }
    if (each.isEmpty() && own != null && own.isCreated()) {
      isForced = true;
    }
    List<DumpCall> stableCalls = stableCalls(stable, changed);
    whole.addAll(stableCalls);
    if (!isForced && (each.size() <= whole.size() || ms(each) <= ms(whole))) {
      calls.addAll(each);
    } else if (ObjectNames.canBeAskedFor(stable)) {
      calls.addAll(whole);
    } else {
      whole.removeAll(stableCalls);
      calls.addAll(whole);
      isDatabaseAsked = true;
      fileSetsOfDatabase.addAll(changed.keySet());
    }
  }

  private List<DumpCall> stableCalls(String stable, NavigableMap<Long, Long> changed) {
    List<DumpCall> result = new ArrayList<>();
    FileSetRuns.Gap gap = (first, last) -> set.known().count(stable, first, last);
    for (FileSetRuns.Run run : FileSetRuns.of(changed.navigableKeySet(), gap, options.costs())) {
      long asked = sum(changed.subMap(run.first(), true, run.last(), true));
      long all = Math.max(asked, set.known().count(stable, run.first(), run.last()));
      result.add(
          new DumpCall(Scope.STABLE, stable, run.period(set.fileSets()), asked, all - asked));
    }
    if (result.isEmpty()) {
      result.add(new DumpCall(Scope.STABLE, stable, Period.DEFINITIONS_ONLY, 0, 0));
    }
    return result;
  }

  private static long sum(Map<Long, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  private void copyWholeStable(String stable) {
    if (ObjectNames.canBeAskedFor(stable)) {
      calls.add(new DumpCall(Scope.STABLE, stable, null, set.known().count(stable), 0));
    } else {
      isDatabaseAsked = true;
      isDatabaseWhole = true;
    }
  }

  private void copyDatabase() {
    if (!isDatabaseAsked) {
      return;
    }
    if (isDatabaseWhole) {
      calls.add(new DumpCall(Scope.DATABASE, set.database(), null, set.known().count(), 0));
      return;
    }
    FileSetRuns.Gap gap = set.known()::count;
    for (FileSetRuns.Run run : FileSetRuns.of(fileSetsOfDatabase, gap, options.costs())) {
      long asked = fileSetsOfDatabase.subSet(run.first(), true, run.last(), true).size();
      long all = Math.max(asked, set.known().count(run.first(), run.last()));
      Period period = run.period(set.fileSets());
      calls.add(new DumpCall(Scope.DATABASE, set.database(), period, asked, all - asked));
    }
    if (fileSetsOfDatabase.isEmpty()) {
      calls.add(new DumpCall(Scope.DATABASE, set.database(), Period.DEFINITIONS_ONLY, 0, 0));
    }
  }

  private long ms(List<DumpCall> some) {
    long blocks = some.stream().mapToLong(call -> call.blocks() + call.surplusBlocks()).sum();
    return options.costs().ms(some.size(), blocks);
  }

  /** Deletes what DELETE removed and what was replaced, of tables that are not dropped anyway. */
  private void deleteRows() {
    for (RowDeletion deletion : set.deletions()) {
      if (deletion.firstTimestamp() <= deletion.lastTimestamp()) {
        delete(
            deletion.table(),
            deletion.stable(),
            new Period(deletion.firstTimestamp(), deletion.lastTimestamp()));
      }
    }
    FileSetRuns.Gap never = (first, last) -> Long.MAX_VALUE;
    for (ObjectChanges table : tables.values()) {
      for (FileSetRuns.Run run : FileSetRuns.of(table.replacedFileSets(), never, options.costs())) {
        delete(table.name(), table.stable(), run.period(set.fileSets()));
      }
    }
  }

  private void delete(String table, String stable, Period period) {
    if (!reloadedTables.contains(table) && !droppedStables.contains(stable)) {
      deletions.add(new DeletedRows(table, period));
    }
  }
}
