package io.tidemark.tools;

import io.tidemark.errors.StoreLockedException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.IngestReport;
import io.tidemark.tdengine.RowDeletion;
import io.tidemark.tdengine.RowDeletions;
import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tdengine.WalLog;
import io.tidemark.tdengine.taosdump.ExportTask;
import io.tidemark.tdengine.tsdb.TsdbHistory;
import io.tidemark.tracker.Chains;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.RecoveryReport;
import io.tidemark.tracker.StoreIdentity;
import io.tidemark.tracker.StoreReader;
import io.tidemark.tracker.StoreView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The detection of one vgroup: brings its store up to the WAL's present end, if that is to be read,
 * and asks it.
 *
 * <p>Single thread. Holds the store's lock until it is closed.
 */
final class VgroupDetection implements AutoCloseable {
  private static final IngestReport NOTHING_READ =
      new IngestReport(0, 0, 0, 0, -1, -1, 0, 0, List.of(), null, true);

  private final VnodeConfig config;
  private final ChangeTracker tracker;
  private final @Nullable WalEventSource source;

  private VgroupDetection(
      VnodeConfig config, ChangeTracker tracker, @Nullable WalEventSource source) {
    this.config = config;
    this.tracker = tracker;
    this.source = source;
  }

  /** What was journaled after a position, and what the blocks name. */
  record Later(ChangeSet changes, BlockCatalog names) {}

  /** Opens the store of a vgroup that has a vnode, and creates it if there is none. */
  static VgroupDetection open(VgroupPlace place) throws IOException, WalDecodeException {
    VnodeConfig config = place.config();
    Path store = place.store();
    ChangeTracker tracker =
        ChangeTracker.open(store, WalEventSource.shardOf(config), VisitingOptions.INSTANCE);
    try {
      VnodeDirectory vnode = place.log();
      if (vnode == null) {
        return new VgroupDetection(config, tracker, null);
      }
      WalLog log = new WalLog(vnode, new TsdbHistory(vnode));
      VgroupDetection opened = new VgroupDetection(config, tracker, log.open(tracker));
      log.describeIn(store, tracker.identity().storeId());
      return opened;
    } catch (IOException | WalDecodeException | RuntimeException e) {
      tracker.close();
      throw e;
    }
  }

  /**
   * Reads the WAL to its present end, if it is to be read, and answers.
   *
   * @param chain whose cursor {@code --since last} means
   */
  VgroupAnswer answer(Since since, String chain) throws IOException {
    IngestReport ingest = source == null ? NOTHING_READ : source.catchUp();
    tracker.seal();
    return answer(
        config,
        tracker.identity(),
        tracker.view(),
        names(),
        since,
        tracker.chains().chain(chain).cursor(),
        ingest,
        tracker.recovery());
  }

  /**
   * Answers from a store as it is, which another process may write, as far as the log was read into
   * it: takes no lock and changes nothing.
   *
   * @param chain whose cursor {@code --since last} means
   */
  static VgroupAnswer read(VgroupPlace place, Since since, String chain)
      throws IOException, WalDecodeException {
    StoreReader reader = StoreReader.open(place.store());
    Chains.Chain standing = reader.chains().get(chain);
    return answer(
        place.config(),
        reader.identity(),
        reader.view(),
        BlockCatalog.of(reader.catalog()),
        since,
        standing == null ? 0 : standing.cursor(),
        NOTHING_READ,
        reader.report());
  }

  private static VgroupAnswer answer(
      VnodeConfig config,
      StoreIdentity identity,
      StoreView view,
      BlockCatalog names,
      Since since,
      long cursor,
      IngestReport ingest,
      RecoveryReport recovery)
      throws IOException {
    ChangeSet changes = changesSince(since, view, cursor);
    List<RowDeletion> deletions = RowDeletions.of(config.vgroupId(), view, names, changes);
    return new VgroupAnswer(
        config,
        changes,
        names,
        deletions,
        RowDeletions.onlyDeletions(view, names, changes, deletions),
        new ExportTask.Interval(
            config.vgroupId(), identity.storeId(), cursor, changes.journalPosition()),
        since instanceof Since.Last ? cursor : null,
        ingest,
        recovery);
  }

  private static ChangeSet changesSince(Since since, StoreView view, long cursor) {
    if (since instanceof Since.Offset offset) {
      return view.changedAfter(offset.walOffset());
    }
    if (since instanceof Since.Position position) {
      return view.changedAfter(position.position());
    }
    if (since instanceof Since.Time time) {
      return view.changedBetween(time.timestampNs(), Long.MAX_VALUE);
    }
    if (since instanceof Since.Last && cursor > 0) {
      return view.changedSince(cursor);
    }
    return view.changedEver();
  }

  /** Returns what the blocks name, as far as the log was read. */
  BlockCatalog names() {
    return BlockCatalog.of(tracker.catalog());
  }

  /**
   * Returns what was journaled after a position in the store of a vgroup, into which its log is
   * read first if that can be.
   */
  static Later since(VgroupPlace place, long journalPosition)
      throws IOException, WalDecodeException {
    if (place.isStoreAlone()) {
      return readSince(place, journalPosition);
    }
    try (VgroupDetection store = open(place)) {
      if (store.source != null) {
        store.source.catchUp();
      }
      store.tracker.seal();
      return new Later(store.tracker.view().changedSince(journalPosition), store.names());
    } catch (StoreLockedException e) {
      // Who has it reads the log into it.
      return readSince(place, journalPosition);
    }
  }

  private static Later readSince(VgroupPlace place, long journalPosition)
      throws IOException, WalDecodeException {
    StoreReader reader = StoreReader.open(place.store());
    return new Later(
        reader.view().changedSince(journalPosition), BlockCatalog.of(reader.catalog()));
  }

  /**
   * Makes the next {@code --since last} begin behind an interval; durable when it returns.
   *
   * @param chain whose cursor {@code --since last} means
   */
  void acknowledge(ExportTask.Interval interval, String chain) throws IOException {
    RecordBuffer record = new RecordBuffer();
    record.generation(tracker.coverage().generation());
    record.commit(chain, interval.end());
    tracker.append(record);
  }

  @Override
  public void close() throws IOException {
    try {
      if (source != null) {
        source.close();
      }
    } finally {
      tracker.close();
    }
  }
}
