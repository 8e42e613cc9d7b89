package io.tidemark.backup;

import io.tidemark.ingest.BlockReader;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeStream;
import io.tidemark.tracker.StoreView;
import java.io.IOException;

/** Walks the blocks that a run has to deal with, in unsigned order of ids. */
@FunctionalInterface
interface BlockWalk {

  /** Takes a block and what to copy of it. */
  @FunctionalInterface
  interface Visitor {
    void visit(long blockId, CopyKind kind) throws IOException;
  }

  void forEach(Visitor visitor) throws IOException;

  /** Walks every block that an engine has now. */
  static BlockWalk everything(BlockReader blocks) {
    return visitor -> blocks.forEachBlock((id, length) -> visitor.visit(id, CopyKind.NEW));
  }

  /**
   * Walks the blocks with a change journaled in (base, end].
   *
   * <p>A late event may say that a block was deleted which was created again before that event
   * came: what the engine has is copied.
   */
  static BlockWalk changes(StoreView view, long base, long end, BlockReader blocks) {
    return visitor -> {
      ChangeStream stream = view.streamWithin(base, end);
      while (stream.next()) {
        BlockChange change = stream.change();
        CopyKind kind = CopyKind.of(change.kind());
        boolean isBack = !kind.hasContent() && blocks.length(change.blockId()) >= 0;
        visitor.visit(change.blockId(), isBack ? CopyKind.REPLACED : kind);
      }
    };
  }

  /** Returns how much there is to copy. */
  static SetSize measure(BlockWalk walk, BlockReader blocks) throws IOException {
    long[] sums = new long[2];
    walk.forEach(
        (id, kind) -> {
          sums[0]++;
          sums[1] += kind.hasContent() ? Math.max(blocks.length(id), 0) : 0;
        });
    return new SetSize(sums[0], sums[1]);
  }
}
