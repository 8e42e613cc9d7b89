package io.tidemark.tools;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.JournalEntryHandler;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Counts journal entries by type. */
final class EntryCounter implements JournalEntryHandler {
  private final Map<EntryType, Long> counts = new EnumMap<>(EntryType.class);

  Map<EntryType, Long> counts() {
    return counts;
  }

  /** Returns the counts in words, or {@code none}. */
  String inWords() {
    return counts.isEmpty()
        ? "none"
        : counts.entrySet().stream()
            .map(entry -> entry.getValue() + " " + entry.getKey().name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
  }

  private void count(EntryType type) {
    counts.merge(type, 1L, Long::sum);
  }

  @Override
  public void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {
    count(EntryType.of(type));
  }

  @Override
  public void onFlushAll(long position, int generation, long walOffset, long timestampNs) {
    count(EntryType.FLUSH);
  }

  @Override
  public void onAssign(long position, int generation, long blockId, byte[] name) {
    count(EntryType.ASSIGN);
  }

  @Override
  public void onCover(long position, int generation, long first, long last, byte[] mark) {
    count(EntryType.COVER);
  }

  @Override
  public void onGap(long position, int generation, long first, long last, String reason) {
    count(EntryType.GAP);
  }

  @Override
  public void onGeneration(long position, int generation, long lastCommon) {
    count(EntryType.GENERATION);
  }

  @Override
  public void onCommit(long position, int generation, String chain, long cursor) {
    count(EntryType.COMMIT);
  }

  @Override
  public void onPrepare(long position, int generation, String chain, long end) {
    count(EntryType.PREPARE);
  }

  @Override
  public void onAbort(long position, int generation, String chain, long end) {
    count(EntryType.ABORT);
  }

  @Override
  public void onDrop(long position, int generation, String chain) {
    count(EntryType.DROP);
  }

  @Override
  public void onTombstone(long position, int generation, long walOffset, byte[] tombstone) {
    count(EntryType.TOMBSTONE);
  }
}
