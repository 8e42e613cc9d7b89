package io.tidemark.tdengine.taosdump;

import io.tidemark.backup.RunPlan;
import io.tidemark.backup.StorageEngine;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.BlockEventSource;
import io.tidemark.ingest.BlockReader;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.RowDeletion;
import io.tidemark.tdengine.RowDeletions;
import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.ChangeStream;
import io.tidemark.tracker.StoreView;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.longlong.LongIterator;
import org.roaringbitmap.longlong.Roaring64Bitmap;

/**
 * The only vgroup of a TDengine database, as a backup with taosdump sees it: its WAL feeds a store,
 * and what its blocks hold only taosdump can fetch.
 *
 * <p>Thread-safe. The store stays the caller's to close.
 */
public final class VnodeEngine
    implements StorageEngine, DatabaseBlocks, BlockReader, BlockEventSource, Closeable {

  /*
   * One vgroup only: taosdump knows names, and a name that is dropped in one vgroup may be given again in
   * another. A restore of runs of single vgroups, one after another, would then drop what it has just loaded.
   */

  private static final long HASHES = 0xFFFF_FFFFL;

  private final VnodeConfig config;
  private final BitmapEngine store;
  private final WalEventSource source;

  /** Blocks that were not deleted; null if they have to be looked up again. Guarded by this. */
  private @Nullable Roaring64Bitmap living;

  private VnodeEngine(VnodeConfig config, BitmapEngine store, WalEventSource source) {
    this.config = config;
    this.store = store;
    this.source = source;
  }

  /**
   * Opens a vnode and brings its store up to the end of its WAL.
   *
   * @param store that of {@link WalEventSource#shardOf}
   * @throws TaosdumpException if the database has other vgroups
   * @throws WalDecodeException if vnode.json cannot be understood, or there is no WAL to read
   */
  public static VnodeEngine open(VnodeDirectory vnode, BitmapEngine store)
      throws IOException, WalDecodeException {
    VnodeConfig config = vnode.config();
    if (config.hashFirst() != 0 || config.hashLast() != HASHES) {
      throw new TaosdumpException(
          "database has several vgroups, and its names are in all of them: export it by script:"
              + " database="
              + config.database()
              + ", vgroup="
              + config.vgroupId()
              + ", hashFirst="
              + config.hashFirst()
              + ", hashLast="
              + config.hashLast());
    }
    WalEventSource source;
    try {
      source =
          store.call(
              tracker -> {
                try {
                  return WalEventSource.open(vnode, tracker);
                } catch (WalDecodeException e) {
                  throw new IOException(e);
                }
              });
    } catch (IOException e) {
      if (e.getCause() instanceof WalDecodeException cause) {
        throw cause;
      }
      throw e;
    }
    VnodeEngine engine = new VnodeEngine(config, store, source);
    try {
      engine.settle();
      return engine;
    } catch (IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  @Override
  public BlockEventSource events() {
    return this;
  }

  @Override
  public BlockReader blocks() {
    return this;
  }

  /** Reads the WAL to its present end. */
  @Override
  public void settle() throws IOException {
    store.call(tracker -> source.catchUp());
    synchronized (this) {
      living = null;
    }
  }

  @Override
  public String shard() {
    return WalEventSource.shardOf(config);
  }

  /** Refuses: the WAL feeds the store by itself. */
  @Override
  public void start(@Nullable WalPosition completeThrough, BlockEventSink sink) {
    throw new IllegalStateException("the WAL of a vnode feeds its store only: shard=" + shard());
  }

  @Override
  public void stop() {
    // Nothing is given but by settle.
  }

  @Override
  public String database() {
    return config.database();
  }

  @Override
  public FileSets fileSets() {
    return config.fileSets();
  }

  private BlockCatalog catalog() throws IOException {
    return store.call(tracker -> BlockCatalog.of(tracker.catalog()));
  }

  @Override
  public Names names() throws IOException {
    return catalog()::name;
  }

  @Override
  public IncrementalSet changes(RunPlan plan) throws IOException {
    StoreView view = store.call(tracker -> tracker.view());
    BlockCatalog names = catalog();
    ChangeSet changes = view.changedWithin(plan.base(), plan.end());
    List<RowDeletion> deletions = RowDeletions.of(config.vgroupId(), view, names, changes);
    Set<Long> onlyDeletedFrom = RowDeletions.onlyDeletions(view, names, changes, deletions);
    List<ChangedBlock> blocks = new ArrayList<>();
    for (BlockChange change : changes.changes()) {
      BlockName name = names.name(change.blockId());
      if (name == null) {
        throw new TaosdumpException(
            "the log does not tell what this block is: vgroup="
                + config.vgroupId()
                + ", block="
                + Long.toUnsignedString(change.blockId()));
      }
      blocks.add(
          new ChangedBlock(
              config.vgroupId(),
              change.kind(),
              name,
              change.first(),
              change.last(),
              onlyDeletedFrom.contains(change.blockId())));
    }
    return new IncrementalSet(database(), fileSets(), blocks, deletions, KnownBlocks.of(names));
  }

  /** Passes on nothing: only taosdump reads rows. Returns whether there is such a block. */
  @Override
  public boolean read(long blockId, ContentHandler handler) throws IOException {
    return length(blockId) >= 0;
  }

  /** Returns 0, for nobody knows how long it is; −1 if there is no such block. */
  @Override
  public int length(long blockId) throws IOException {
    return living().contains(blockId) ? 0 : -1;
  }

  /** Passes on the blocks that the WAL told of, each of length 0. */
  @Override
  public void forEachBlock(BlockHandler handler) throws IOException {
    LongIterator ids = living().getLongIterator();
    while (ids.hasNext()) {
      handler.onBlock(ids.next(), 0);
    }
  }

  private synchronized Roaring64Bitmap living() throws IOException {
    Roaring64Bitmap found = living;
    if (found == null) {
      found = new Roaring64Bitmap();
      StoreView view = store.call(tracker -> tracker.view());
      ChangeStream stream = view.streamWithin(0, view.position());
      while (stream.next()) {
        if (stream.change().kind() != ChangeKind.DELETED) {
          found.addLong(stream.change().blockId());
        }
      }
      living = found;
    }
    return found;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
