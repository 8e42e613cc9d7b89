package io.tidemark.backup;

import io.tidemark.block.Hole;
import io.tidemark.block.Verdict;
import io.tidemark.errors.FullBackupRequiredException;
import io.tidemark.ingest.BlockReader;
import io.tidemark.tracker.BackupRun;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.ChangedIds;
import io.tidemark.tracker.StoreIdentity;
import io.tidemark.tracker.StoreView;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Prepares runs: fixes what each copies, and refuses an incremental one that would miss changes.
 */
final class RunPlanner {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final int NAMED_HOLES = 3;

  private final BitmapEngine store;
  private final StorageEngine engine;
  private final BackupTool tool;
  private final BackupOptions options;
  private final SecureRandom random = new SecureRandom();

  RunPlanner(BitmapEngine store, StorageEngine engine, BackupTool tool, BackupOptions options) {
    this.store = store;
    this.engine = engine;
    this.tool = tool;
    this.options = options;
  }

  /**
   * A run that the journal knows of.
   *
   * @param run proves the right to commit it
   */
  record Prepared(BackupRun run, RunPlan plan) {}

  /** What the store says of the changes in (base, end]. */
  private record Answer(StoreView view, long base, long end, ChangedIds ids) {}

  /** Where a chain stands. */
  private record Standing(StoreIdentity identity, long cursor) {}

  private Standing standing(String chain) throws IOException {
    return store.call(
        tracker -> new Standing(tracker.identity(), tracker.chains().chain(chain).cursor()));
  }

  /**
   * Prepares a run.
   *
   * @throws FullBackupRequiredException if it is to be incremental and would not be safe; nothing
   *     was prepared
   */
  Prepared prepare(BackupRequest request) throws IOException {
    Standing standing = standing(request.chain());
    SealedRun parent = parent(request, standing);
    engine.settle();
    record Begun(BackupRun run, StoreView view) {}
    Begun begun =
        store.call(
            tracker -> new Begun(tracker.backups().prepare(request.chain()), tracker.view()));
    try {
      Answer answer = answer(request, begun.view, begun.run.base(), begun.run.end());
      if (request.kind() == RunKind.INCREMENTAL) {
        refuseHoles(request.chain(), answer.ids);
      }
      return new Prepared(begun.run, plan(request, standing.identity, parent, answer));
    } catch (RuntimeException e) {
      store.call(
          tracker -> {
            tracker.backups().abort(begun.run);
            return begun;
          });
      throw e;
    }
  }

  private @Nullable SealedRun parent(BackupRequest request, Standing standing) throws IOException {
    if (request.kind() == RunKind.FULL) {
      return null;
    }
    if (standing.cursor == 0) {
      if (request.since() != null) {
        return null;
      }
      throw new FullBackupRequiredException(
          "full backup required: chain has no committed run: chain=" + request.chain());
    }
    SealedRun parent = tool.endingAt(standing.identity.storeId(), request.chain(), standing.cursor);
    if (parent == null) {
      throw new FullBackupRequiredException(
          "full backup required: the chain's last run is not here: chain="
              + request.chain()
              + ", end="
              + standing.cursor
              + ", backup="
              + tool.location());
    }
    return parent;
  }

  private Answer answer(BackupRequest request, StoreView view, long cursor, long end) {
    BackupCursor since = request.since();
    long base = since == null ? cursor : since.toJournalPosition(view, end);
    if (cursor > 0) {
      base = Math.min(base, cursor);
    }
    return new Answer(view, base, end, view.changedIdsWithin(base, end));
  }

  private static void refuseHoles(String chain, ChangedIds ids) {
    if (ids.verdict() == Verdict.FULL_REQUIRED) {
      throw new FullBackupRequiredException(
          "full backup required: "
              + describe(ids.holes())
              + ": chain="
              + chain
              + ", holes="
              + ids.holes().size());
    }
  }

  private static String describe(List<Hole> holes) {
    StringBuilder text = new StringBuilder("changes are not known in ");
    for (Hole hole : holes.subList(0, Math.min(holes.size(), NAMED_HOLES))) {
      text.append(text.charAt(text.length() - 1) == ' ' ? "" : ", ").append(hole);
    }
    return text.append(holes.size() > NAMED_HOLES ? ", and more" : "").toString();
  }

  private RunPlan plan(
      BackupRequest request, StoreIdentity identity, @Nullable SealedRun parent, Answer answer) {
    boolean isFull = request.kind() == RunKind.FULL;
    long createdMs = options.epochClock().getAsLong();
    return new RunPlan(
        runId(request.chain(), createdMs),
        request.chain(),
        request.kind(),
        identity.storeId(),
        identity.shard(),
        createdMs,
        answer.base,
        answer.end,
        parent == null ? null : new RunPlan.Parent(parent.runId(), parent.digest()),
        isFull ? Verdict.EXACT : answer.ids.verdict(),
        isFull ? 0 : answer.ids.surplus(),
        isFull ? answer.ids.holes() : List.of(),
        answer.view.completeThrough(),
        answer.view.covered(),
        answer.view.boundsWithin(answer.base, answer.end),
        answer.view.boundsWithin(0, answer.end));
  }

  private String runId(String chain, long createdMs) {
    return String.format(
        Locale.ROOT,
        "%s-%s-%08x",
        TIME.format(Instant.ofEpochMilli(createdMs)),
        chain,
        random.nextInt());
  }

  /** Returns the blocks of a run. */
  BlockWalk walk(RunPlan plan) throws IOException {
    BlockReader blocks = engine.blocks();
    if (plan.kind() == RunKind.FULL) {
      return BlockWalk.everything(blocks);
    }
    StoreView view = store.call(tracker -> tracker.view());
    return BlockWalk.changes(view, plan.base(), plan.end(), blocks);
  }

  /** Returns what a run would copy if it were prepared now; prepares nothing. */
  BackupEstimate estimate(BackupRequest request) throws IOException {
    BlockReader blocks = engine.blocks();
    Standing standing = standing(request.chain());
    engine.settle();
    StoreView view = store.call(tracker -> tracker.view());
    Answer answer = answer(request, view, standing.cursor, view.position());
    boolean isFull = request.kind() == RunKind.FULL;
    BlockWalk walk =
        isFull
            ? BlockWalk.everything(blocks)
            : BlockWalk.changes(view, answer.base, answer.end, blocks);
    long[] deleted = new long[1];
    walk.forEach((id, kind) -> deleted[0] += kind.hasContent() ? 0 : 1);
    String reason = isFull ? "" : refusal(request, standing, answer.ids);
    return new BackupEstimate(
        BlockWalk.measure(walk, blocks),
        deleted[0],
        reason.isEmpty() ? (isFull ? Verdict.EXACT : answer.ids.verdict()) : Verdict.FULL_REQUIRED,
        isFull ? 0 : answer.ids.surplus(),
        answer.ids.holes(),
        reason);
  }

  private String refusal(BackupRequest request, Standing standing, ChangedIds ids)
      throws IOException {
    try {
      parent(request, standing);
      refuseHoles(request.chain(), ids);
      return "";
    } catch (FullBackupRequiredException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
