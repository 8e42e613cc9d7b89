package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.JournalEntryHandler;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.testing.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * A list of journal entries and every answer about them, by looking at each: the oracle.
 *
 * <p>Knows nothing of files, segments or maxima. WAL offsets are small, so that sets of them can be
 * counted out.
 */
final class StoreHistory {

  /** Types of journal entries. */
  enum Kind {
    EVENT,
    FLUSH_ALL,
    ASSIGN,
    COVER,
    GAP,
    GENERATION,
    COMMIT,
    PREPARE,
    ABORT,
    DROP,
    TOMBSTONE
  }

  /**
   * One entry; fields that its kind does not have are 0, UPDATE or empty.
   *
   * @param first WAL offset, first offset, or the cursor of a commit
   */
  record Entry(
      Kind kind,
      int generation,
      BlockEventType type,
      long blockId,
      long first,
      long last,
      long timestampNs,
      String text) {

    boolean isChange() {
      return kind == Kind.EVENT && type.isChange();
    }

    WalPosition at() {
      return new WalPosition(generation, first);
    }

    private byte[] bytes() {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Adds the entry to a record of its generation. */
    void addTo(RecordBuffer record) {
      switch (kind) {
        case EVENT -> record.event(type, blockId, first, timestampNs);
        case FLUSH_ALL -> record.flushAll(first, timestampNs);
        case ASSIGN -> record.assign(blockId, bytes());
        case COVER -> record.cover(first, last, bytes());
        case GAP -> record.gap(first, last, text);
        case GENERATION -> record.beginGeneration(first);
        case COMMIT -> record.commit(text, first);
        case PREPARE -> record.prepare(text, first);
        case ABORT -> record.abort(text, first);
        case DROP -> record.drop(text);
        case TOMBSTONE -> record.tombstone(first, bytes());
      }
    }
  }

  private static final Set<BlockEventType> CHANGES =
      EnumSet.of(BlockEventType.CREATE, BlockEventType.UPDATE, BlockEventType.DELETE);

  /** Ranks of the types at one position. */
  private static final List<BlockEventType> RANKS =
      List.of(
          BlockEventType.DELETE,
          BlockEventType.UPDATE,
          BlockEventType.CREATE,
          BlockEventType.FLUSH);

  private static final Comparator<Entry> IN_ORDER =
      Comparator.comparingInt(Entry::generation)
          .thenComparingLong(Entry::first)
          .thenComparingInt(entry -> RANKS.indexOf(entry.type));

  /** The entries in order of position; one may be missing where entries were lost. */
  private final List<Placed> entries = new ArrayList<>();

  /** An entry where it is in the journal. */
  private record Placed(long position, Entry entry) {}

  /** What the entries say about generations; null if it was not looked at since they changed. */
  private @Nullable Generations generations;

  /** What each generation declares, by its number. */
  private static final class Generations {
    final Map<Integer, BitSet> covered = new HashMap<>();
    final Map<Integer, BitSet> gaps = new HashMap<>();
    final Map<Integer, Long> ownFrom = new HashMap<>();
    int newest = 1;

    Generations(List<Placed> entries) {
      for (Placed placed : entries) {
        Entry entry = placed.entry;
        int generation = entry.generation;
        newest = Math.max(newest, generation);
        switch (entry.kind) {
          case COVER -> add(covered, entry);
          case GAP -> add(gaps, entry);
          case GENERATION -> ownFrom.putIfAbsent(generation, entry.first);
          default -> {}
        }
      }
    }

    private static void add(Map<Integer, BitSet> offsets, Entry entry) {
      offsets
          .computeIfAbsent(entry.generation, unused -> new BitSet())
          .set((int) entry.first, (int) entry.last + 1);
    }
  }

  private Generations generations() {
    Generations known = Objects.requireNonNullElseGet(generations, () -> new Generations(entries));
    generations = known;
    return known;
  }

  /** Appends an entry behind the last. */
  void add(Entry entry) {
    generations = null;
    entries.add(new Placed(lastPosition() + 1, entry));
  }

  /** Returns the journal position of the last entry. */
  long lastPosition() {
    return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).position;
  }

  /** Forgets every entry behind a position. */
  void truncate(long lastPosition) {
    generations = null;
    while (lastPosition() > lastPosition) {
      entries.remove(entries.size() - 1);
    }
  }

  /** Returns the history that consists of the entries at some positions. */
  StoreHistory only(LongPredicate isKept) {
    StoreHistory kept = new StoreHistory();
    for (Placed placed : entries) {
      if (isKept.test(placed.position)) {
        kept.entries.add(placed);
      }
    }
    return kept;
  }

  /** Returns the entries in the order they were journaled. */
  List<Entry> entries() {
    return entries.stream().map(Placed::entry).toList();
  }

  /** Returns the newest generation. */
  int generation() {
    return generations().newest;
  }

  /** Returns the changes in the order they were journaled; flushes are left out. */
  List<Event> changes() {
    List<Event> changes = new ArrayList<>();
    for (Placed placed : entries) {
      Entry entry = placed.entry;
      if (entry.isChange()) {
        changes.add(
            new Event(entry.type, entry.blockId, entry.generation, entry.first, entry.timestampNs));
      }
    }
    return changes;
  }

  /** Passes on every entry that is not about one block. */
  void forEachControl(JournalEntryHandler handler) {
    entries.forEach(
        placed -> {
          long position = placed.position;
          Entry entry = placed.entry;
          int generation = entry.generation;
          switch (entry.kind) {
            case EVENT -> {}
            case FLUSH_ALL ->
                handler.onFlushAll(position, generation, entry.first, entry.timestampNs);
            case ASSIGN -> handler.onAssign(position, generation, entry.blockId, entry.bytes());
            case COVER ->
                handler.onCover(position, generation, entry.first, entry.last, entry.bytes());
            case GAP -> handler.onGap(position, generation, entry.first, entry.last, entry.text);
            case GENERATION -> handler.onGeneration(position, generation, entry.first);
            case COMMIT -> handler.onCommit(position, generation, entry.text, entry.first);
            case PREPARE -> handler.onPrepare(position, generation, entry.text, entry.first);
            case ABORT -> handler.onAbort(position, generation, entry.text, entry.first);
            case DROP -> handler.onDrop(position, generation, entry.text);
            case TOMBSTONE -> handler.onTombstone(position, generation, entry.first, entry.bytes());
          }
        });
  }

  /** Returns whether a block had an event at one position, flushes included. */
  boolean hasEvent(long blockId, WalPosition position) {
    return entries.stream()
        .map(Placed::entry)
        .anyMatch(
            entry ->
                entry.kind == Kind.EVENT
                    && entry.blockId == blockId
                    && entry.at().equals(position));
  }

  /** Returns the blocks that ever had an event. */
  SortedSet<Long> blocks() {
    TreeSet<Long> ids = new TreeSet<>();
    for (Placed placed : entries) {
      Entry entry = placed.entry;
      if (entry.kind == Kind.EVENT) {
        ids.add(entry.blockId);
      }
    }
    return ids;
  }

  /** Returns the blocks with a change behind a position; null means any change. */
  List<BlockChange> changedAfter(@Nullable WalPosition base) {
    WalPosition from = base == null ? null : normalize(base);
    Map<Long, List<Entry>> byBlock = new HashMap<>();
    for (Placed placed : entries) {
      Entry entry = placed.entry;
      if (entry.isChange() && (from == null || entry.at().compareTo(from) > 0)) {
        byBlock.computeIfAbsent(entry.blockId, unused -> new ArrayList<>()).add(entry);
      }
    }
    List<BlockChange> changes = new ArrayList<>();
    byBlock.forEach(
        (id, events) -> {
          events.sort(IN_ORDER);
          Entry last = events.get(events.size() - 1);
          changes.add(
              new BlockChange(id, kind(events), events.get(0).at(), last.at(), last.timestampNs));
        });
    changes.sort(Comparator.comparingLong(BlockChange::blockId));
    return changes;
  }

  private static ChangeKind kind(List<Entry> ordered) {
    Set<BlockEventType> types = EnumSet.noneOf(BlockEventType.class);
    for (Entry event : ordered) {
      types.add(event.type);
    }
    if (ordered.get(ordered.size() - 1).type == BlockEventType.DELETE) {
      return ChangeKind.DELETED;
    }
    if (types.contains(BlockEventType.DELETE)) {
      return ChangeKind.REPLACED;
    }
    return types.contains(BlockEventType.CREATE) ? ChangeKind.NEW : ChangeKind.DIRTY;
  }

  /** Returns the state of every block that ever had an event. */
  Map<Long, BlockState> states() {
    long cursor = cursors().getOrDefault(Chains.DEFAULT, 0L);
    Map<Long, List<Entry>> byBlock = new HashMap<>();
    Map<Long, Set<BlockEventType>> afterCursor = new HashMap<>();
    List<Entry> flushes = new ArrayList<>();
    entries.forEach(
        placed -> {
          Entry entry = placed.entry;
          if (entry.kind == Kind.EVENT) {
            byBlock.computeIfAbsent(entry.blockId, unused -> new ArrayList<>()).add(entry);
            Set<BlockEventType> types =
                afterCursor.computeIfAbsent(
                    entry.blockId, unused -> EnumSet.noneOf(BlockEventType.class));
            if (placed.position > cursor) {
              types.add(entry.type);
            }
          } else if (entry.kind == Kind.FLUSH_ALL) {
            flushes.add(entry);
          }
        });
    Map<Long, BlockState> states = new HashMap<>();
    byBlock.forEach(
        (id, events) -> {
          events.addAll(flushes);
          events.sort(IN_ORDER);
          states.put(id, state(events, afterCursor.getOrDefault(id, Set.of())));
        });
    return states;
  }

  /**
   * Returns the state of a block.
   *
   * @param ordered its events
   * @param afterCursor types of those that were journaled after the default chain's cursor
   */
  private static BlockState state(List<Entry> ordered, Set<BlockEventType> afterCursor) {
    int created = -1;
    int updated = -1;
    int deleted = -1;
    int flushed = -1;
    for (int i = 0; i < ordered.size(); i++) {
      switch (ordered.get(i).type) {
        case CREATE -> created = i;
        case UPDATE -> updated = i;
        case DELETE -> deleted = i;
        case FLUSH -> flushed = i;
        case CLEAR -> throw new IllegalStateException("scripts clear nothing");
      }
    }
    int quiet = Math.max(flushed, deleted);
    if (Collections.disjoint(afterCursor, CHANGES)) {
      return BlockState.CLEAN;
    }
    if (deleted > created && afterCursor.contains(BlockEventType.DELETE)) {
      return BlockState.DELETED;
    }
    if (created > quiet && afterCursor.contains(BlockEventType.CREATE)) {
      return BlockState.NEW;
    }
    return Math.max(created, updated) > quiet ? BlockState.DIRTY : BlockState.CLEAN;
  }

  /** Returns the last change of a block, or null if it never had one. */
  @Nullable Entry lastChange(long blockId) {
    return entries.stream()
        .map(Placed::entry)
        .filter(entry -> entry.isChange() && entry.blockId == blockId)
        .max(IN_ORDER)
        .orElse(null);
  }

  /** Returns the names given, the first of each id. */
  Map<Long, String> names() {
    Map<Long, String> names = new HashMap<>();
    for (Placed placed : entries) {
      Entry entry = placed.entry;
      if (entry.kind == Kind.ASSIGN) {
        names.putIfAbsent(entry.blockId, entry.text);
      }
    }
    return names;
  }

  /** Returns where each chain's cursor stands. */
  Map<String, Long> cursors() {
    Map<String, Long> cursors = new HashMap<>();
    for (Placed placed : entries) {
      Entry entry = placed.entry;
      if (entry.kind == Kind.COMMIT) {
        cursors.merge(entry.text, entry.first, Math::max);
      }
    }
    return cursors;
  }

  /** Returns where the prepared run of a chain ends; {@link Chains.Chain#NONE} if there is none. */
  long preparedRun(String chain) {
    long end = Chains.Chain.NONE;
    for (Placed placed : entries) {
      Entry entry = placed.entry;
      if (entry.text.equals(chain)) {
        switch (entry.kind) {
          case PREPARE -> end = entry.first;
          case COMMIT, ABORT, DROP -> end = Chains.Chain.NONE;
          default -> {}
        }
      }
    }
    return end;
  }

  private BitSet covered(int generation) {
    return generations().covered.getOrDefault(generation, new BitSet());
  }

  /** Returns the first offset that a generation does not share with the one before. */
  long ownFrom(int generation) {
    return generations().ownFrom.getOrDefault(generation, 0L);
  }

  /** Returns the last offset of a generation that was declared complete; -1 if none was. */
  long completeThrough(int generation) {
    return covered(generation).length() - 1L;
  }

  private WalPosition normalize(WalPosition position) {
    WalPosition result = position;
    while (result.generation() > 1 && result.walOffset() < ownFrom(result.generation())) {
      result = new WalPosition(result.generation() - 1, result.walOffset());
    }
    return result;
  }

  /** Returns how far an answer about everything behind a position can be trusted. */
  Verdict verdictAfter(@Nullable WalPosition base) {
    int newest = generation();
    WalPosition from = base == null ? null : normalize(base);
    boolean isBeyond =
        from == null
            ? completeThrough(newest) < 0
            : from.generation() == newest && from.walOffset() > completeThrough(newest);
    if (!holesAfter(base).isEmpty()) {
      return Verdict.FULL_REQUIRED;
    }
    return isBeyond ? Verdict.NOT_READY : Verdict.EXACT;
  }

  /** Returns what is unknown behind a position, without the reasons. */
  List<Hole> holesAfter(@Nullable WalPosition base) {
    WalPosition from = base == null ? new WalPosition(0, 0) : normalize(base);
    List<Hole> holes = new ArrayList<>();
    for (int generation = Math.max(1, from.generation());
        generation <= generation();
        generation++) {
      BitSet covered = covered(generation);
      BitSet gaps = generations().gaps.getOrDefault(generation, new BitSet());
      long end = Math.max(covered.length(), gaps.length()) - 1L;
      boolean isFirst = generation == from.generation();
      boolean isOld = generation < generation();
      long behind = Math.max(ownFrom(generation), end + 1);
      long shared = isOld ? ownFrom(generation + 1) - 1 : -1;
      if (isFirst && isOld && from.walOffset() >= behind) {
        holes.add(new Hole(generation, behind, Math.max(from.walOffset(), shared), ""));
        continue;
      }
      long first = -1;
      for (long offset = isFirst ? from.walOffset() + 1 : ownFrom(generation);
          offset <= end + 1;
          offset++) {
        boolean isUnknown = offset <= end && !covered.get((int) offset);
        if (isUnknown && first < 0) {
          first = offset;
        } else if (!isUnknown && first >= 0) {
          holes.add(new Hole(generation, first, offset - 1, ""));
          first = -1;
        }
      }
      if (behind <= shared) {
        holes.add(new Hole(generation, behind, shared, ""));
      }
    }
    return holes;
  }
}
