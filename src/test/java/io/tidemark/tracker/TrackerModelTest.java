package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockMetadata;
import io.tidemark.block.BlockState;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.RunConflictException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.OpenSnapshot;
import io.tidemark.segment.SegmentIndex;
import io.tidemark.state.BlockSets;
import io.tidemark.state.BlockStates;
import io.tidemark.state.Catalog;
import io.tidemark.state.MetadataRow;
import io.tidemark.state.StateCounts;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.StorageIO;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random operations on a store; after each of them every answer is that of the list of accepted
 * entries.
 *
 * <p>In memory it runs seeds 1, 2, … of 60 steps for 180 seconds, or {@code
 * -Dtidemark.model.seconds=S}; {@code -Dtidemark.model.seeds=N} runs N of them however long it
 * takes. On real files it runs {@code -Dtidemark.model.fileSeeds=N}, or 500, of 20 steps. {@code
 * -Dtidemark.model.steps=S} makes each seed S steps long, {@code -Dtidemark.model.first=S} begins
 * with another seed than 1, {@code -Dtidemark.model.threads=N} runs N at a time, {@code
 * -Dtidemark.model.askedIn=N} asks everything after each Nth step only, about, {@code
 * -Dtidemark.model.openedIn=N} takes one of N steps that would open the store again or read it from
 * outside, about, and {@code -Dtidemark.model.seed=S} runs that seed alone.
 */
class TrackerModelTest {
  private static final int MEMORY_STEPS = 60;
  private static final int SECONDS = Rounds.of("tidemark.model.seconds", 180, 6);
  private static final int FILE_SEEDS = Rounds.of("tidemark.model.fileSeeds", 500, 25);
  private static final int FILE_STEPS = 20;
  private static final long FIRST = Long.getLong("tidemark.model.first", 1);
  private static final int THREADS = Integer.getInteger("tidemark.model.threads", 1);
  private static final int ASKED_IN = Integer.getInteger("tidemark.model.askedIn", 1);
  private static final int OPENED_IN = Integer.getInteger("tidemark.model.openedIn", 1);
  private static final int MORE_EVENTS = 20;
  private static final int TOLD_EACH = 100;
  private static final int WINDOW = 24;
  private static final String SHARD = "model";
  private static final byte[] NO_MARK = {};
  private static final long[] WINDOWS = {
    1, 1000, (1L << 31) - 12, (1L << 32) - 12, Long.MAX_VALUE - 12, -WINDOW
  };
  private static final long[] BLOCKS = {
    0, 1, 2, 3, 63, 64, 65, 70_000, (1L << 32) - 1, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE, -1
  };
  private static final List<String> CHAINS = List.of(Chains.DEFAULT, "weekly");
  private static final int[] FAN_INS = {0, 2, 3, 8};
  private static final String COMMITTED_AT_ONCE = "detect";

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  @Test
  void shouldAnswerAsTheListOfAcceptedEntriesInMemory() {
    long limitNs = TimeUnit.SECONDS.toNanos(SECONDS);
    long started = System.nanoTime();
    Long seeds = Long.getLong("tidemark.model.seeds");
    eachSeed(
        "InMemory",
        Integer.getInteger("tidemark.model.steps", MEMORY_STEPS),
        seed -> seeds != null ? seed < FIRST + seeds : System.nanoTime() - started < limitNs,
        seed -> {
          SeededMaintenance maintenance = new SeededMaintenance(seed);
          StoreEnvironment memory =
              Environments.memory(new MemoryStorageIO(), store -> maintenance.begin());
          return new Subject(memory, maintenance::doSome);
        });
  }

  @Test
  void shouldAnswerAsTheListOfAcceptedEntriesOnFiles() {
    eachSeed(
        "OnFiles",
        Integer.getInteger("tidemark.model.steps", FILE_STEPS),
        seed -> seed < FIRST + FILE_SEEDS,
        seed -> new Subject(Environments.real(), () -> {}));
  }

  private void eachSeed(
      String method, int steps, LongPredicate isWanted, LongFunction<Subject> subjects) {
    Long only = Long.getLong("tidemark.model.seed");
    AtomicLong next = new AtomicLong(only == null ? FIRST : only);
    AtomicLong lived = new AtomicLong();
    AtomicReference<AssertionError> failure = new AtomicReference<>();
    long started = System.nanoTime();
    Runnable lives =
        () -> {
          long seed = next.getAndIncrement();
          while (failure.get() == null && (only != null ? seed == only : isWanted.test(seed))) {
            try {
              live(seed, steps, subjects.apply(seed));
            } catch (Exception | AssertionError e) {
              failure.compareAndSet(null, failed(method, steps, seed, e));
            }
            if (lived.incrementAndGet() % TOLD_EACH == 0) {
              tell(method, lived.get(), steps, started);
            }
            seed = next.getAndIncrement();
          }
        };
    CompletableFuture.allOf(
            Stream.generate(
                    () -> CompletableFuture.runAsync(lives, task -> new Thread(task).start()))
                .limit(THREADS)
                .toArray(CompletableFuture[]::new))
        .join();
    tell(method, lived.get(), steps, started);
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  private void live(long seed, int steps, Subject subject) throws IOException {
    Path root = directory.resolve("seed" + seed);
    try (Run run = new Run(subject, root, seed, steps)) {
      run.run();
    }
    subject.store.io().deleteTree(root);
  }

  private static AssertionError failed(String method, int steps, long seed, Throwable why) {
    return new AssertionError(
        "seed="
            + seed
            + ", replay with mvn -pl src -am test"
            + " -Dtest=TrackerModelTest#shouldAnswerAsTheListOfAcceptedEntries"
            + method
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dtidemark.model.askedIn="
            + ASKED_IN
            + " -Dtidemark.model.openedIn="
            + OPENED_IN
            + " -Dtidemark.model.steps="
            + steps
            + " -Dtidemark.model.seed="
            + seed
            + ": "
            + why,
        why);
  }

  private static void tell(String method, long seeds, int steps, long startedNs) {
    System.out.println(
        "TrackerModelTest "
            + method
            + ": seeds="
            + seeds
            + ", steps="
            + seeds * steps
            + ", seconds="
            + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNs));
  }

  /**
   * What a run tests.
   *
   * @param store what the store stands on
   * @param maintenance does a part of what the store left to other threads
   */
  private record Subject(StoreEnvironment store, Runnable maintenance) {}

  /** One store and its oracle. */
  private static final class Run implements AutoCloseable {
    private final StoreEnvironment store;
    private final Runnable maintenance;
    private final StorageIO io;
    private final Path root;
    private final int steps;
    private final Random random;
    private final Random asked;
    private final TrackerOptions options;
    private final long windowFirst;
    private final TrackerModel model;
    private final RecordBuffer record = new RecordBuffer();
    private final List<String> done = new ArrayList<>();
    private ChangeTracker tracker;

    Run(Subject subject, Path root, long seed, int steps) throws IOException {
      this.store = subject.store;
      this.maintenance = subject.maintenance;
      this.io = store.io();
      this.root = root;
      this.steps = steps;
      random = new Random(seed);
      asked = new Random(seed);
      windowFirst = WINDOWS[random.nextInt(WINDOWS.length)];
      model = new TrackerModel(windowFirst, WINDOW);
      options =
          TrackerOptions.builder()
              .unlimited()
              .maxOpenEvents(1 + random.nextInt(60))
              .segmentsPerCheckpoint(1 + random.nextInt(3))
              .journalRollBytes(1 + random.nextInt(1 << 13))
              .journalKeepBytes(random.nextInt(4) == 0 ? 0 : 1L << 40)
              .mergeFanIn(FAN_INS[random.nextInt(FAN_INS.length)])
              .history(
                  random.nextInt(3) == 0
                      ? HistoryLimits.NONE
                      : new HistoryLimits(random.nextInt(100), 1L << random.nextInt(16)))
              .index(random.nextBoolean() ? SegmentIndex.Kind.LINEAR : SegmentIndex.Kind.SKIP_LISTS)
              .blockSets(random.nextBoolean() ? BlockSets.ROARING : BlockSets.REFERENCE)
              .build();
      tracker = open();
    }

    private ChangeTracker open() throws IOException {
      return ChangeTracker.open(store, root, SHARD, options);
    }

    void run() throws IOException {
      cover(1, 0, windowFirst - 1);
      append();
      for (int step = 0; step < steps; step++) {
        try {
          step();
          maintenance.run();
          if (asked.nextInt(ASKED_IN) == 0) {
            verify(tracker.view());
          }
          assertEquals(model.position(), tracker.position());
          assertEquals(model.nextBlockId(), tracker.nextBlockId());
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError("step=" + step + ", done=" + done + ": " + e, e);
        }
      }
      if (random.nextInt(isMetadataInMemory() ? 2 : 8) == 0) {
        verifyMetadata();
        reopen(false);
        verifyMetadata();
      }
      tracker.close();
      assertEquals(List.of(), StoreCheck.run(store, root).findings());
      tracker = open();
      verify(tracker.view());
      verifyStates();
    }

    private boolean isMetadataInMemory() {
      return !(io instanceof FileStorageIO);
    }

    private void step() throws IOException {
      int what = random.nextInt(20);
      boolean isOpened = what >= 3 && what <= 7;
      switch (isOpened && asked.nextInt(OPENED_IN) > 0 ? MORE_EVENTS : what) {
        case 0 -> beginGeneration();
        case 1 -> {
          done.add("seal");
          tracker.seal();
          verifyStates();
        }
        case 2 -> {
          done.add("checkpoint");
          tracker.checkpoint();
        }
        case 3 -> reopen(true);
        case 4 -> reopen(false);
        case 5 -> reopenWithoutViews();
        case 6 -> reopenWithoutASegment();
        case 7 -> verifyReader();
        case 8 -> {
          if (isMetadataInMemory()) {
            verifyMetadata();
          }
        }
        case 9 -> commit();
        case 10, 11 -> runOfAChain();
        default -> appendEvents();
      }
    }

    private long offset() {
      return windowFirst + random.nextInt(WINDOW);
    }

    private int anyGeneration() {
      int newest = model.generation();
      return random.nextInt(4) == 0 ? 1 + random.nextInt(newest) : newest;
    }

    private void append() throws IOException {
      if (record.count() > 0) {
        assertEquals(model.position(), tracker.append(record));
      }
    }

    private void appendEvents() throws IOException {
      done.add("append");
      int generation = anyGeneration();
      record.generation(generation);
      for (int entries = 1 + random.nextInt(12); entries > 0; entries--) {
        switch (random.nextInt(12)) {
          case 0, 1 -> {
            long first = offset();
            long last = first + random.nextInt((int) (windowFirst + WINDOW - first));
            cover(generation, first, last);
          }
          case 2 -> {
            if (random.nextInt(3) == 0) {
              long first = offset();
              record.gap(first, first, "made up");
              model.onGap(0, generation, first, first, "made up");
            }
          }
          case 3 -> flushAll(generation);
          case 4 -> {
            byte[] name = new byte[random.nextInt(20)];
            random.nextBytes(name);
            long id = model.nextBlockId() + random.nextInt(2);
            record.assign(id, name);
            model.onAssign(0, generation, id, name);
          }
          case 5 -> {
            record.tombstone(offset(), new byte[24]);
            model.onTombstone(0, generation, 0, NO_MARK);
          }
          default -> event(generation);
        }
      }
      append();
    }

    private void event(int generation) {
      BlockEventType type = BlockEventType.ofCode(random.nextInt(5));
      long block = BLOCKS[random.nextInt(BLOCKS.length)];
      long offset = offset();
      long timestampNs = random.nextInt(20) == 0 ? random.nextLong() : random.nextInt(100);
      for (int times = random.nextInt(10) == 0 ? 2 : 1; times > 0; times--) {
        record.event(type, block, offset, timestampNs);
        model.onEvent(0, generation, type, block, offset, timestampNs);
      }
    }

    private void flushAll(int generation) {
      long offset = offset();
      record.flushAll(offset, 0);
      model.onFlushAll(0, generation, offset, 0);
    }

    private void cover(int generation, long first, long last) {
      byte[] mark = new byte[random.nextInt(3)];
      record.cover(first, last, mark);
      model.onCover(0, generation, first, last, mark);
    }

    private void beginGeneration() throws IOException {
      if (model.generation() == 4) {
        return;
      }
      int generation = model.generation() + 1;
      long own = offset();
      WalPosition through = model.completeThrough();
      if (random.nextInt(4) > 0
          && through != null
          && Long.compareUnsigned(own, through.walOffset()) > 0) {
        // A log is rolled back to where it was; what lies between was never seen otherwise.
        own = through.walOffset();
      }
      done.add("generation " + generation);
      record.generation(generation);
      record.beginGeneration(own);
      model.onGeneration(0, generation, own);
      event(generation);
      append();
    }

    private void commit() throws IOException {
      done.add("commit");
      if (random.nextBoolean()) {
        tracker.seal();
      }
      String chain = COMMITTED_AT_ONCE;
      long cursor = model.position();
      record.generation(model.generation());
      record.commit(chain, cursor);
      model.onCommit(0, model.generation(), chain, cursor);
      append();
    }

    /** Prepares a run; or looks at the one that is prepared and commits, aborts or leaves it. */
    private void runOfAChain() throws IOException {
      String chain = CHAINS.get(random.nextInt(CHAINS.size()));
      BackupChains backups = tracker.backups();
      BackupRun run = backups.prepared(chain);
      if (run == null) {
        done.add("prepare " + chain);
        long base = model.chain(chain).cursor();
        long end = model.position();
        BackupRun begun = backups.prepare(chain);
        model.onPrepare(0, model.generation(), chain, end);
        assertEquals(new BackupRun(chain, base, end, tracker.epoch()), begun);
        assertThrows(RunConflictException.class, () -> backups.prepare(chain));
        return;
      }
      ChangeSet set = backups.changes(run);
      assertEquals(model.changedWithin(run.base(), run.end()), set.changes(), chain);
      IdAnswers.assertSame(set, backups.changedIds(run), chain);
      assertEquals(set.changes(), IdAnswers.list(backups.stream(run)), chain);
      assertEquals(0, set.surplus(), chain);
      Verdict verdict =
          model.hasGapWithin(run.base(), run.end()) ? Verdict.FULL_REQUIRED : Verdict.EXACT;
      assertEquals(verdict, set.verdict(), chain);
      BackupRun stale = new BackupRun(chain, run.base(), run.end(), run.epoch() - 1);
      assertThrows(RunConflictException.class, () -> backups.commit(stale));
      switch (random.nextInt(4)) {
        case 0 -> {
          done.add("abort " + chain);
          backups.abort(run);
          model.onAbort(0, model.generation(), chain, run.end());
        }
        case 1 -> {
          if (random.nextInt(4) == 0) {
            done.add("drop " + chain);
            backups.drop(chain);
            model.onDrop(0, model.generation(), chain);
          }
        }
        default -> {
          done.add("commit " + chain);
          backups.commit(run);
          model.onCommit(0, model.generation(), chain, run.end());
          assertThrows(RunConflictException.class, () -> backups.commit(run));
          verifyStates();
        }
      }
    }

    private void reopen(boolean isClean) throws IOException {
      done.add(isClean ? "close" : "abandon");
      if (isClean) {
        tracker.close();
      } else {
        tracker.abandon();
      }
      reopenClosed();
    }

    private void reopenClosed() throws IOException {
      tracker = open();
      assertEquals(List.of(), tracker.recovery().lost());
      assertEquals(List.of(), tracker.recovery().dropped());
      verifyStates();
      assertEquals(model.chains(), tracker.chains().all());
      verifyNames(tracker.catalog());
    }

    private void reopenWithoutViews() throws IOException {
      stop();
      StoreLayout layout = new StoreLayout(root);
      int which = 1 + random.nextInt(15);
      done.add("views " + which);
      if ((which & 1) != 0) {
        deleteAll(layout.snapshots());
      }
      if ((which & 2) != 0) {
        deleteAll(layout.catalogs());
      }
      if ((which & 4) != 0) {
        for (Path file : StoreImage.checkpointFiles(io, layout)) {
          io.delete(file);
        }
      }
      if ((which & 8) != 0) {
        io.deleteTree(layout.metadata());
      }
      reopenClosed();
    }

    private void stop() throws IOException {
      if (random.nextBoolean()) {
        tracker.close();
      } else {
        tracker.abandon();
      }
    }

    private void deleteAll(Path files) throws IOException {
      for (Path file : io.list(files)) {
        io.delete(file);
      }
    }

    private void reopenWithoutASegment() throws IOException {
      stop();
      List<Path> files = io.list(new StoreLayout(root).segments());
      if (options.journalKeepBytes() > 0 && !files.isEmpty()) {
        Path file = files.get(random.nextInt(files.size()));
        done.add("without " + file.getFileName());
        io.delete(file);
      }
      reopenClosed();
      assertEquals(List.of(), Rebuild.fromJournal(store, root).differences());
    }

    private void verifyReader() throws IOException {
      done.add("read");
      StoreReader reader = StoreReader.open(store, root);
      assertEquals(model.position(), reader.lastPosition());
      verify(reader.view());
      verifyStates(reader.states());
      verifyNames(reader.catalog());
      assertEquals(model.chains(), reader.chains());
      assertEquals(List.of(), Rebuild.fromJournal(store, root).differences());
      StoreCheck.Report report = StoreCheck.run(store, root);
      assertTrue(report.isClean(), () -> report.findings().toString());
    }

    private void verifyNames(Catalog catalog) {
      Map<Long, String> names = new TreeMap<>(Long::compareUnsigned);
      for (long id : catalog.ids()) {
        names.put(id, HexFormat.of().formatHex(Objects.requireNonNull(catalog.name(id))));
      }
      assertEquals(model.names(), names);
    }

    private void verifyStates() throws IOException {
      Map<Long, BlockState> expected = model.states();
      for (long block : BLOCKS) {
        BlockState state = expected.getOrDefault(block, BlockState.CLEAN);
        assertEquals(state, tracker.state(block), "block " + Long.toUnsignedString(block));
      }
      assertEquals(
          new StateCounts(
              expected.size(),
              count(expected, BlockState.DIRTY),
              count(expected, BlockState.NEW),
              count(expected, BlockState.DELETED)),
          tracker.counts());
    }

    private static long count(Map<Long, BlockState> states, BlockState wanted) {
      return states.values().stream().filter(state -> state == wanted).count();
    }

    private void verifyStates(BlockStates states) {
      Map<Long, BlockState> expected = model.states();
      for (long block : BLOCKS) {
        assertEquals(expected.getOrDefault(block, BlockState.CLEAN), states.state(block));
        assertEquals(expected.containsKey(block), states.isKnown(block));
      }
    }

    private void verifyMetadata() throws IOException {
      done.add("metadata");
      Map<Long, BlockMaxima> histories = model.histories();
      Map<Long, BlockState> states = model.states();
      for (long block : BLOCKS) {
        BlockMaxima history = histories.get(block);
        BlockMetadata metadata = tracker.metadata(block);
        if (history == null) {
          assertEquals(null, metadata);
          continue;
        }
        long timestampNs = model.lastTimestampNs(block, MetadataRow.NEVER_CHANGED);
        BlockState state = Objects.requireNonNull(states.get(block));
        assertEquals(new BlockMetadata(block, history.lastChange(), timestampNs, state), metadata);
      }
    }

    // Questions.

    private void verify(StoreView view) {
      assertEquals(model.completeThrough(), view.completeThrough());
      boolean isExact = view.base() == null;
      verify(model.changedEver(), view.changedEver(), "ever");
      WalPosition base = position();
      verifyOneSided(model.changedAfter(base), view.changedAfter(base), isExact, "after " + base);
      long offset = offset();
      String bare = "after " + Long.toUnsignedString(offset);
      verifyOneSided(model.changedAfter(offset), view.changedAfter(offset), isExact, bare);
      WalPosition one = position();
      WalPosition other = position();
      WalPosition first = one.compareTo(other) < 0 ? one : other;
      WalPosition last = one.compareTo(other) < 0 ? other : one;
      String range = first + " to " + last;
      verifyRange(model.changedIn(first, last), view.changedIn(first, last), isExact, range);
      long firstNs = random.nextLong(-5, 105);
      long lastNs = random.nextBoolean() ? Long.MAX_VALUE : firstNs + random.nextLong(50);
      verifyRange(
          model.changedBetween(firstNs, lastNs),
          view.changedBetween(firstNs, lastNs),
          isExact,
          "between " + firstNs + " and " + lastNs);
      verifySince(view, random.nextLong(model.position() + 2));
      verifyIds(view, view.after(base), "after " + base);
      verifyIds(view, view.after(offset), bare);
      verifyIds(view, view.in(first, last), range);
      long lastOffset = offset + random.nextLong(windowFirst + WINDOW - offset);
      verifyIds(view, view.inOffsets(offset, lastOffset), bare + " to " + lastOffset);
      verifyIds(view, view.between(firstNs, lastNs), "between " + firstNs + " and " + lastNs);
      verifyWithin(view);
      verifyIds(view, view.ever(), "ever");
    }

    /** By ids alone, every answer says the same. */
    private static void verifyIds(StoreView view, RangeQuestion question, String what) {
      IdAnswers.assertSame(view.changes(question), view.ids(question), what);
    }

    private void verifyWithin(StoreView view) {
      long base = random.nextLong(model.position() + 1);
      long end = random.nextInt(3) == 0 ? model.position() : base + random.nextLong(100);
      String what = "journaled in (" + base + ", " + end + "]";
      ChangeSet expected = view.changedWithin(base, end);
      IdAnswers.assertSame(expected, view.changedIdsWithin(base, end), what);
      assertEquals(expected.changes(), IdAnswers.list(view.streamWithin(base, end)), what);
    }

    private WalPosition position() {
      int generation = random.nextInt(20) == 0 ? model.generation() + 1 : anyGeneration();
      long offset = random.nextInt(20) == 0 ? -1L : offset() - random.nextInt(2);
      return new WalPosition(generation, offset);
    }

    private void verify(TrackerModel.Expected expected, ChangeSet actual, String what) {
      assertEquals(expected.verdict(), actual.verdict(), what);
      assertEquals(expected.holes(), model.offsets(actual.holes()), what);
      assertEquals(expected.changes(), actual.changes(), what);
      assertEquals(expected.surplus(), actual.surplus(), what);
      assertEquals(model.position(), actual.journalPosition(), what);
    }

    /** Where the base is cut, bounds stand for positions; blocks and kinds are exact. */
    private void verifyOneSided(
        TrackerModel.Expected expected, ChangeSet actual, boolean isExact, String what) {
      if (isExact) {
        verify(expected, actual, what);
        return;
      }
      assertEquals(expected.verdict(), actual.verdict(), what);
      assertEquals(expected.holes(), model.offsets(actual.holes()), what);
      assertEquals(kinds(expected.changes()), kinds(actual.changes()), what);
      assertEquals(expected.surplus(), actual.surplus(), what);
    }

    /** Below the base's end a range may be answered with a counted surplus, and never with less. */
    private void verifyRange(
        TrackerModel.Expected expected, ChangeSet actual, boolean isExact, String what) {
      if (isExact) {
        verify(expected, actual, what);
        return;
      }
      assertEquals(expected.holes(), model.offsets(actual.holes()), what);
      Map<Long, ChangeKind> wanted = kinds(expected.changes());
      Map<Long, ChangeKind> got = kinds(actual.changes());
      assertTrue(got.keySet().containsAll(wanted.keySet()), what);
      assertTrue(got.size() - wanted.size() <= actual.surplus(), what);
      wanted.forEach(
          (block, kind) -> {
            ChangeKind other = got.get(block);
            assertTrue(other == kind || other == ChangeKind.REPLACED, what + ", block " + block);
          });
      boolean isAsGood = actual.surplus() == 0 || expected.verdict() != Verdict.EXACT;
      assertEquals(isAsGood ? expected.verdict() : Verdict.SUPERSET, actual.verdict(), what);
    }

    private static Map<Long, ChangeKind> kinds(List<BlockChange> changes) {
      Map<Long, ChangeKind> kinds = new TreeMap<>(Long::compareUnsigned);
      changes.forEach(change -> kinds.put(change.blockId(), change.kind()));
      return kinds;
    }

    private void verifySince(StoreView view, long cursor) {
      String what = "since " + cursor;
      ChangeSet actual = view.changedSince(cursor);
      Set<Long> expected = model.changedSince(cursor);
      Set<Long> surplus = new TreeSet<>(Long::compareUnsigned);
      actual.changes().forEach(change -> surplus.add(change.blockId()));
      assertTrue(surplus.containsAll(expected), what);
      surplus.removeAll(expected);
      boolean isCut = false;
      for (ChangeSegment segment : view.segments()) {
        isCut |= segment.firstPosition() <= cursor && segment.lastPosition() > cursor;
      }
      for (OpenSnapshot open : view.unsealed()) {
        isCut |= open.firstPosition() <= cursor && open.lastPosition() > cursor;
      }
      isCut |= view.base() != null && cursor > 0 && cursor < view.base().lastPosition();
      assertTrue(surplus.size() <= actual.surplus(), what);
      assertTrue(isCut || actual.surplus() == 0, what);
      Verdict verdict = actual.surplus() > 0 ? Verdict.SUPERSET : Verdict.EXACT;
      if (cursor > model.position()) {
        verdict = Verdict.NOT_READY;
      }
      if (model.hasGapSince(cursor)) {
        verdict = Verdict.FULL_REQUIRED;
      }
      assertEquals(verdict, actual.verdict(), what);
    }

    @Override
    public void close() throws IOException {
      tracker.abandon();
    }
  }
}
