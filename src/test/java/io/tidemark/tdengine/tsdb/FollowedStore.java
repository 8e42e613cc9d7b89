package io.tidemark.tdengine.tsdb;

import io.tidemark.block.ChangeKind;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.IngestReport;
import io.tidemark.tdengine.RecycledHistory;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** A store that read a vnode's log to its end. */
final class FollowedStore implements AutoCloseable {
  private final ChangeTracker tracker;
  private final IngestReport report;

  FollowedStore(VnodeDirectory vnode, Path store, RecycledHistory history) throws Exception {
    TrackerOptions options = TrackerOptions.builder().unlimited().journalRollBytes(1 << 16).build();
    tracker = ChangeTracker.open(store, WalEventSource.shardOf(vnode.config()), options);
    try (WalEventSource source = WalEventSource.open(vnode, tracker, history)) {
      report = source.catchUp();
    } catch (Exception | AssertionError e) {
      tracker.abandon();
      throw e;
    }
  }

  ChangeTracker tracker() {
    return tracker;
  }

  IngestReport report() {
    return report;
  }

  BlockCatalog names() {
    return BlockCatalog.of(tracker.catalog());
  }

  TsdbCrossCheck.Report crossCheck(TsdbScan scan) {
    return TsdbCrossCheck.of(tracker.view(), tracker.coverage(), names()).compare(scan);
  }

  /** Returns the data blocks of an answer as {@code uid/file set}, those deleted at last or not. */
  Set<String> dataBlocks(ChangeSet answer, boolean isWithDeleted) {
    Set<String> blocks = new TreeSet<>();
    BlockCatalog names = names();
    answer
        .changes()
        .forEach(
            change -> {
              BlockName name = Objects.requireNonNull(names.name(change.blockId()));
              boolean isWanted = isWithDeleted || change.kind() != ChangeKind.DELETED;
              if (name.kind() == BlockName.Kind.DATA && isWanted) {
                blocks.add(name.uid() + "/" + name.fileSet());
              }
            });
    return blocks;
  }

  @Override
  public void close() throws IOException {
    tracker.abandon();
  }
}
