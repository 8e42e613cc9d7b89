package io.tidemark.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Blocks in unsigned order of ids, deleted ones among them.
 *
 * <p>Not thread-safe.
 */
interface EmbeddedRows {

  /** Moves to the next block; returns false behind the last one. */
  boolean next();

  /** Returns the present block. */
  long blockId();

  /** Returns the length of its content; {@code EmbeddedDataDescriptor.DELETED} if it has none. */
  int length();

  /** Returns the content of the present block, which was not deleted; read-only. */
  ByteBuffer content() throws IOException;

  /**
   * Returns what several layers say together: of each block what the newest layer says that has it.
   *
   * @param layers newest first, each before its first block; used up
   */
  static EmbeddedRows layered(List<EmbeddedRows> layers) {
    return new Layered(layers);
  }

  /** Layers, each on a block or at its end. */
  final class Layered implements EmbeddedRows {
    private final List<EmbeddedRows> rest;
    private @Nullable EmbeddedRows present;

    private Layered(List<EmbeddedRows> layers) {
      rest = new ArrayList<>(layers);
      rest.removeIf(layer -> !layer.next());
    }

    @Override
    public boolean next() {
      if (present != null) {
        long last = present.blockId();
        rest.removeIf(layer -> layer.blockId() == last && !layer.next());
      }
      present = null;
      for (EmbeddedRows layer : rest) {
        if (present == null || Long.compareUnsigned(layer.blockId(), present.blockId()) < 0) {
          present = layer;
        }
      }
      return present != null;
    }

    private EmbeddedRows present() {
      EmbeddedRows rows = present;
      if (rows == null) {
        throw new IllegalStateException("rows are on no block");
      }
      return rows;
    }

    @Override
    public long blockId() {
      return present().blockId();
    }

    @Override
    public int length() {
      return present().length();
    }

    @Override
    public ByteBuffer content() throws IOException {
      return present().content();
    }
  }
}
