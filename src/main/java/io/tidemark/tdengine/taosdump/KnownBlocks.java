package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.BlockName;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How many data blocks the tables of each stable are known to have in each file set.
 *
 * <p>Only estimates depend on it. Used by one thread.
 */
public final class KnownBlocks {
  private final Map<String, NavigableMap<Long, Long>> counts = new HashMap<>();

  /** Returns what a vgroup's catalog knows. */
  static KnownBlocks of(BlockCatalog names) {
    KnownBlocks known = new KnownBlocks();
    for (BlockName name : names.names()) {
      if (name.kind() == BlockName.Kind.DATA && !name.stable().isEmpty()) {
        known.add(name.stable(), name.fileSet(), 1);
      }
    }
    return known;
  }

  /** Adds blocks of a stable's tables in one file set. */
  public void add(String stable, long fileSet, long blocks) {
    counts.computeIfAbsent(stable, unused -> new TreeMap<>()).merge(fileSet, blocks, Long::sum);
  }

  /** Returns the known blocks of a stable in a closed range of file sets. */
  long count(String stable, long firstFileSet, long lastFileSet) {
    NavigableMap<Long, Long> known = counts.get(stable);
    return known == null
        ? 0
        : known.subMap(firstFileSet, true, lastFileSet, true).values().stream()
            .mapToLong(Long::longValue)
            .sum();
  }

  /** Returns all known blocks of a stable. */
  long count(String stable) {
    return count(stable, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** Returns all known blocks in a closed range of file sets. */
  long count(long firstFileSet, long lastFileSet) {
    return counts.keySet().stream()
        .mapToLong(stable -> count(stable, firstFileSet, lastFileSet))
        .sum();
  }

  /** Returns all known blocks. */
  long count() {
    return count(Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /** Returns the counts of each stable by file set. */
  public Map<String, NavigableMap<Long, Long>> byStable() {
    return new TreeMap<>(counts);
  }
}
