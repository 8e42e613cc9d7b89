package io.tidemark.tdengine;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.ChangeKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which blocks changed, by brute force over an independent decode: the table of events applied
 * message by message, answers by looking at every event.
 */
final class ChangeOracle {

  /** One event of one block, which goes by a readable key. */
  record Event(long version, long timestampNs, BlockEventType type, String block) {}

  /** What the oracle says of a block in a range. */
  record Change(ChangeKind kind, long first, long last, long timestampNs) {}

  private final long ticksPerFileSet;
  private final List<Event> events = new ArrayList<>();
  private final List<Long> flushes = new ArrayList<>();
  private final List<Long> unresolved = new ArrayList<>();
  private final Map<Long, SortedSet<Long>> data = new HashMap<>();
  private final Map<Long, Long> stableOf = new HashMap<>();
  private final Map<String, Set<Long>> live = new HashMap<>();
  private final Set<Long> dropped = new HashSet<>();

  /** The last version that told of a table by its uid. */
  private final Map<Long, Long> told = new HashMap<>();

  /** The version behind the last one that is missing, and the one that is due. */
  private long knownFrom;

  private long due;

  ChangeOracle(List<BruteForceWal.Message> messages, long ticksPerFileSet) {
    this.ticksPerFileSet = ticksPerFileSet;
    messages.forEach(this::message);
  }

  static String keyOf(BlockName name) {
    return switch (name.kind()) {
      case DATA -> data(name.uid(), name.fileSet());
      case TABLE -> table(name.uid());
      case STABLE -> stable(name.uid());
    };
  }

  private static String data(long uid, long fileSet) {
    return "data " + uid + " " + fileSet;
  }

  private static String table(long uid) {
    return "table " + uid;
  }

  private static String stable(long suid) {
    return "stable " + suid;
  }

  private void message(BruteForceWal.Message message) {
    if (message.version() > due) {
      knownFrom = message.version();
    }
    due = message.version() + 1;
    switch (message.type()) {
      case 513 -> message.submitted().forEach(rows -> submit(message, rows));
      case 515 -> message.created().forEach(table -> create(message, table));
      case 517 -> {
        Set<Long> altered = live.getOrDefault(message.alteredTable(), Set.of());
        if (altered.stream().anyMatch(uid -> told.getOrDefault(uid, 0L) >= knownFrom)) {
          altered.forEach(uid -> add(message, BlockEventType.UPDATE, table(uid)));
        } else {
          unresolved.add(message.version());
        }
      }
      case 519 -> message.dropped().forEach(table -> drop(message, table.uid()));
      case 531 -> add(message, BlockEventType.CREATE, stable(stableUid(message)));
      case 533 -> add(message, BlockEventType.UPDATE, stable(stableUid(message)));
      case 535 -> {
        add(message, BlockEventType.DELETE, stable(stableUid(message)));
        for (Map.Entry<Long, Long> table : new TreeMap<>(stableOf).entrySet()) {
          if (table.getValue() == stableUid(message) && !dropped.contains(table.getKey())) {
            drop(message, table.getKey());
          }
        }
      }
      case 579 -> delete(message);
      case 597 -> flushes.add(message.version());
      default -> {}
    }
  }

  private static long stableUid(BruteForceWal.Message message) {
    BruteForceWal.Stable stable = message.stable();
    if (stable == null) {
      throw new AssertionError("message names no stable: version=" + message.version());
    }
    return stable.suid();
  }

  private void submit(BruteForceWal.Message message, BruteForceWal.TableRows rows) {
    BruteForceWal.Table created = rows.created();
    if (created != null && !isThere(rows.uid())) {
      create(message, created);
    }
    told.put(rows.uid(), message.version());
    if (rows.suid() != 0) {
      stableOf.put(rows.uid(), rows.suid());
    }
    SortedSet<Long> known = data.computeIfAbsent(rows.uid(), unused -> new TreeSet<>());
    for (long fileSet : rows.fileSets(ticksPerFileSet)) {
      BlockEventType type = known.add(fileSet) ? BlockEventType.CREATE : BlockEventType.UPDATE;
      add(message, type, data(rows.uid(), fileSet));
    }
  }

  /** Whether a table that is to be created with its rows is there. */
  private boolean isThere(long uid) {
    return told.getOrDefault(uid, -1L) >= knownFrom
        && !dropped.contains(uid)
        && events.stream().anyMatch(event -> event.block().equals(table(uid)));
  }

  private void create(BruteForceWal.Message message, BruteForceWal.Table table) {
    add(message, BlockEventType.CREATE, table(table.uid()));
    told.put(table.uid(), message.version());
    live.computeIfAbsent(table.name(), unused -> new TreeSet<>()).add(table.uid());
    if (table.suid() != 0) {
      stableOf.put(table.uid(), table.suid());
    }
  }

  private void drop(BruteForceWal.Message message, long uid) {
    add(message, BlockEventType.DELETE, table(uid));
    data.getOrDefault(uid, new TreeSet<>())
        .forEach(fileSet -> add(message, BlockEventType.DELETE, data(uid, fileSet)));
    dropped.add(uid);
    live.values().forEach(uids -> uids.remove(uid));
  }

  private void delete(BruteForceWal.Message message) {
    BruteForceWal.Delete delete = message.delete();
    if (delete == null || delete.affectedRows() == 0) {
      return;
    }
    for (long uid : delete.uids()) {
      told.put(uid, message.version());
      add(message, BlockEventType.UPDATE, table(uid));
      for (long fileSet : data.getOrDefault(uid, new TreeSet<>())) {
        long from = fileSet * ticksPerFileSet;
        if (from <= delete.last() && from + ticksPerFileSet - 1 >= delete.first()) {
          add(message, BlockEventType.UPDATE, data(uid, fileSet));
        }
      }
    }
  }

  private void add(BruteForceWal.Message message, BlockEventType type, String block) {
    events.add(new Event(message.version(), message.ingestUs() * 1000, type, block));
  }

  /** Returns all events in the order of the log. */
  List<Event> events() {
    return events;
  }

  /** Returns the versions at which everything was flushed. */
  List<Long> flushes() {
    return flushes;
  }

  /**
   * Returns the versions that alter a table which nothing told of behind the last missing version.
   */
  List<Long> unresolved() {
    return unresolved;
  }

  /** Returns the blocks with an event that is in a range, and what a backup must do about each. */
  Map<String, Change> changed(Predicate<Event> isInRange) {
    Map<String, List<Event>> byBlock = new LinkedHashMap<>();
    events.stream()
        .filter(isInRange)
        .forEach(
            event -> byBlock.computeIfAbsent(event.block, unused -> new ArrayList<>()).add(event));
    Map<String, Change> result = new TreeMap<>();
    byBlock.forEach(
        (block, list) -> {
          Event last = list.get(list.size() - 1);
          boolean hasDelete = list.stream().anyMatch(e -> e.type == BlockEventType.DELETE);
          boolean hasCreate = list.stream().anyMatch(e -> e.type == BlockEventType.CREATE);
          ChangeKind kind = hasCreate ? ChangeKind.NEW : ChangeKind.DIRTY;
          if (hasDelete) {
            kind = last.type == BlockEventType.DELETE ? ChangeKind.DELETED : ChangeKind.REPLACED;
          }
          result.put(block, new Change(kind, list.get(0).version, last.version, last.timestampNs));
        });
    return result;
  }
}
