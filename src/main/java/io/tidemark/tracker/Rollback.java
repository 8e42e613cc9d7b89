package io.tidemark.tracker;

import io.tidemark.block.Hole;
import io.tidemark.block.WalPosition;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What went back when the engine's log was rolled back: a change that is undone is a change too.
 *
 * <p>Whoever begins a generation journals an UPDATE of each such block, then a GAP if not all of
 * them are known, before anything else is declared of the generation.
 */
public final class Rollback {

  /*
   * The place of a rollback is the last offset the generations share. Every range that crosses the
   * beginning of the new generation holds it, no other does, and nothing that is declared of the new
   * generation's own log touches it: a GAP there stays.
   *
   * The GAP comes last. Until anything is declared of a generation, its beginner begins again after a
   * crash; one that was declared alone would hide that updates are missing.
   *
   * Where nothing is shared the place is offset 0, the new generation's own: whoever journals a GAP
   * there must not declare offset 0 complete afterwards.
   */

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
   * @return the gap to journal behind the updates, because blocks that changed in a hole went back
   *     too and are not known; null if there is no hole
   */
  public static @Nullable Hole undo(
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
    if (changed.holes().isEmpty()) {
      return null;
    }
    Hole hole = changed.holes().get(0);
    return new Hole(
        generation,
        lastCommon,
        lastCommon,
        "rolled back across a hole: generation="
            + Integer.toUnsignedString(hole.generation())
            + ", first="
            + Long.toUnsignedString(hole.first())
            + ", last="
            + Long.toUnsignedString(hole.last()));
  }
}
