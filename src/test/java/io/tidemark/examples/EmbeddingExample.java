package io.tidemark.examples;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.MovedOnException;
import io.tidemark.errors.StoreFullException;
import io.tidemark.ingest.BlockEventSink;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.tracker.BackupRun;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.BlockBatch;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.BlockPage;
import io.tidemark.tracker.ChangeRange;
import io.tidemark.tracker.ChangedIds;
import io.tidemark.tracker.Durability;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.EventPipeline;
import io.tidemark.tracker.PageCursor;
import io.tidemark.tracker.PipelineOptions;
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
    example.mark();
    example.ask();
    example.page();
    example.takeFromThreads();
    example.feedFromASource();
    example.backUp();
  }

  private static long nowNs() {
    return TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
  }

  private void copy(long blockId) {
    out.println("copy " + Long.toUnsignedString(blockId));
  }

  private void mark() throws IOException {
    // tag::mark[]
    Path place = directory.resolve("orders");
    try (BitmapEngine store = BitmapEngine.open(place, "orders", TrackerOptions.defaults())) {
      store.continueFrom(1); // where your log begins; 0 if offset 0 may be a change
      store.markNew(7, 1, nowNs()); // block 7 was created at offset 1 of your log
      store.markDirty(7, 2, nowNs());
      store.applyBatch( // one transaction: all or nothing, also after a crash
          new BlockBatch().markNew(8, 3, nowNs()).markDeleted(7, 4, nowNs()));
      store.completeThrough(4); // a promise: every change through offset 4 was given
      store.force(); // and all of it survives a power cut
    }
    // end::mark[]
  }

  private void ask() throws IOException, InterruptedException {
    Path place = directory.resolve("orders");
    try (BitmapEngine store = BitmapEngine.open(place, "orders", TrackerOptions.defaults())) {
      WalPosition saved = saved();
      // tag::ask[]
      ChangedIds changed = store.changedIdsIn(ChangeRange.after(saved), WAIT_MS);
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

  /** Reads where the last copy ended; offset 0 is nothing in this log. */
  private static WalPosition saved() {
    return new WalPosition(1, 0);
  }

  private void save(@Nullable WalPosition position) {
    out.println("copied through " + position);
  }

  private void page() throws IOException, InterruptedException {
    Path place = directory.resolve("orders");
    try (BitmapEngine store = BitmapEngine.open(place, "orders", TrackerOptions.defaults())) {
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
    Path place = directory.resolve("readings");
    // tag::pipeline[]
    PipelineOptions options = PipelineOptions.defaults().withDurability(Durability.GROUP);
    try (BitmapEngine store = BitmapEngine.open(place, "readings", TrackerOptions.defaults());
        EventPipeline pipeline =
            EventPipeline.start(store, options, List.of((position, through) -> release(through)))) {
      BlockEventSink sink = pipeline.sink();
      sink.continueFrom(1);
      pipeline.onBlockCreate(100, 1, nowNs()); // from any number of threads
      pipeline.onBlockUpdate(100, 2, nowNs());
      sink.onFlushAll(2, nowNs()); // your engine wrote everything through offset 2 to its files
      sink.completeThrough(2);

      long position = pipeline.flush(); // what this thread gave can be asked for now
      if (!pipeline.awaitDurable(position, WAIT_MS)) {
        out.println("the disk is slow: " + pipeline.statistics());
      }
    }
    // end::pipeline[]
    out.println("the log may be recycled through " + releasedThrough);
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
        BitmapEngine store =
            BitmapEngine.open(
                directory.resolve("store"), engine.shard(), TrackerOptions.defaults())) {
      EngineSink.start(engine, store); // from the first change that the store does not have
      engine.create(1, text);
      engine.create(2, text);
      engine.flush();
      long base = engine.walOffset();
      engine.update(2, text);
      engine.delete(1);

      ChangeRange range = ChangeRange.after(new WalPosition(1, base));
      for (BlockChange change : store.changedIn(range, PAGE_BLOCKS, WAIT_MS).changes()) {
        if (change.kind() == ChangeKind.DELETED) {
          out.println("forget " + change.blockId());
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

  private void backUp() throws IOException {
    Path place = directory.resolve("orders");
    try (BitmapEngine store = BitmapEngine.open(place, "orders", TrackerOptions.defaults())) {
      // tag::backup[]
      BackupRun run = store.call(tracker -> tracker.backups().prepare("nightly"));
      ChangedIds owed = store.call(tracker -> tracker.backups().changedIds(run));
      owed.ids().forEach(this::copy);
      store.call( // only now does the next run begin behind this one
          tracker -> {
            tracker.backups().commit(run);
            return run;
          });
      // end::backup[]
      give(store, 5);
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
