package io.tidemark.tools;

import io.tidemark.storage.Directories;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.taosdump.DroppedObject;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tdengine.taosdump.ScriptNotes;
import io.tidemark.tdengine.taosdump.TaosdumpPlan;
import io.tidemark.tdengine.taosdump.TaosdumpScript;
import io.tidemark.tracker.Chains;
import io.tidemark.tracker.StoreIdentity;
import io.tidemark.tracker.StoreReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An export of what changed in the vgroups of a database, between its plan and the moved cursors:
 * in one process, or gone on with by another.
 *
 * @param task what is copied and acknowledged
 * @param output the export's directory
 * @param vgroups those that the task is of
 */
record DatabaseExport(ExportTask task, Path output, List<VgroupPlace> vgroups) {

  /**
   * Returns the task of a detection.
   *
   * @param now when it is planned
   * @param movesCursors whether the changes are acknowledged once they were copied
   */
  static ExportTask task(
      Instant now, Detection detection, TaosdumpPlan plan, boolean isFull, boolean movesCursors) {
    List<ExportTask.Interval> intervals =
        detection.answers().stream().map(VgroupAnswer::interval).toList();
    return new ExportTask(
        now.toEpochMilli(), ScriptCommand.CHAIN, isFull, movesCursors, intervals, plan);
  }

  /**
   * Writes scripts and task into the directory, which is made if need be.
   *
   * @param notes what the scripts say about themselves
   */
  void write(List<String> notes) throws IOException {
    Instant now = Instant.ofEpochMilli(task.writtenMs());
    String tool = Main.NAME + " " + ToolVersion.text();
    new TaosdumpScript(task.plan(), new ScriptNotes(tool, now, notes)).writeTo(output);
    task.writeTo(output);
  }

  /**
   * Returns why it cannot be gone on with: the stores are others than those it was planned with, or
   * their cursors were moved since. Empty if it can, also where a part of them was moved by it.
   */
  String obstacle() throws IOException {
    Map<Integer, VgroupPlace> byVgroup = byVgroup();
    boolean isOwed = !ExportTask.isDone(output);
    for (ExportTask.Interval interval : task.intervals()) {
      VgroupPlace vgroup = byVgroup.get(interval.vgroupId());
      String other = otherStore(interval, vgroup);
      if (!other.isEmpty() || vgroup == null) {
        return other;
      }
      Path store = storeOf(vgroup);
      StoreReader reader = StoreReader.open(store);
      Chains.Chain chain = reader.chains().get(task.chain());
      long cursor = chain == null ? 0 : chain.cursor();
      if (cursor != interval.cursor() && cursor != interval.end()) {
        return "a later one was acknowledged: planned at cursor="
            + interval.cursor()
            + ", actual="
            + cursor
            + ", store="
            + store;
      }
      isOwed |= cursor < interval.end();
    }
    return isOwed ? "" : "it is complete and acknowledged";
  }

  /** Returns why a vgroup's store is not the one it was planned with; empty if it is. */
  private static String otherStore(ExportTask.Interval interval, @Nullable VgroupPlace vgroup)
      throws IOException {
    Path store = vgroup == null ? null : storeOf(vgroup);
    if (store == null || Directories.list(store).isEmpty()) {
      return "a vgroup is not there any more: vgroup=" + interval.vgroupId();
    }
    long storeId = StoreIdentity.open(store).storeId();
    return storeId == interval.storeId()
        ? ""
        : String.format(
            Locale.ROOT,
            "it was planned with another store: expected=%016x, actual=%016x, store=%s",
            interval.storeId(),
            storeId,
            store);
  }

  private Map<Integer, VgroupPlace> byVgroup() throws IOException {
    Map<Integer, VgroupPlace> byVgroup = new HashMap<>();
    try {
      for (VgroupPlace vgroup : vgroups) {
        byVgroup.put(vgroup.config().vgroupId(), vgroup);
      }
    } catch (WalDecodeException e) {
      throw new IOException(e.getMessage(), e);
    }
    return byVgroup;
  }

  private static Path storeOf(VgroupPlace vgroup) throws IOException {
    try {
      return vgroup.store();
    } catch (WalDecodeException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Returns what was dropped since, as the stores of the vgroups tell; nothing if one of them is
   * not the one that it was planned with. Opens the stores.
   */
  Set<DroppedObject> laterDrops() throws IOException {
    Map<Integer, VgroupPlace> byVgroup = byVgroup();
    for (ExportTask.Interval interval : task.intervals()) {
      if (!otherStore(interval, byVgroup.get(interval.vgroupId())).isEmpty()) {
        return Set.of();
      }
    }
    return LaterDrops.dropped(vgroups, task.intervals());
  }

  /**
   * Makes the next {@code --since last} begin behind it. Opens the stores.
   *
   * @throws IOException if a store is not the one it was planned with: positions in another one
   *     mean something else; no cursor was moved
   */
  void acknowledge() throws IOException {
    Map<Integer, VgroupPlace> byVgroup = byVgroup();
    for (ExportTask.Interval interval : task.intervals()) {
      String other = otherStore(interval, byVgroup.get(interval.vgroupId()));
      if (!other.isEmpty()) {
        throw new IOException(
            "export is complete, but cannot be acknowledged: " + other + ", directory=" + output);
      }
    }
    for (ExportTask.Interval interval : task.intervals()) {
      VgroupPlace vgroup = Objects.requireNonNull(byVgroup.get(interval.vgroupId()));
      try (VgroupDetection store = VgroupDetection.open(vgroup.asItIs())) {
        store.acknowledge(interval, task.chain());
      } catch (WalDecodeException e) {
        throw new IOException(e.getMessage(), e);
      }
    }
  }
}
