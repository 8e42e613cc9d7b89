package io.tidemark.tdengine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of a vgroup as the log has told of them: by uid, by stable, by table name.
 *
 * <p>Used by one thread.
 */
final class VnodeBlocks {

  /** What is known of one table. */
  static final class Table {
    private final long uid;
    private long suid;
    private String name = "";
    private long definitionId;
    private boolean isDropped;

    /** A version after which the table was there. */
    private long seenAt;

    /** Whether a record told of it since it was dropped, or the log went back, the last time. */
    private boolean isSeen;

    private final TreeMap<Long, Long> dataIds = new TreeMap<>();

    Table(long uid) {
      this.uid = uid;
    }

    long uid() {
      return uid;
    }

    long suid() {
      return suid;
    }

    /** Returns the id of its definition block; 0 if it has none yet. */
    long definitionId() {
      return definitionId;
    }

    boolean isDropped() {
      return isDropped;
    }

    /** Notes that a version told of the table: it was there. */
    void seeAt(long version) {
      seenAt = Math.max(seenAt, version);
      isSeen = true;
    }

    /** Returns whether it has a definition block, and is there for certain since a version. */
    boolean isThereSince(long version) {
      return definitionId != 0 && isSeen && !isDropped && wasThereSince(version);
    }

    /** Returns whether the table was there at a version or after it. */
    boolean wasThereSince(long version) {
      return seenAt >= version;
    }

    /** Returns the id of its data block in a file set, or null if it has none yet. */
    @Nullable Long dataId(long fileSet) {
      return dataIds.get(fileSet);
    }

    /** Returns the ids of all its data blocks. */
    Collection<Long> dataIds() {
      return dataIds.values();
    }

    /** Returns the ids of its data blocks in a closed range of file sets. */
    Collection<Long> dataIds(long firstFileSet, long lastFileSet) {
      return dataIds.subMap(firstFileSet, true, lastFileSet, true).values();
    }
  }

  private final Map<Long, Table> tables = new HashMap<>();
  private final Map<String, List<Table>> tablesByName = new HashMap<>();
  private final Map<Long, Map<Long, Table>> tablesByStable = new HashMap<>();
  private final NavigableMap<Long, Long> stableIds = new TreeMap<>();

  /** Takes in a name that was assigned. */
  void add(long blockId, BlockName block) {
    switch (block.kind()) {
      case STABLE -> stableIds.putIfAbsent(block.uid(), blockId);
      case TABLE -> {
        Table table = table(block.uid(), block.suid());
        table.definitionId = blockId;
        if (table.name.isEmpty() && !block.table().isEmpty()) {
          table.name = block.table();
          tablesByName.computeIfAbsent(block.table(), unused -> new ArrayList<>()).add(table);
        }
      }
      case DATA -> table(block.uid(), block.suid()).dataIds.put(block.fileSet(), blockId);
    }
  }

  /** Returns a table, known or not; a suid that is not 0 joins it to its stable. */
  Table table(long uid, long suid) {
    Table table = tables.computeIfAbsent(uid, Table::new);
    if (table.suid == 0 && suid != 0) {
      table.suid = suid;
      tablesByStable.computeIfAbsent(suid, unused -> new LinkedHashMap<>()).put(uid, table);
    }
    return table;
  }

  /** Forgets that versions from one on told of tables: the log went back. */
  void goBack(long firstVersion) {
    tables.values().forEach(table -> table.seenAt = Math.min(table.seenAt, firstVersion - 1));
  }

  /** Marks a table as gone, or as perhaps there again. */
  void setDropped(Table table, boolean isDropped) {
    table.isDropped = isDropped;
    table.isSeen = false;
  }

  /**
   * Returns the tables that have a name and were not dropped: usually one.
   *
   * <p>More than one where the log holds a CREATE that the server did not carry out because the
   * table existed; which of them is real cannot be seen, so all count.
   */
  List<Table> liveTables(String name) {
    return tablesByName.getOrDefault(name, List.of()).stream()
        .filter(table -> !table.isDropped)
        .toList();
  }

  /** Returns the tables of a stable that were not dropped. */
  List<Table> liveTablesOf(long suid) {
    return tablesByStable.getOrDefault(suid, Map.of()).values().stream()
        .filter(table -> !table.isDropped)
        .toList();
  }

  /** Returns the uids of tables that have data blocks and no definition block, at most so many. */
  List<Long> unnamed(int limit) {
    return tables.values().stream()
        .filter(table -> table.definitionId == 0 && !table.dataIds.isEmpty())
        .map(Table::uid)
        .limit(limit)
        .toList();
  }

  /** Returns the id of a stable's definition block, or null if it has none yet. */
  @Nullable Long stableId(long suid) {
    return stableIds.get(suid);
  }
}
