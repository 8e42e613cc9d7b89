package io.tidemark.tdengine.tsdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.WalPosition;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.RecycledHistory;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Data files and log tell the same changes, and a change that a store missed is found. */
class TsdbCrossCheckTest {
  @TempDir Path directory;

  static Stream<VnodeDirectory> vnodes() {
    return FlushedCorpus.vnodes();
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldAgreeWithTheLogAfterEveryVersion(VnodeDirectory vnode) throws Exception {
    Path snapshot = vnode.path().resolveSibling("");
    Set<Long> living = new HashSet<>(FlushedCorpus.liveTables(snapshot, vnode.config().database()));
    TsdbScan scan = TsdbScanner.scan(vnode);
    long committed = scan.committedVersion();

    try (FollowedStore store =
        new FollowedStore(vnode, directory.resolve("store"), RecycledHistory.NONE)) {
      TsdbCrossCheck.Report report = store.crossCheck(scan);
      assertEquals(new TsdbCrossCheck.Report(scan.tables().size(), 0, List.of()), report);
      for (long version = 0; version < committed; version++) {
        Set<String> logged =
            store.dataBlocks(
                store
                    .tracker()
                    .view()
                    .changedIn(new WalPosition(1, version + 1), new WalPosition(1, committed)),
                false);
        logged.removeIf(block -> !living.contains(Long.valueOf(block.split("/", -1)[0])));
        assertEquals(newer(scan, version, living), logged, "after " + version);
      }
    }
  }

  /** Returns the blocks of living tables whose newest row or deletion is above a version. */
  private static Set<String> newer(TsdbScan scan, long version, Set<Long> living) {
    Map<String, Long> newest = new HashMap<>();
    for (TableRows rows : scan.tables()) {
      newest.put(rows.uid() + "/" + rows.fileSet(), rows.maxVersion());
    }
    for (Tombstone deleted : scan.tombstones()) {
      newest.computeIfPresent(
          deleted.uid() + "/" + deleted.fileSet(), (block, v) -> Math.max(v, deleted.version()));
    }
    Set<String> result = new TreeSet<>();
    newest.forEach(
        (block, highest) -> {
          if (highest > version && living.contains(Long.valueOf(block.split("/", -1)[0]))) {
            result.add(block);
          }
        });
    return result;
  }

  @Test
  void shouldFindEveryChangeThatWasDeclaredCompleteAndNeverJournaled() throws Exception {
    VnodeDirectory vnode = vnodes().findFirst().orElseThrow();
    TsdbScan scan = TsdbScanner.scan(vnode);
    long half = scan.committedVersion() / 2;
    String shard = WalEventSource.shardOf(vnode.config());
    TrackerOptions options = TrackerOptions.builder().unlimited().build();
    try (ChangeTracker tracker = ChangeTracker.open(directory.resolve("store"), shard, options)) {
      RecordBuffer record = new RecordBuffer();
      record.generation(1);
      record.cover(0, half, new byte[0]);
      tracker.append(record);

      TsdbCrossCheck.Report report =
          TsdbCrossCheck.of(tracker.view(), tracker.coverage(), BlockCatalog.of(tracker.catalog()))
              .compare(scan);

      Set<Long> all = new HashSet<>();
      scan.tables().forEach(rows -> all.add(rows.uid()));
      int older = scan.tables().size() - newer(scan, half, all).size();
      assertTrue(older > 0 && older < scan.tables().size(), "older=" + older);
      assertEquals(older, report.missed().size());
      assertEquals(older, report.compared());
      assertEquals(scan.tables().size() - older, report.unread());
      report.missed().forEach(missed -> assertTrue(missed.version() <= half));
    }
  }
}
