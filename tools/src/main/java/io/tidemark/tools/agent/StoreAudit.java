package io.tidemark.tools.agent;

import io.tidemark.block.BlockState;
import io.tidemark.errors.MovedOnException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.SegmentCheck;
import io.tidemark.state.BlockStates;
import io.tidemark.state.StateCounts;
import io.tidemark.storage.Directories;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.tsdb.TsdbCrossCheck;
import io.tidemark.tdengine.tsdb.TsdbFileSet;
import io.tidemark.tdengine.tsdb.TsdbScan;
import io.tidemark.tdengine.tsdb.TsdbScanner;
import io.tidemark.tracker.StoreLayout;
import io.tidemark.tracker.StoreReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * Compares a part of one store with itself and with the server's data files.
 *
 * <p>Used once, in a turn of its vgroup, so that nothing is appended meanwhile.
 */
final class StoreAudit {

  /*
   * Three looks, the last two at random files for half of the time each, so that all are seen in the end:
   *   states    what a new opening would make of stored views and journal is what is in force: all
   *             counts, and the states of random blocks
   *   versions  what data files show of versions that were declared complete is in the store
   *   segments  each byte has its checksum, rows are the fold of changes
   *
   * Repairs. Wrong states: the views are dropped, the next opening builds them from the truth. A missed
   * change: its version becomes a gap, so that no answer leaves it out in silence. A damaged
   * segment is truth and cannot be repaired; the next opening makes a gap of it.
   */

  private static final int STATES_COMPARED_MAX = 10_000;
  private static final int MISSED_NAMED_MAX = 8;
  private static final String SEGMENT_SUFFIX = ".seg";
  private static final String CHECKPOINT_PREFIX = "checkpoint-";

  /**
   * What an audit came to.
   *
   * @param atMs when it began, ms since the epoch
   * @param fileSets file sets of the server that were looked at
   * @param blocks data blocks in them that were compared
   * @param segments segments that were read
   * @param findings what is wrong, for people
   * @param areViewsWrong whether what is stored of states is not what is in force
   */
  record Report(
      long atMs,
      int fileSets,
      int blocks,
      int segments,
      List<String> findings,
      boolean areViewsWrong) {

    Report {
      findings = List.copyOf(findings);
    }
  }

  private final @Nullable VnodeDirectory vnode;
  private final StoreLayout store;
  private final VnodeFollower open;
  private final NanoClock clock;
  private final List<String> findings = new ArrayList<>();
  private int fileSets;
  private int blocks;
  private int segments;

  private StoreAudit(
      @Nullable VnodeDirectory vnode, Path store, VnodeFollower open, NanoClock clock) {
    this.vnode = vnode;
    this.store = new StoreLayout(store);
    this.open = open;
    this.clock = clock;
  }

  /**
   * Audits a store and declares what it missed a gap.
   *
   * @param vnode whose data files are looked at; null for a log that has none
   * @param open has the store open for writing
   * @param limitNs how long it may take; a file that was begun is finished
   * @param nowMs ms since the epoch
   */
  static Report run(
      @Nullable VnodeDirectory vnode,
      Path store,
      VnodeFollower open,
      NanoClock clock,
      long limitNs,
      long nowMs)
      throws IOException {
    StoreAudit audit = new StoreAudit(vnode, store, open, clock);
    long beganNs = clock.nanoTime();
    boolean areViewsWrong = !audit.areStatesRight();
    audit.versions(beganNs, limitNs / 2);
    audit.segments(beganNs, limitNs);
    return new Report(
        nowMs, audit.fileSets, audit.blocks, audit.segments, audit.findings, areViewsWrong);
  }

  /** Deletes what a closed store keeps of states; the next opening builds it anew. */
  static void dropViews(Path root) throws IOException {
    StoreLayout layout = new StoreLayout(root);
    for (Path file : Directories.list(root)) {
      if (String.valueOf(file.getFileName()).startsWith(CHECKPOINT_PREFIX)) {
        Files.delete(file);
      }
    }
    for (Path file : Directories.list(layout.snapshots())) {
      Files.delete(file);
    }
  }

  private boolean areStatesRight() throws IOException {
    try {
      StateCounts live = open.counts();
      StoreReader stored = StoreReader.open(store.root());
      StateCounts found = stored.states().counts();
      long position = open.standing().journalPosition();
      if (found.equals(live) && stored.lastPosition() == position) {
        return areStatesOfBlocksRight(stored.states());
      }
      findings.add(
          "stored states are not those in force: stored="
              + found
              + ", inForce="
              + live
              + ", storedPosition="
              + stored.lastPosition()
              + ", position="
              + position);
      return false;
    } catch (MovedOnException e) {
      // Files were merged while they were read: another time.
      return true;
    } catch (TidemarkException e) {
      findings.add("store cannot be read: " + e.getMessage());
      return true;
    }
  }

  /** Looks at random blocks, at most so many: equal counts may be of other blocks. */
  private boolean areStatesOfBlocksRight(BlockStates stored) throws IOException {
    long last = open.lastBlockId();
    long looks = Math.min(last, STATES_COMPARED_MAX);
    for (long look = 1; look <= looks; look++) {
      long block = looks == last ? look : ThreadLocalRandom.current().nextLong(1, last + 1);
      BlockState inForce = open.state(block);
      BlockState found = stored.state(block);
      if (found != inForce) {
        findings.add(
            "stored states are not those in force: blockId="
                + block
                + ", stored="
                + found
                + ", inForce="
                + inForce);
        return false;
      }
    }
    return true;
  }

  private void versions(long beganNs, long limitNs) throws IOException {
    VnodeDirectory server = vnode;
    if (server == null || !Files.isDirectory(server.dataFileDirectory())) {
      return;
    }
    try {
      List<TsdbFileSet> sets =
          new ArrayList<>(TsdbScanner.scan(server, fileSet -> false).fileSets());
      Collections.shuffle(sets);
      TsdbCrossCheck check = TsdbCrossCheck.of(open.view(), open.coverage(), open.names());
      List<TsdbCrossCheck.Missed> missed = new ArrayList<>();
      for (TsdbFileSet set : sets) {
        if (clock.nanoTime() - beganNs > limitNs && fileSets > 0) {
          break;
        }
        TsdbScan scan = TsdbScanner.scan(server, fileSet -> fileSet == set.number());
        TsdbCrossCheck.Report report = check.compare(scan);
        fileSets++;
        blocks += report.compared();
        missed.addAll(report.missed());
      }
      distrust(missed);
    } catch (IOException | WalDecodeException e) {
      findings.add("data files cannot be compared: " + e.getMessage());
    }
  }

  private void distrust(List<TsdbCrossCheck.Missed> missed) throws IOException {
    for (long version :
        missed.stream().mapToLong(TsdbCrossCheck.Missed::version).distinct().toArray()) {
      open.distrust(version, "an audit found a change in data files that was not tracked");
    }
    if (!missed.isEmpty()) {
      findings.add(
          "changes in data files were not tracked; their versions are gaps now: count="
              + missed.size()
              + ", first="
              + missed.stream().limit(MISSED_NAMED_MAX).toList());
    }
  }

  private void segments(long beganNs, long limitNs) throws IOException {
    List<Path> files = new ArrayList<>(Directories.list(store.segments()));
    files.removeIf(file -> !String.valueOf(file.getFileName()).endsWith(SEGMENT_SUFFIX));
    Collections.shuffle(files);
    for (Path file : files) {
      if (clock.nanoTime() - beganNs > limitNs && segments > 0) {
        return;
      }
      try {
        ChangeSegment segment = ChangeSegment.open(file, 0);
        String difference = segment.hasEvents() ? SegmentCheck.difference(segment) : null;
        segments++;
        if (difference != null) {
          findings.add("rows are not the fold of changes: " + difference + ", file=" + file);
        }
      } catch (NoSuchFileException e) {
        // Merged into another one since the directory was listed.
      } catch (TidemarkException e) {
        findings.add(String.valueOf(e.getMessage()));
      }
    }
  }
}
