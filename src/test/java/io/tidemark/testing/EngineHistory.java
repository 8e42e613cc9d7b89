package io.tidemark.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.tidemark.block.BlockEventType;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedStatistics;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What an embedded engine was told, as a list: its log, and what it must hold. */
public final class EngineHistory {

  /**
   * A record of the log.
   *
   * @param type FLUSH for one of all blocks; null for the beginning of a generation
   */
  public record Entry(@Nullable BlockEventType type, long blockId, ByteBuffer content) {}

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final long first;
  private final List<Entry> entries = new ArrayList<>();
  private int generation = 1;

  /** Begins the history of an engine whose first change has a WAL offset. */
  public EngineHistory(long firstWalOffset) {
    this.first = firstWalOffset;
  }

  /** Returns a history that goes on by itself. */
  public EngineHistory copy() {
    EngineHistory copy = new EngineHistory(first);
    copy.entries.addAll(entries);
    copy.generation = generation;
    return copy;
  }

  /** Notes what the engine was told, at the next WAL offset. */
  public void add(@Nullable BlockEventType type, long blockId, byte[] content) {
    entries.add(new Entry(type, blockId, ByteBuffer.wrap(content)));
  }

  /** Notes that the engine forgot everything above a WAL offset and began a generation. */
  public void rollBack(long last) {
    entries.subList((int) (last - first + 1), entries.size()).clear();
    add(null, 0, new byte[0]);
    generation++;
  }

  /** Returns the WAL offset of the last record. */
  public long last() {
    return first - 1 + entries.size();
  }

  /** Returns how often the log was rolled back, and one more. */
  public int generation() {
    return generation;
  }

  /** Returns the record at a WAL offset. */
  public Entry entry(long walOffset) {
    return entries.get((int) (walOffset - first));
  }

  /** Returns the blocks there were after a WAL offset, in unsigned order. */
  public SortedMap<Long, ByteBuffer> blocksAt(long walOffset) {
    TreeMap<Long, ByteBuffer> blocks = new TreeMap<>(Long::compareUnsigned);
    for (Entry entry : entries.subList(0, (int) (walOffset - first + 1))) {
      if (entry.type == BlockEventType.DELETE) {
        blocks.remove(entry.blockId);
      } else if (entry.type != null && entry.type != BlockEventType.FLUSH) {
        blocks.put(entry.blockId, entry.content);
      }
    }
    return blocks;
  }

  /** Asserts that an engine holds what it must, by every way to ask it. */
  public void verify(EmbeddedEngine engine) throws IOException {
    assertEquals(last(), engine.walOffset());
    SortedMap<Long, ByteBuffer> expected = blocksAt(last());
    EmbeddedStatistics statistics = engine.statistics();
    assertEquals(expected.size(), statistics.blocks());
    assertEquals(
        expected.values().stream().mapToLong(ByteBuffer::remaining).sum(), statistics.bytes());
    assertEquals(generation, statistics.generation());
    List<Long> ids = new ArrayList<>();
    engine.forEachBlock(
        (id, length) -> {
          ids.add(id);
          assertEquals(expected.getOrDefault(id, NOTHING).remaining(), length);
        });
    assertEquals(List.copyOf(expected.keySet()), ids);
    for (Entry entry : entries) {
      ByteBuffer content = expected.get(entry.blockId);
      if (content == null) {
        assertNull(engine.read(entry.blockId));
        assertEquals(-1, engine.length(entry.blockId));
      } else {
        assertEquals(content, ByteBuffer.wrap(Objects.requireNonNull(engine.read(entry.blockId))));
        assertEquals(content.remaining(), engine.length(entry.blockId));
      }
    }
  }
}
