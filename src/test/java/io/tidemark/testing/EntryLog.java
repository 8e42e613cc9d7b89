package io.tidemark.testing;

import io.tidemark.block.BlockEventType;
import io.tidemark.journal.JournalEntryHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes every journal entry it is given down as one line. */
public final class EntryLog implements JournalEntryHandler {
  private final List<String> lines = new ArrayList<>();

  /** Returns the lines so far. */
  public List<String> lines() {
    return lines;
  }

  private void add(long position, int generation, String entry) {
    lines.add(position + " gen=" + Integer.toUnsignedString(generation) + " " + entry);
  }

  private static String u(long value) {
    return Long.toUnsignedString(value);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public void onEvent(
      long position,
      int generation,
      BlockEventType type,
      long blockId,
      long walOffset,
      long timestampNs) {
    add(
        position,
        generation,
        type + " id=" + u(blockId) + " wal=" + u(walOffset) + " ts=" + timestampNs);
  }

  @Override
  public void onFlushAll(long position, int generation, long walOffset, long timestampNs) {
    add(position, generation, "FLUSH_ALL wal=" + u(walOffset) + " ts=" + timestampNs);
  }

  @Override
  public void onAssign(long position, int generation, long blockId, byte[] name) {
    add(position, generation, "ASSIGN id=" + u(blockId) + " name=" + hex(name));
  }

  @Override
  public void onCover(long position, int generation, long first, long last, byte[] mark) {
    add(position, generation, "COVER " + u(first) + "-" + u(last) + " mark=" + hex(mark));
  }

  @Override
  public void onGap(long position, int generation, long first, long last, String reason) {
    add(
        position,
        generation,
        "GAP "
            + u(first)
            + "-"
            + u(last)
            + " reason="
            + hex(reason.getBytes(StandardCharsets.UTF_8)));
  }

  @Override
  public void onGeneration(long position, int generation, long lastCommon) {
    add(position, generation, "GENERATION common=" + u(lastCommon));
  }

  @Override
  public void onCommit(long position, int generation, String chain, long cursor) {
    add(position, generation, "COMMIT chain=" + chain + " cursor=" + cursor);
  }

  @Override
  public void onPrepare(long position, int generation, String chain, long end) {
    add(position, generation, "PREPARE chain=" + chain + " end=" + u(end));
  }

  @Override
  public void onAbort(long position, int generation, String chain, long end) {
    add(position, generation, "ABORT chain=" + chain + " end=" + u(end));
  }

  @Override
  public void onDrop(long position, int generation, String chain) {
    add(position, generation, "DROP chain=" + chain);
  }

  @Override
  public void onTombstone(long position, int generation, long walOffset, byte[] tombstone) {
    add(position, generation, "TOMBSTONE wal=" + u(walOffset) + " bytes=" + hex(tombstone));
  }
}
