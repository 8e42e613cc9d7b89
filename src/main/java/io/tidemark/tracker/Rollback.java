package io.tidemark.tracker;

import io.tidemark.block.Hole;
import io.tidemark.block.WalPosition;
import java.io.IOException;
import java.util.List;

/**
 * What went back when the engine's log was rolled back: a change that is undone is a change too.
 *
 * <p>Whoever begins a generation journals an UPDATE of each such block before it declares anything
 * of the generation complete.
 */
public final class Rollback {
  private Rollback() {}

  /** Receives the updates that a rollback makes. */
  @FunctionalInterface
  public interface UpdateHandler {

    /** The block had gone back by {@code timestampNs}; the offset is one of the new generation. */
    void onUpdate(long blockId, long walOffset, long timestampNs) throws IOException;
  }

  /**
   * Passes on an update of every block that the generations before changed from {@code firstOwn}
   * on; at the last offset the generations share, or 0 if they share none.
   *
   * @param view holds the generations before; it may hold a part of these updates already
   * @param generation the new one
   * @param firstOwn first WAL offset that it does not share with the one before
   * @param timestampNs when the log was rolled back, or later; not when the block was changed,
   *     because who copied it in between must copy it again
   * @return the holes among what went back: blocks that changed there are not known
   */
  public static List<Hole> undo(
      StoreView view, int generation, long firstOwn, long timestampNs, UpdateHandler handler)
      throws IOException {
    ChangeSet changed =
        firstOwn == 0
            ? view.changedEver()
            : view.changedAfter(new WalPosition(generation - 1, firstOwn - 1));
    long lastCommon = firstOwn == 0 ? 0 : firstOwn - 1;
    for (BlockChange change : changed.changes()) {
      long wentBackNs = Math.max(change.timestampNs(), timestampNs);
      handler.onUpdate(change.blockId(), lastCommon, wentBackNs);
    }
    return changed.holes();
  }
}
