package io.tidemark.examples;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.StorageEngine;
import io.tidemark.block.BlockEventType;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.MovedOnException;
import io.tidemark.errors.StoreFullException;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.plugin.ArchivePluginProvider;
import io.tidemark.plugin.BackupPlugin;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.PluginContext;
import io.tidemark.plugin.PluginRegistry;
import io.tidemark.plugin.VerifyReport;
import io.tidemark.restore.NewEngineTarget;
import io.tidemark.restore.Restore;
import io.tidemark.restore.RestoreTarget;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.BackupRun;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.BlockBatch;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.BlockEventCallbacks;
import io.tidemark.tracker.BlockEventListener;
import io.tidemark.tracker.BlockPage;
import io.tidemark.tracker.ChangeRange;
import io.tidemark.tracker.ChangedIds;
import io.tidemark.tracker.Durability;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.EventPipeline;
import io.tidemark.tracker.PageCursor;
import io.tidemark.tracker.PipelineOptions;
import io.tidemark.tracker.Tidemark;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The program of docs/EMBEDDING.md: every code block of that page is a region of this file, between
 * {@code tag} and {@code end}.
 */
final class EmbeddingExample {
  private static final long WAIT_MS = 1_000;
  private static final int PAGE_BLOCKS = 1_000;

  private final Path directory;
  private final PrintStream out;
  private volatile @Nullable WalPosition releasedThrough;

  private EmbeddingExample(Path directory, PrintStream out) {
    this.directory = directory;
    this.out = out;
  }

  /** Works in the directory that is named by the only argument. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    run(Path.of(arguments[0]), System.out);
  }

  /** Does everything that the page shows, one after another. */
  static void run(Path directory, PrintStream out) throws IOException, InterruptedException {
    EmbeddingExample example = new EmbeddingExample(directory, out);
    example.track();
    example.ask();
    example.listen();
    example.configure();
    example.feedFromASource();
    example.backUp();
    example.coordinate();
    example.mark();
    example.page();
    example.takeFromThreads();
  }

  private static long nowNs() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  private void copy(long blockId) {
    out.println("copy " + Long.toUnsignedString(blockId));
  }

  /** Every block that the engine of the examples has. */
  private static List<Long> everyBlock() {
    return List.of(7L, 8L);
  }

  private void track() throws IOException, InterruptedException {
    // tag::track[]
    try (Tidemark store = Tidemark.at(directory.resolve("orders"), "orders").open()) {
      store.continueFrom(1); // where your log begins; 0 if offset 0 may be a change
      store.onBlockCreate(7, 1, nowNs()); // block 7 was created at offset 1 of your log
      store.onBlockUpdate(7, 2, nowNs()); // from any number of threads
      store.onBlockCreate(8, 3, nowNs());
      store.onBlockDelete(7, 4, nowNs());
      store.completeThrough(4); // a promise: every change through offset 4 was given

      long position = store.flush(); // what this thread gave can be asked for now
      if (!store.awaitDurable(position, WAIT_MS)) { // and now it survives a power cut
        out.println("the disk is slow: " + store.statistics());
      }
    }
    // end::track[]
  }

  private void ask() throws IOException, InterruptedException {
    try (Tidemark store = Tidemark.at(directory.resolve("orders"), "orders").open()) {
      WalPosition saved = saved();
      // tag::ask[]
      ChangedIds changed = store.changedAfter(saved, WAIT_MS);
      switch (changed.verdict()) {
        case EXACT, SUPERSET -> {
          changed.ids().forEach(this::copy);
          save(changed.completeThrough()); // ask after it next time
        }
        case NOT_READY -> out.println("your log was not given so far: ask again later");
        case FULL_REQUIRED -> out.println("copy everything: " + changed.holes());
      }
      // end::ask[]
    }
  }

  private void listen() throws IOException, InterruptedException {
    try (Tidemark store = Tidemark.at(directory.resolve("orders"), "orders").open()) {
      // tag::listen[]
      BlockEventListener cache =
          store.addListener("cache", event -> forget(event.blockId(), event.type()));
      store.continueFrom(5);
      store.onBlockUpdate(8, 5, nowNs());
      store.completeThrough(5);

      if (cache.awaitDelivered(store.flush(), WAIT_MS)) {
        out.println("the cache has seen it: failures=" + cache.statistics().failed());
      }
      // end::listen[]
    }
  }

  private void forget(long blockId, BlockEventType type) {
    out.println("forget " + blockId + ", because of " + type);
  }

  private void configure() throws IOException, InterruptedException {
    // tag::configure[]
    try (Tidemark store =
        Tidemark.at(directory.resolve("readings"), "readings")
            .durability(Durability.GROUP) // one force for all that came in 10 ms; the default
            .onDurable((position, through) -> release(through)) // so far your log may be recycled
            .ringCapacity(1 << 14) // events that may wait
            .waitLimitMs(50) // then an event becomes part of a gap; without: as long as it takes
            .memoryLimitMb(64)
            .callbackThreads(2)
            .open()) {
      store.continueFrom(1);
      store.onBlockUpdate(100, 1, nowNs());
      store.onFlushAll(1, nowNs()); // your engine wrote everything through offset 1 to its files
      store.completeThrough(1);
    } // applies and forces everything that was given
    // end::configure[]
    out.println("the log may be recycled through " + releasedThrough);
  }

  /** Reads where the last copy ended; offset 0 is nothing in this log. */
  private static WalPosition saved() {
    return new WalPosition(1, 0);
  }

  private void save(@Nullable WalPosition position) {
    out.println("copied through " + position);
  }

  private void mark() throws IOException {
    // tag::mark[]
    Path place = directory.resolve("files");
    try (BitmapEngine store = BitmapEngine.open(place, "files", TrackerOptions.defaults())) {
      store.continueFrom(1);
      store.markNew(7, 1, nowNs());
      store.markDirty(7, 2, nowNs());
      store.applyBatch( // one transaction: all or nothing, also after a crash
          new BlockBatch().markNew(8, 3, nowNs()).markDeleted(7, 4, nowNs()));
      store.completeThrough(4);
      store.force(); // all of it survives a power cut
    }
    // end::mark[]
  }

  private void page() throws IOException, InterruptedException {
    Path place = directory.resolve("files");
    try (BitmapEngine store = BitmapEngine.open(place, "files", TrackerOptions.defaults())) {
      ChangeRange range = ChangeRange.offsets(1, 4);
      // tag::page[]
      BlockPage page = store.changedIn(range, PAGE_BLOCKS, WAIT_MS);
      while (true) {
        for (BlockChange change : page.changes()) {
          out.println(change.blockId() + " " + change.kind() + " last at " + change.last());
        }
        PageCursor next = page.next();
        if (next == null) {
          break;
        }
        try {
          page = store.nextPage(next, PAGE_BLOCKS);
        } catch (MovedOnException e) {
          page = store.changedIn(range, PAGE_BLOCKS, WAIT_MS); // it was held for 60 s: begin again
        }
      }
      // end::page[]
    }
  }

  private void takeFromThreads() throws IOException, InterruptedException {
    Path place = directory.resolve("files");
    // tag::pipeline[]
    try (BitmapEngine store = BitmapEngine.open(place, "files", TrackerOptions.defaults());
        BlockEventCallbacks callbacks = BlockEventCallbacks.start(store);
        EventPipeline pipeline = EventPipeline.start(store, PipelineOptions.defaults())) {
      callbacks.add("log", event -> out.println("event: " + event.type()));
      BlockEventSink sink = pipeline.sink();
      sink.continueFrom(5);
      pipeline.onBlockUpdate(8, 5, nowNs());
      sink.completeThrough(5);
      callbacks.awaitDelivered(pipeline.flush(), WAIT_MS);
    }
    // end::pipeline[]
  }

  /** Lets the engine recycle its log. */
  private void release(@Nullable WalPosition through) {
    releasedThrough = through;
  }

  private void feedFromASource() throws IOException, InterruptedException {
    byte[] text = "first".getBytes(StandardCharsets.UTF_8);
    // tag::source[]
    try (EmbeddedEngine engine =
            EmbeddedEngine.open(directory.resolve("engine"), EmbeddedOptions.defaults());
        Tidemark store = Tidemark.at(directory.resolve("store"), engine.shard()).open()) {
      store.start(engine); // from the first change that the store does not have
      engine.create(1, text);
      engine.create(2, text);
      engine.flush();
      long base = engine.walOffset();
      engine.update(2, text);
      engine.delete(1);

      store.flush(); // what the engine has told so far
      ChangeRange range = ChangeRange.after(new WalPosition(1, base));
      BlockPage page = store.engine().changedIn(range, PAGE_BLOCKS, WAIT_MS);
      for (BlockChange change : page.changes()) {
        if (change.kind() == ChangeKind.DELETED) {
          out.println("delete " + change.blockId());
        } else {
          engine.read(change.blockId(), content -> write(change.blockId(), content));
        }
      }
    }
    // end::source[]
  }

  private void write(long blockId, ByteBuffer content) {
    out.println("write " + blockId + ": " + StandardCharsets.UTF_8.decode(content));
  }

  private void coordinate() throws IOException {
    byte[] text = "first".getBytes(StandardCharsets.UTF_8);
    byte[] other = "second".getBytes(StandardCharsets.UTF_8);
    // tag::coordinator[]
    Path root = directory.resolve("tracked");
    Archive archive = new Archive(FileStorageIO.INSTANCE, directory.resolve("archive"));
    try (EmbeddedEngine engine =
            EmbeddedEngine.open(directory.resolve("blocks"), EmbeddedOptions.defaults());
        BitmapEngine store = BitmapEngine.open(root, engine.shard(), TrackerOptions.defaults())) {
      EngineSink.start(engine, store); // a change is tracked before it can be read
      StorageEngine source = StorageEngine.of(engine);
      BackupCoordinator backups =
          BackupCoordinator.open(
              store,
              source,
              new ArchiveTool(archive, ArchiveOptions.defaults()),
              root,
              BackupOptions.defaults().withBatchSize(10_000));

      engine.create(1, text);
      engine.create(2, text);
      backups.run(BackupRequest.full("nightly"), progress -> {});
      engine.update(2, other);
      BackupResult taken =
          backups.run(
              BackupRequest.incremental("nightly"),
              progress -> out.println(progress.phase() + " " + progress.doneBlocks()));

      ArchivedRun run = archive.run(taken.run().runId());
      Path target = directory.resolve("restored");
      try (RestoreTarget made =
          new NewEngineTarget(FileStorageIO.INSTANCE, target, EmbeddedOptions.defaults())) {
        Restore.Content content = new Restore(archive, null).run(run, made, blocks -> {});
        out.println(
            "restored " + content.blocks() + " blocks of " + content.runs().size() + " runs");
      }
    }
    // end::coordinator[]
    usePlugins();
  }

  private void usePlugins() throws IOException {
    Path root = directory.resolve("tracked");
    try (EmbeddedEngine engine =
            EmbeddedEngine.open(directory.resolve("blocks"), EmbeddedOptions.defaults());
        BitmapEngine store = BitmapEngine.open(root, engine.shard(), TrackerOptions.defaults())) {
      EngineSink.start(engine, store);
      usePlugins(root, StorageEngine.of(engine), store);
    }
  }

  private void usePlugins(Path root, StorageEngine source, BitmapEngine store) throws IOException {
    // tag::plugin[]
    try (PluginRegistry plugins = PluginRegistry.open()) { // plugins.load(jar) loads another one
      BackupPlugin plugin = plugins.plugin(ArchivePluginProvider.NAME);
      Path kept = directory.resolve("kept");
      plugin.init(
          new PluginContext(Configuration.defaults(), "blocks", store, root, source, kept, null));
      plugin.start();
      plugin.backup(BackupRequest.full("weekly"), progress -> {});
      VerifyReport report = plugin.verify(null);
      out.println("verified " + report.runs().size() + " run, wrong: " + report.findings());
    }
    // end::plugin[]
  }

  private void backUp() throws IOException, InterruptedException {
    try (Tidemark store = Tidemark.at(directory.resolve("orders"), "orders").open()) {
      // tag::backup[]
      BackupRun run = store.prepareRun("nightly");
      ChangedIds changed = store.changedIds(run);
      if (run.isFirst() || changed.verdict() == Verdict.FULL_REQUIRED) {
        everyBlock().forEach(this::copy); // what the chain has to have is not known, or not all
        store.commitFullRun(run);
      } else {
        changed.ids().forEach(this::copy);
        store.commitRun(run); // only now does the next run begin behind this one
      }
      // end::backup[]
      give(store.engine(), 6);
    }
  }

  /** Gives one event; a full disk holds it up. */
  private static void give(BitmapEngine store, long walOffset) throws IOException {
    // tag::full[]
    try {
      store.onEvent(BlockEventType.UPDATE, 8, walOffset, nowNs());
      store.completeThrough(walOffset);
    } catch (StoreFullException e) {
      // Nothing was written: keep the event, and give it again when there is space.
    }
    // end::full[]
  }
}
