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
import java.util.BitSet;
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

  /** What was declared about each offset of one generation, by its place in the list of offsets. */
  private static final class Declared {
    final BitSet mentioned = new BitSet();
    final BitSet covered = new BitSet();
    final BitSet everGap = new BitSet();
  }

  /** An answer as it has to be. */
  record Expected(List<BlockChange> changes, Verdict verdict, long surplus, Set<String> holes) {}

  /** Every offset that questions and entries may tell apart, ascending. */
  private final List<Long> offsets = new ArrayList<>();

  private final List<Event> events = new ArrayList<>();

  /** The events of each block in journal order. */
  private final Map<Long, List<Event>> journaled = new TreeMap<>(Long::compareUnsigned);

  /** The changes of each block in the order of their positions in the engine's log. */
  private final Map<Long, List<Event>> changes = new TreeMap<>(Long::compareUnsigned);

  private final List<WalPosition> flushes = new ArrayList<>();
  private final Map<Integer, Declared> declared = new TreeMap<>();
  private final List<Long> gapPositions = new ArrayList<>();
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
    Event event =
        new Event(position, new WalPosition(generation, walOffset), type, block, timestampNs);
    events.add(event);
    journaled.computeIfAbsent(block, unused -> new ArrayList<>()).add(event);
    if (type.isChange()) {
      List<Event> ofBlock = changes.computeIfAbsent(block, unused -> new ArrayList<>());
      ofBlock.add(event);
      ofBlock.sort(Comparator.comparing(Event::at).thenComparing(e -> e.type.rank()));
    }
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
    declare(generation, first, last, false);
  }

  @Override
  public void onGap(long at, int generation, long first, long last, String reason) {
    position++;
    gapPositions.add(position);
    declare(generation, first, last, true);
  }

  private void declare(int generation, long first, long last, boolean isGap) {
    Declared about = declared(generation);
    for (int i = 0; i < offsets.size(); i++) {
      long offset = offsets.get(i);
      if (Long.compareUnsigned(first, offset) <= 0 && Long.compareUnsigned(last, offset) >= 0) {
        about.mentioned.set(i);
        about.covered.set(i, !isGap);
        if (isGap) {
          about.everGap.set(i);
        }
      }
    }
  }

  private Declared declared(int generation) {
    return declared.computeIfAbsent(generation, unused -> new Declared());
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

  private @Nullable Long highest(BitSet which) {
    return which.isEmpty() ? null : offsets.get(which.length() - 1);
  }

  @Nullable WalPosition completeThrough() {
    Long through = highest(declared(generation()).covered);
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

  /**
   * Names every offset from first to last that was delivered and is not covered, and of an old
   * generation those that were not delivered and that the next one shares, or the range ends in.
   */
  private Set<String> holes(WalPosition first, WalPosition last) {
    Set<String> holes = new TreeSet<>();
    firstOwn.forEach(
        (generation, own) -> {
          Declared about = declared(generation);
          Long delivered = highest(about.mentioned);
          for (int i = 0; i < offsets.size(); i++) {
            long offset = offsets.get(i);
            WalPosition at = new WalPosition(generation, offset);
            boolean isBegin = first.generation() == generation;
            boolean isBehind = at.compareTo(first) >= 0;
            boolean isOwn = Long.compareUnsigned(at.walOffset(), own) >= 0;
            boolean isDelivered =
                delivered != null && Long.compareUnsigned(at.walOffset(), delivered) <= 0;
            boolean wentBack = !isBegin && !isOwn && about.everGap.get(i);
            boolean isSeen = isBegin && generation != generation() && !isBehind && isOwn;
            boolean isAsked = isBegin || isOwn || wentBack;
            Map.Entry<Integer, Long> next = firstOwn.higherEntry(generation);
            boolean isShared =
                next != null
                    && (generation == last.generation()
                        || Long.compareUnsigned(offset, next.getValue()) < 0);
            boolean isNeverSeen = isBehind && isOwn && isShared;
            if (isDelivered && isBehind && isAsked && at.compareTo(last) <= 0) {
              if (!about.covered.get(i)) {
                holes.add(at.toString());
              }
            } else if (!isDelivered && at.compareTo(last) <= 0 && (isSeen || isNeverSeen)) {
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
    List<BlockChange> result = new ArrayList<>();
    changes.forEach(
        (block, all) -> {
          List<Event> list = all.stream().filter(isInRange).toList();
          if (list.isEmpty()) {
            return;
          }
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
      Long delivered = highest(declared(generation).mentioned);
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
    return gapPositions.stream().anyMatch(at -> at > base && at <= end);
  }

  /** Returns the changes journaled in (base, end]. */
  List<BlockChange> changedWithin(long base, long end) {
    return changes(event -> event.position > base && event.position <= end);
  }

  /** Returns the history of every block that had an event, with the flushes of all blocks. */
  Map<Long, BlockMaxima> histories() {
    Map<Long, BlockMaxima> result = new TreeMap<>(Long::compareUnsigned);
    journaled.forEach(
        (block, list) -> {
          BlockMaxima maxima = new BlockMaxima();
          list.forEach(e -> maxima.fold(e.type, e.at.generation(), e.at.walOffset()));
          flushes.forEach(at -> maxima.fold(BlockEventType.FLUSH, at.generation(), at.walOffset()));
          result.put(block, maxima);
        });
    return result;
  }

  /** Returns the timestamp of a block's last change. */
  long lastTimestampNs(long block, long ifNeverChanged) {
    List<Event> all = changes.getOrDefault(block, List.of());
    return all.isEmpty() ? ifNeverChanged : all.get(all.size() - 1).timestampNs;
  }

  Map<Long, BlockState> states() {
    Map<Long, BlockState> result = new TreeMap<>(Long::compareUnsigned);
    histories().forEach((block, maxima) -> result.put(block, state(block, maxima)));
    return result;
  }

  private BlockState state(long block, BlockMaxima maxima) {
    List<BlockEventType> since =
        journaled.getOrDefault(block, List.of()).stream()
            .filter(event -> event.position > statesCursor)
            .map(Event::type)
            .toList();
    return maxima.state(
        since.stream().anyMatch(BlockEventType::isChange),
        since.contains(BlockEventType.CREATE),
        since.contains(BlockEventType.DELETE));
  }
}
