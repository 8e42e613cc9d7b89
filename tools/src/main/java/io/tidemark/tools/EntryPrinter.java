package io.tidemark.tools;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.JournalEntryHandler;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Prints the journal entries that pass a filter, one per line. */
final class EntryPrinter implements JournalEntryHandler {
  private static final String LINE = "%10s  %-10s  %-14s  %6s  %s";

  /**
   * Which entries are wanted.
   *
   * @param types empty for all
   * @param blockId null for all entries
   * @param limit how many at most
   */
  record Filter(Set<EntryType> types, @Nullable Long blockId, long limit) {}

  private final Terminal terminal;
  private final BlockNames names;
  private final Filter filter;
  private long printed;
  private long firstNotPrinted;

  EntryPrinter(Terminal terminal, BlockNames names, Filter filter) {
    this.terminal = terminal;
    this.names = names;
    this.filter = filter;
  }

  void printHeading() {
    terminal.line(
        terminal.dim(String.format(Locale.ROOT, LINE, "position", "type", "WAL", "block", "what")));
  }

  long printed() {
    return printed;
  }

  /** Returns the position of the first entry beyond the limit; 0 if there was none. */
  long firstNotPrinted() {
    return firstNotPrinted;
  }

  private void print(
      long position, EntryType type, String wal, @Nullable Long blockId, String what) {
    boolean isWanted =
        (filter.types().isEmpty() || filter.types().contains(type))
            && (filter.blockId() == null || filter.blockId().equals(blockId));
    if (!isWanted || firstNotPrinted != 0) {
      return;
    }
    if (printed == filter.limit()) {
      firstNotPrinted = position;
      return;
    }
    printed++;
    String block = blockId == null ? "" : Long.toUnsignedString(blockId);
    terminal.line(
        String.format(Locale.ROOT, LINE, position, type, wal, block, what).stripTrailing());
    terminal.event(
        "entry",
        json -> {
          json.writeStringField("position", Long.toString(position));
          json.writeStringField("type", type.name());
          json.writeStringField("wal", wal.isEmpty() ? null : wal);
          json.writeStringField("block", blockId == null ? null : block);
          json.writeStringField("what", what.isEmpty() ? null : what);
        });
  }

  private static String wal(int generation, long walOffset) {
    return Integer.toUnsignedString(generation) + "/" + Long.toUnsignedString(walOffset);
  }

  private static String wal(int generation, long first, long last) {
    return wal(generation, first) + (first == last ? "" : "-" + Long.toUnsignedString(last));
  }

  private static String time(long timestampNs) {
    return Instant.ofEpochSecond(0, timestampNs).toString();
  }

  private String described(long blockId, long timestampNs) {
    String name = names.describe(blockId);
    return (name.isEmpty() ? "" : name + "  ") + time(timestampNs);
  }

  @Override
  public void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {
    print(
        position,
        EntryType.of(type),
        wal(generation, walOffset),
        blockId,
        described(blockId, timestampNs));
  }

  @Override
  public void onFlushAll(long position, int generation, long walOffset, long timestampNs) {
    print(
        position,
        EntryType.FLUSH,
        wal(generation, walOffset),
        null,
        "every block up to here  " + time(timestampNs));
  }

  @Override
  public void onAssign(long position, int generation, long blockId, byte[] name) {
    String known = names.describe(blockId);
    print(
        position,
        EntryType.ASSIGN,
        "",
        blockId,
        known.isEmpty() ? "a name of " + name.length + " bytes" : known);
  }

  @Override
  public void onCover(long position, int generation, long first, long last, byte[] mark) {
    print(position, EntryType.COVER, wal(generation, first, last), null, "complete");
  }

  @Override
  public void onGap(long position, int generation, long first, long last, String reason) {
    print(position, EntryType.GAP, wal(generation, first, last), null, reason);
  }

  @Override
  public void onGeneration(long position, int generation, long firstOwn) {
    print(
        position,
        EntryType.GENERATION,
        wal(generation, firstOwn),
        null,
        "the log was rolled back or replaced from here");
  }

  @Override
  public void onCommit(long position, int generation, String chain, long cursor) {
    print(position, EntryType.COMMIT, "", null, "chain " + chain + " is at position " + cursor);
  }

  @Override
  public void onPrepare(long position, int generation, String chain, long end) {
    print(position, EntryType.PREPARE, "", null, "chain " + chain + " runs to position " + end);
  }

  @Override
  public void onAbort(long position, int generation, String chain, long end) {
    print(position, EntryType.ABORT, "", null, "chain " + chain + " gave up its run to " + end);
  }

  @Override
  public void onDrop(long position, int generation, String chain) {
    print(position, EntryType.DROP, "", null, "chain " + chain + " was dropped");
  }

  @Override
  public void onTombstone(long position, int generation, long walOffset, byte[] tombstone) {
    print(
        position,
        EntryType.TOMBSTONE,
        wal(generation, walOffset),
        null,
        "rows deleted inside blocks");
  }
}
