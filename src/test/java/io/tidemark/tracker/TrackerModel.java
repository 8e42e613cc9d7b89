package io.tidemark.tracker;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockState;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.JournalEntryHandler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The oracle: the list of accepted entries, and every answer by looking at all of them.
 *
 * <p>Offsets are those of a window anywhere in the unsigned range; whatever lies below it was
 * declared complete in generation 1.
 */
final class TrackerModel implements JournalEntryHandler {

  /** One accepted block event. */
  record Event(
      long position, WalPosition at, BlockEventType type, long blockId, long timestampNs) {}

  /** One accepted declaration about a closed interval. */
  record Declared(long position, int generation, long first, long last, boolean isGap) {
    boolean isAbout(int number, long offset) {
      return generation == number
          && Long.compareUnsigned(first, offset) <= 0
          && Long.compareUnsigned(last, offset) >= 0;
    }
  }

  /** An answer as it has to be. */
  record Expected(List<BlockChange> changes, Verdict verdict, long surplus, Set<String> holes) {}

  /** Every offset that questions and entries may tell apart, ascending. */
  private final List<Long> offsets = new ArrayList<>();

  private final List<Event> events = new ArrayList<>();
  private final List<WalPosition> flushes = new ArrayList<>();
  private final List<Declared> declared = new ArrayList<>();
  private final TreeMap<Integer, Long> firstOwn = new TreeMap<>();
  private final Map<Long, String> names = new TreeMap<>(Long::compareUnsigned);
  private final Map<String, Chains.Chain> chains = new TreeMap<>();
  private long statesCursor;
  private long position;
  private long nextBlockId = 1;

  TrackerModel(long windowFirst, int windowLength) {
    for (int i = -1; i < windowLength; i++) {
      offsets.add(windowFirst + i);
    }
    if (!offsets.contains(-2L)) {
      offsets.add(-2L);
    }
    firstOwn.put(1, 0L);
  }

  long position() {
    return position;
  }

  long nextBlockId() {
    return nextBlockId;
  }

  int generation() {
    return firstOwn.lastKey();
  }

  List<Event> events() {
    return events;
  }

  Map<Long, String> names() {
    return names;
  }

  Map<String, Chains.Chain> chains() {
    return chains;
  }

  Chains.Chain chain(String name) {
    return chains.getOrDefault(name, new Chains.Chain(0, -1));
  }

  @Override
  public void onEvent(
      long at, int generation, BlockEventType type, long block, long walOffset, long timestampNs) {
    position++;
    events.add(
        new Event(position, new WalPosition(generation, walOffset), type, block, timestampNs));
  }

  @Override
  public void onFlushAll(long at, int generation, long walOffset, long timestampNs) {
    position++;
    flushes.add(new WalPosition(generation, walOffset));
  }

  @Override
  public void onAssign(long at, int generation, long blockId, byte[] name) {
    position++;
    names.putIfAbsent(blockId, HexFormat.of().formatHex(name));
    nextBlockId = Long.compareUnsigned(blockId, nextBlockId) >= 0 ? blockId + 1 : nextBlockId;
  }

  @Override
  public void onCover(long at, int generation, long first, long last, byte[] mark) {
    position++;
    declared.add(new Declared(position, generation, first, last, false));
  }

  @Override
  public void onGap(long at, int generation, long first, long last, String reason) {
    position++;
    declared.add(new Declared(position, generation, first, last, true));
  }

  @Override
  public void onGeneration(long at, int generation, long own) {
    position++;
    firstOwn.put(generation, own);
  }

  @Override
  public void onCommit(long at, int generation, String chain, long cursor) {
    position++;
    chains.put(chain, new Chains.Chain(Math.max(chain(chain).cursor(), cursor), -1));
    if (chain.equals(Chains.DEFAULT)) {
      statesCursor = Math.max(statesCursor, cursor);
    }
  }

  @Override
  public void onPrepare(long at, int generation, String chain, long end) {
    position++;
    chains.put(chain, new Chains.Chain(chain(chain).cursor(), end));
  }

  @Override
  public void onAbort(long at, int generation, String chain, long end) {
    position++;
    chains.put(chain, new Chains.Chain(chain(chain).cursor(), -1));
  }

  @Override
  public void onDrop(long at, int generation, String chain) {
    position++;
    chains.remove(chain);
  }

  @Override
  public void onTombstone(long at, int generation, long walOffset, byte[] tombstone) {
    position++;
  }

  // Coverage, offset by offset.

  private boolean isCovered(int generation, long offset) {
    boolean isCovered = false;
    for (Declared d : declared) {
      if (d.isAbout(generation, offset)) {
        isCovered = !d.isGap;
      }
    }
    return isCovered;
  }

  private boolean isDeclaredGap(int generation, long offset) {
    return declared.stream().anyMatch(d -> d.isGap && d.isAbout(generation, offset));
  }

  private @Nullable Long highest(int generation, boolean isComplete) {
    for (int i = offsets.size() - 1; i >= 0; i--) {
      long offset = offsets.get(i);
      boolean isMentioned = declared.stream().anyMatch(d -> d.isAbout(generation, offset));
      if (isComplete ? isCovered(generation, offset) : isMentioned) {
        return offset;
      }
    }
    return null;
  }

  @Nullable WalPosition completeThrough() {
    Long through = highest(generation(), true);
    return through == null ? null : new WalPosition(generation(), through);
  }

  private WalPosition normalize(WalPosition asked) {
    WalPosition result = asked;
    Long own = firstOwn.get(result.generation());
    while (own != null
        && Long.compareUnsigned(result.walOffset(), own) < 0
        && firstOwn.lowerKey(result.generation()) != null) {
      result = new WalPosition(firstOwn.lowerKey(result.generation()), result.walOffset());
      own = firstOwn.get(result.generation());
    }
    return result;
  }

  /** Names every offset from first to last that was delivered and is not covered. */
  private Set<String> holes(WalPosition first, WalPosition last) {
    Set<String> holes = new TreeSet<>();
    firstOwn.forEach(
        (generation, own) -> {
          Long delivered = highest(generation, false);
          for (long offset : offsets) {
            WalPosition at = new WalPosition(generation, offset);
            boolean isBegin = first.generation() == generation;
            boolean isBehind = at.compareTo(first) >= 0;
            boolean isOwn = Long.compareUnsigned(at.walOffset(), own) >= 0;
            boolean isDelivered =
                delivered != null && Long.compareUnsigned(at.walOffset(), delivered) <= 0;
            boolean wentBack = !isBegin && !isOwn && isDeclaredGap(generation, offset);
            boolean isSeen = isBegin && generation != generation() && !isBehind && isOwn;
            boolean isAsked = isBegin || isOwn || wentBack;
            if (isDelivered && isBehind && isAsked && at.compareTo(last) <= 0) {
              if (!isCovered(generation, at.walOffset())) {
                holes.add(at.toString());
              }
            } else if (!isDelivered && isSeen) {
              holes.add(at.toString());
            }
          }
        });
    return holes;
  }

  /** Names every offset of the window that an answer's holes name. */
  Set<String> offsets(List<Hole> holes) {
    Set<String> result = new TreeSet<>();
    for (Hole hole : holes) {
      for (long offset : offsets) {
        if (Long.compareUnsigned(hole.first(), offset) <= 0
            && Long.compareUnsigned(hole.last(), offset) >= 0) {
          result.add(new WalPosition(hole.generation(), offset).toString());
        }
      }
    }
    return result;
  }

  // Answers.

  private List<BlockChange> changes(Predicate<Event> isInRange) {
    Map<Long, List<Event>> byBlock = new TreeMap<>(Long::compareUnsigned);
    for (Event event : events) {
      if (event.type.isChange() && isInRange.test(event)) {
        byBlock.computeIfAbsent(event.blockId, unused -> new ArrayList<>()).add(event);
      }
    }
    List<BlockChange> result = new ArrayList<>();
    byBlock.forEach(
        (block, list) -> {
          list.sort(Comparator.comparing(Event::at).thenComparing(event -> event.type.rank()));
          Event last = list.get(list.size() - 1);
          boolean hasDelete = list.stream().anyMatch(e -> e.type == BlockEventType.DELETE);
          boolean hasCreate = list.stream().anyMatch(e -> e.type == BlockEventType.CREATE);
          ChangeKind kind = hasCreate ? ChangeKind.NEW : ChangeKind.DIRTY;
          if (hasDelete) {
            kind = last.type == BlockEventType.DELETE ? ChangeKind.DELETED : ChangeKind.REPLACED;
          }
          result.add(new BlockChange(block, kind, list.get(0).at, last.at, last.timestampNs));
        });
    return result;
  }

  private static Verdict verdict(Set<String> holes, boolean isBeyond, long surplus) {
    if (!holes.isEmpty()) {
      return Verdict.FULL_REQUIRED;
    }
    if (isBeyond) {
      return Verdict.NOT_READY;
    }
    return surplus > 0 ? Verdict.SUPERSET : Verdict.EXACT;
  }

  private Expected expected(
      Predicate<Event> isInRange, Set<String> holes, boolean isBeyond, long surplus) {
    return new Expected(changes(isInRange), verdict(holes, isBeyond, surplus), surplus, holes);
  }

  /** Whether nothing of the newest generation was declared complete. */
  private boolean isIncomplete() {
    return completeThrough() == null;
  }

  private boolean isBeyond(WalPosition position) {
    WalPosition through = completeThrough();
    return position.generation() > generation()
        || (position.generation() == generation()
            && (through == null || position.compareTo(through) > 0));
  }

  Expected changedEver() {
    return expected(
        event -> true, holes(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL), isIncomplete(), 0);
  }

  Expected changedAfter(WalPosition asked) {
    return changedAfter(asked, 0);
  }

  private Expected changedAfter(WalPosition asked, long surplus) {
    WalPosition base = normalize(asked);
    if (base.walOffset() == -1 && base.generation() == generation()) {
      return new Expected(List.of(), Verdict.EXACT, 0, Set.of());
    }
    WalPosition first = base.walOffset() == -1 ? base : base.next();
    Set<String> holes = holes(first, WalPosition.AFTER_ALL);
    return expected(
        event -> event.at.compareTo(base) > 0, holes, isIncomplete() || isBeyond(base), surplus);
  }

  Expected changedAfter(long walOffset) {
    int oldest = generation();
    for (int generation : firstOwn.descendingKeySet()) {
      Long delivered = highest(generation, false);
      if (delivered != null && Long.compareUnsigned(walOffset, delivered) <= 0) {
        oldest = generation;
      }
    }
    Expected all = changedAfter(new WalPosition(oldest, walOffset));
    Expected certain = changedAfter(new WalPosition(generation(), walOffset));
    Set<Long> surplus = new TreeSet<>();
    all.changes.forEach(change -> surplus.add(change.blockId()));
    certain.changes.forEach(change -> surplus.remove(change.blockId()));
    return changedAfter(new WalPosition(oldest, walOffset), surplus.size());
  }

  Expected changedIn(WalPosition first, WalPosition last) {
    WalPosition from = normalize(first);
    Set<String> holes = holes(from, last);
    return expected(
        event -> event.at.compareTo(from) >= 0 && event.at.compareTo(last) <= 0,
        holes,
        isBeyond(last),
        0);
  }

  Expected changedBetween(long firstNs, long lastNs) {
    long newest =
        events.stream()
            .filter(event -> event.type.isChange())
            .mapToLong(Event::timestampNs)
            .max()
            .orElse(Long.MIN_VALUE);
    boolean isBeyond = isIncomplete() || (lastNs != Long.MAX_VALUE && lastNs > newest);
    return expected(
        event -> event.timestampNs >= firstNs && event.timestampNs <= lastNs,
        holes(WalPosition.BEFORE_ALL, WalPosition.AFTER_ALL),
        isBeyond,
        0);
  }

  /** Returns the blocks with a change journaled after a position. */
  Set<Long> changedSince(long journalPosition) {
    Set<Long> blocks = new TreeSet<>(Long::compareUnsigned);
    changes(event -> event.position > journalPosition)
        .forEach(change -> blocks.add(change.blockId()));
    return blocks;
  }

  boolean hasGapSince(long journalPosition) {
    return hasGapWithin(journalPosition, Long.MAX_VALUE);
  }

  boolean hasGapWithin(long base, long end) {
    return declared.stream().anyMatch(d -> d.isGap && d.position > base && d.position <= end);
  }

  /** Returns the changes journaled in (base, end]. */
  List<BlockChange> changedWithin(long base, long end) {
    return changes(event -> event.position > base && event.position <= end);
  }

  /** Returns the history of every block that had an event, with the flushes of all blocks. */
  Map<Long, BlockMaxima> histories() {
    Map<Long, BlockMaxima> result = new TreeMap<>(Long::compareUnsigned);
    for (Event event : events) {
      result
          .computeIfAbsent(event.blockId, unused -> new BlockMaxima())
          .fold(event.type, event.at.generation(), event.at.walOffset());
    }
    for (BlockMaxima maxima : result.values()) {
      flushes.forEach(at -> maxima.fold(BlockEventType.FLUSH, at.generation(), at.walOffset()));
    }
    return result;
  }

  Map<Long, BlockState> states() {
    Map<Long, BlockState> result = new TreeMap<>(Long::compareUnsigned);
    histories().forEach((block, maxima) -> result.put(block, state(block, maxima)));
    return result;
  }

  private BlockState state(long block, BlockMaxima maxima) {
    List<BlockEventType> since =
        events.stream()
            .filter(event -> event.blockId == block && event.position > statesCursor)
            .map(Event::type)
            .toList();
    return maxima.state(
        since.stream().anyMatch(BlockEventType::isChange),
        since.contains(BlockEventType.CREATE),
        since.contains(BlockEventType.DELETE));
  }
}
