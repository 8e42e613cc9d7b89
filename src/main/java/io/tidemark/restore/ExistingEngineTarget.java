package io.tidemark.restore;

import io.tidemark.ingest.EmbeddedEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * An embedded engine that is there and becomes what was backed up: blocks that differ are written,
 * those that are the same are left alone, and those that are not in the backup are deleted.
 *
 * <p>These are changes like any other: a store that tracks the engine sees them. A restore that
 * fails half way leaves the engine between the two; the same restore again ends it. The engine
 * stays the caller's to close.
 */
public final class ExistingEngineTarget implements RestoreTarget {
  private final EmbeddedEngine engine;
  private final Roaring64Bitmap restored = new Roaring64Bitmap();
  private long written;
  private long deleted;

  /** Takes an open engine. */
  public ExistingEngineTarget(EmbeddedEngine engine) {
    this.engine = engine;
  }

  @Override
  public void prepare(long blocks, long bytes) {
    // How much differs is not known; a full disk refuses a change and leaves the engine whole.
  }

  @Override
  public void put(long blockId, ByteBuffer content) throws IOException {
    restored.addLong(blockId);
    boolean[] isSame = new boolean[1];
    boolean isThere =
        engine.length(blockId) == content.remaining()
            ? engine.read(blockId, (ByteBuffer now) -> isSame[0] = now.equals(content))
            : engine.length(blockId) >= 0;
    if (isSame[0]) {
      return;
    }
    if (isThere) {
      engine.update(blockId, content);
    } else {
      engine.create(blockId, content);
    }
    written++;
  }

  @Override
  public void complete() throws IOException {
    Roaring64Bitmap others = new Roaring64Bitmap();
    engine.forEachBlock(
        (id, length) -> {
          if (!restored.contains(id)) {
            others.addLong(id);
          }
        });
    for (var ids = others.getLongIterator(); ids.hasNext(); ) {
      engine.delete(ids.next());
      deleted++;
    }
    engine.flush();
  }

  /** Returns how many blocks were not what the backup holds. */
  public long written() {
    return written;
  }

  /** Returns how many blocks the backup does not hold. */
  public long deleted() {
    return deleted;
  }

  /** Does nothing: the engine is the caller's. */
  @Override
  public void close() {
    // What was changed stays.
  }
}
