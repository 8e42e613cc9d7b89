package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.FileSets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which calls of a plan copy a block.
 *
 * <p>Immutable.
 */
final class CallIndex {
  private final TaosdumpPlan plan;
  private final FileSets fileSets;
  private final Map<String, List<Integer>> ofTable = new HashMap<>();
  private final Map<String, List<Integer>> ofStable = new HashMap<>();
  private final List<Integer> ofDatabase = new ArrayList<>();

  CallIndex(TaosdumpPlan plan, FileSets fileSets) {
    this.plan = plan;
    this.fileSets = fileSets;
    for (int number = 1; number <= plan.calls().size(); number++) {
      DumpCall call = plan.calls().get(number - 1);
      switch (call.scope()) {
        case TABLE -> add(ofTable, call.name(), number);
        case STABLE -> add(ofStable, call.name(), number);
        case DATABASE -> ofDatabase.add(number);
      }
    }
  }

  private static void add(Map<String, List<Integer>> calls, String name, int number) {
    calls.computeIfAbsent(name, unused -> new ArrayList<>()).add(number);
  }

  /** Returns the numbers of the calls, from 1; a definition comes with any rows of its table. */
  List<Integer> callsFor(BlockName block) {
    List<Integer> found = new ArrayList<>(ofDatabase);
    found.addAll(ofStable.getOrDefault(block.stable(), List.of()));
    if (block.kind() != BlockName.Kind.STABLE) {
      found.addAll(ofTable.getOrDefault(block.table(), List.of()));
    }
    if (block.kind() == BlockName.Kind.DATA) {
      found.removeIf(number -> !holds(plan.calls().get(number - 1).period(), block.fileSet()));
    }
    return found;
  }

  private boolean holds(@Nullable Period period, long fileSet) {
    return period == null
        || (period.first() <= fileSets.lastTimestamp(fileSet)
            && period.last() >= fileSets.firstTimestamp(fileSet));
  }
}
