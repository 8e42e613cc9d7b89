package io.tidemark.benchmarks.soak;

import io.tidemark.benchmarks.Footprint;
import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockState;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.EngineStatistics;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a store under full load: producers, questions, a chain of backups, retention on small
 * limits.
 *
 * <p>Fails if an answer differs from what the workload says, if events and journal entries do not
 * add up, if a block's state is wrong at the end or after opening the store again, or if heap,
 * memory, file handles, mapped bytes or disk still grow after the first half.
 */
public final class Soak {
  private static final String SHARD = "soak";
  private static final long SEED = 11;
  private static final int LAST_QUESTIONS = 20;
  private static final long BACKUP_PAUSE_MS = 200;
  private static final long PAUSE_NS = 1_000_000;

  private final SoakOptions options;
  private final PrintStream out;
  private final Progress progress;
  private final CountDownLatch answered = new CountDownLatch(1);
  private final CountDownLatch ending = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<SampledStates> sampled = new ArrayList<>();
  private final GrowthCheck growth = new GrowthCheck();

  // Written by the thread that asks, read when it has ended.
  private long declarations;
  private long declaredThrough;

  private Soak(SoakOptions options, PrintStream out) {
    this.options = options;
    this.out = out;
    this.progress = new Progress(options.workload());
  }

  /** Runs a soak; ends with 1 if it failed. */
  public static void main(String[] args) throws IOException, InterruptedException {
    SoakOptions options;
    try {
      options = SoakOptions.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(SoakOptions.USAGE);
      System.exit(2);
      return;
    }
    try {
      run(options, System.out);
    } catch (SoakFailedException e) {
      System.err.println("soak failed: " + e.getMessage());
      System.exit(1);
    }
  }

  /**
   * Runs a soak.
   *
   * @throws SoakFailedException if something was wrong
   */
  static void run(SoakOptions options, PrintStream out) throws IOException, InterruptedException {
    Files.createDirectories(options.directory());
    Path store = Files.createTempDirectory(options.directory(), "soak");
    try {
      new Soak(options, out).run(store);
    } finally {
      Footprint.delete(store);
    }
  }

  private void run(Path store) throws IOException, InterruptedException {
    Map<Long, BlockState> states;
    try (BitmapEngine engine = BitmapEngine.open(store, SHARD, options.tracker())) {
      SoakQuestions questions = new SoakQuestions(engine, options.workload(), SEED);
      SoakBackups backups = new SoakBackups(engine, options.workload(), progress);
      for (int producer = 0; producer < options.workload().producers(); producer++) {
        produce(engine, producer);
      }
      start("questions", () -> askUntilTheEnd(engine, questions));
      start("backups", () -> backUpUntilTheEnd(backups));
      sampleUntilTheEnd(store);
      join();
      checkEntries(engine.statistics(), backups);
      states = expectedStates();
      checkStates(engine, states);
      out.printf(
          Locale.ROOT,
          "soak: events=%d declarations=%d exact=%d supersets=%d committed=%d runs=%d states=%d%n",
          progress.events(),
          declarations,
          questions.exact(),
          questions.supersets(),
          backups.committed(),
          backups.runs(),
          states.size());
    }
    try (BitmapEngine engine = BitmapEngine.open(store, SHARD, options.tracker())) {
      checkStates(engine, states);
      SoakQuestions questions = new SoakQuestions(engine, options.workload(), SEED + 1);
      for (int i = 0; i < LAST_QUESTIONS; i++) {
        questions.ask(declaredThrough);
      }
    }
    List<String> grown = growth.grown();
    if (!grown.isEmpty()) {
      throw new SoakFailedException(String.join("; ", grown));
    }
  }

  /** What a thread of a soak does. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void start(String name, Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Exception | Error e) {
                failure.compareAndSet(null, e);
                end();
              }
            },
            "soak-" + name);
    threads.add(thread);
    thread.start();
  }

  private void end() {
    progress.end();
    ending.countDown();
    answered.countDown();
  }

  private void produce(BitmapEngine engine, int producer) {
    SoakWorkload workload = options.workload();
    SampledStates states = new SampledStates();
    sampled.add(states);
    start(
        "producer-" + producer,
        () -> {
          for (long n = 0; progress.start(producer, n); n++) {
            long offset = workload.walOffset(producer, n);
            BlockEventType type = workload.type(offset);
            long blockId = workload.blockId(offset);
            engine.onEvent(type, blockId, offset, workload.timestampNs(offset));
            states.take(type, blockId, offset);
            progress.give(producer, n);
          }
        });
  }

  /** Declares what was given complete, and asks about it. */
  private void askUntilTheEnd(BitmapEngine engine, SoakQuestions questions)
      throws IOException, InterruptedException {
    do {
      long through = progress.completeThrough();
      if (through > declaredThrough) {
        engine.completeThrough(through);
        declaredThrough = through;
        declarations++;
      }
      if (declaredThrough > 0) {
        questions.ask(declaredThrough);
        answered.countDown();
      } else {
        LockSupport.parkNanos(PAUSE_NS);
      }
    } while (ending.getCount() > 0);
  }

  private void backUpUntilTheEnd(SoakBackups backups) throws IOException, InterruptedException {
    do {
      backups.run();
    } while (!ending.await(BACKUP_PAUSE_MS, TimeUnit.MILLISECONDS));
  }

  private void sampleUntilTheEnd(Path store) throws IOException, InterruptedException {
    // Time counts from the first answer: until then classes are loaded.
    answered.await();
    long startNs = System.nanoTime();
    StringBuilder csv = new StringBuilder(Resources.CSV_HEADER).append('\n');
    long samples = 0;
    long elapsedMs = 0;
    while (elapsedMs < options.durationMs()) {
      samples++;
      if (ending.await(samples * options.sampleMs() - elapsedMs, TimeUnit.MILLISECONDS)) {
        break;
      }
      Resources now = Resources.now(store);
      growth.add(now);
      elapsedMs = (System.nanoTime() - startNs) / 1_000_000;
      String line = now.csv(elapsedMs / 1e3, progress.events());
      out.println(line);
      csv.append(line).append('\n');
    }
    end();
    Path file = options.csv();
    if (file != null) {
      Files.writeString(
          file,
          csv,
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE);
    }
  }

  private void join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
    Throwable failed = failure.get();
    if (failed instanceof SoakFailedException found) {
      throw found;
    }
    if (failed != null) {
      throw new IllegalStateException("a thread of the soak failed", failed);
    }
  }

  /** Every event, every declaration, and two records of every backup are one entry each. */
  private void checkEntries(EngineStatistics statistics, SoakBackups backups) {
    long expected = progress.events() + declarations + 2 * backups.runs();
    if (statistics.journalPosition() != expected) {
      throw new SoakFailedException(
          "entries do not add up: events="
              + progress.events()
              + ", declarations="
              + declarations
              + ", runs="
              + backups.runs()
              + ", expected="
              + expected
              + ", journaled="
              + statistics.journalPosition());
    }
  }

  private Map<Long, BlockState> expectedStates() {
    SampledStates all = new SampledStates();
    sampled.forEach(all::takeAll);
    return all.states();
  }

  private static void checkStates(BitmapEngine engine, Map<Long, BlockState> expected)
      throws IOException {
    for (Map.Entry<Long, BlockState> block : expected.entrySet()) {
      BlockState actual = engine.state(block.getKey());
      if (actual != block.getValue()) {
        throw new SoakFailedException(
            "wrong state: blockId="
                + block.getKey()
                + ", expected="
                + block.getValue()
                + ", actual="
                + actual);
      }
    }
  }
}
