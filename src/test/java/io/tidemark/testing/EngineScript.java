package io.tidemark.testing;

import io.tidemark.block.BlockEventType;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Random changes of an embedded engine, written down in its history. */
public final class EngineScript {
  private static final int BLOCKS = 8;
  private static final int MAX_LENGTH = 300;

  private final Random random;
  private final EngineHistory history;
  private final boolean hasEdges;
  private long durable;
  private @Nullable Long rollingBackTo;

  /** Begins to write a history down. */
  public EngineScript(Random random, EngineHistory history) {
    this.random = random;
    this.history = history;
    this.hasEdges = random.nextInt(3) == 0;
    this.durable = history.last();
  }

  /** Returns options with which little is enough to flush, roll, recycle and merge. */
  public static EmbeddedOptions smallOptions(long firstWalOffset) {
    AtomicLong now = new AtomicLong();
    return new EmbeddedOptions(firstWalOffset, 4000, 1000, 3000, 700, 3, () -> now.addAndGet(1000));
  }

  /** Returns the WAL offset through which everything survives a power cut. */
  public long durable() {
    return durable;
  }

  /** Notes that everything there is survives a power cut. */
  public void setDurable() {
    durable = history.last();
  }

  /** Returns the offset of a rollback that was begun and has not ended well. */
  public @Nullable Long rollingBackTo() {
    return rollingBackTo;
  }

  /** Does something; a call that fails is not written down. */
  public void step(EmbeddedEngine engine) throws IOException {
    switch (random.nextInt(20)) {
      case 0, 1 -> {
        boolean isWritten = engine.statistics().unflushedBlocks() > 0;
        engine.flush();
        durable = isWritten ? history.last() : durable;
        history.add(BlockEventType.FLUSH, 0, new byte[0]);
      }
      case 2 -> rollBack(engine);
      case 3, 4, 5, 6 -> delete(engine);
      case 7, 8, 9, 10, 11 -> put(engine, anyBlock());
      default -> {
        List<Long> ids = ids();
        put(engine, ids.isEmpty() ? anyBlock() : ids.get(random.nextInt(ids.size())));
      }
    }
  }

  private void rollBack(EmbeddedEngine engine) throws IOException {
    long oldest = engine.oldestRollback();
    long last = oldest + random.nextInt((int) (history.last() - oldest) + 1);
    rollingBackTo = last;
    engine.rollbackTo(last);
    rollingBackTo = null;
    history.rollBack(last);
    durable = last;
  }

  private void delete(EmbeddedEngine engine) throws IOException {
    List<Long> ids = ids();
    if (!ids.isEmpty()) {
      long id = ids.get(random.nextInt(ids.size()));
      engine.delete(id);
      history.add(BlockEventType.DELETE, id, new byte[0]);
    }
  }

  private void put(EmbeddedEngine engine, long id) throws IOException {
    byte[] content = new byte[random.nextInt(5) == 0 ? 0 : random.nextInt(MAX_LENGTH)];
    random.nextBytes(content);
    boolean isNew = !history.blocksAt(history.last()).containsKey(id);
    if (isNew) {
      engine.create(id, content);
    } else {
      engine.update(id, content);
    }
    history.add(isNew ? BlockEventType.CREATE : BlockEventType.UPDATE, id, content);
  }

  private List<Long> ids() {
    return new ArrayList<>(history.blocksAt(history.last()).keySet());
  }

  private long anyBlock() {
    return hasEdges
        ? Unsigned.EDGES.get(random.nextInt(Unsigned.EDGES.size()))
        : random.nextInt(BLOCKS);
  }
}
