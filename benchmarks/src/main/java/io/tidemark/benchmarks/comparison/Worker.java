package io.tidemark.benchmarks.comparison;

import io.tidemark.benchmarks.Footprint;
import io.tidemark.benchmarks.Meter;
import io.tidemark.block.BlockState;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The process that runs one engine: nothing else is in its memory.
 *
 * <p>Says what it measured as lines on stdout: {@code figure NAME VALUE}, {@code answer …}, and
 * {@code waiting} when it wants to be killed.
 */
final class Worker {
  private static final long MAX_EXTRA_EVENTS = 32_768;
  private static final int SHORT_ROUNDS = 6;
  private static final int LONG_ROUNDS = 3;
  private static final int OPENINGS = 3;

  /** For how long each question and lookup is asked before it is measured: until it is compiled. */
  private static final long WARM_UP_NS_MAX = TimeUnit.SECONDS.toNanos(1);

  private static final long WARM_UP_NS_PER_EVENT = 10_000;

  private final PrintStream out;
  private final Engine engine;
  private final Path directory;
  private final Path workload;
  private final long events;
  private final long warmUpNs;

  private Worker(PrintStream out, Engine engine, Path directory, Path workload, long events) {
    this.out = out;
    this.engine = engine;
    this.directory = directory;
    this.workload = workload;
    this.events = events;
    this.warmUpNs = Math.min(WARM_UP_NS_MAX, WARM_UP_NS_PER_EVENT * events);
  }

  /** Returns how many events follow those that are measured, before the process is killed. */
  static long extraEvents(long events) {
    return Math.min(events, MAX_EXTRA_EVENTS);
  }

  /** What a process does, one after another. */
  enum Phase {
    LOAD,
    REOPEN,
    RECOVER
  }

  /** Arguments: phase, engine, its directory, the workload, how many events of it. */
  public static void main(String[] args) throws IOException {
    Worker worker =
        new Worker(
            new PrintStream(System.out, true, StandardCharsets.UTF_8),
            Engine.valueOf(args[1]),
            Path.of(args[2]),
            Path.of(args[3]),
            Long.parseLong(args[4]));
    switch (Phase.valueOf(args[0])) {
      case LOAD -> worker.load();
      case REOPEN -> worker.reopen();
      case RECOVER -> worker.recover();
    }
  }

  private void load() throws IOException {
    Meter close = new Meter();
    try (TrackedStore store = engine.open(directory)) {
      append(store);
      report(Figure.HEAP, mebi(Footprint.liveHeap()));
      report(Figure.RESIDENT, mebi(Footprint.resident()));
      report(Figure.RESIDENT_ANONYMOUS, mebi(Footprint.residentWithoutFiles()));
      for (Question.Kind kind : Question.Kind.values()) {
        ask(store, kind);
      }
      lookUp(store);
      answer(store, events);
      close.start();
    }
    close.stop();
    report(Figure.CLOSE, close.wallNs() / 1e6);
  }

  private void append(TrackedStore store) throws IOException {
    Meter reading = new Meter();
    reading.start();
    appendEvents(batch -> {}, 0, events);
    reading.stop();
    Meter append = new Meter();
    append.start();
    appendEvents(store::append, 0, events);
    append.stop();
    Meter idle = new Meter();
    idle.start();
    Meter.awaitIdle();
    idle.stop();
    double count = events;
    report(Figure.APPEND_CPU, (append.cpuNs() - reading.cpuNs()) / count);
    report(Figure.PROCESS_CPU, (append.processNs() - reading.cpuNs() + idle.processNs()) / count);
    report(Figure.APPEND_RATE, count * 1e3 / (append.wallNs() - reading.wallNs()));
    report(Figure.SETTLE_WALL, idle.wallNs() / 1e9);
  }

  private void appendEvents(BatchLog.Sink sink, long first, long count) throws IOException {
    try (EventFile file = EventFile.read(workload)) {
      file.seek(first);
      for (long appended = 0; appended < count; ) {
        EventBatch batch = file.next(count - appended);
        sink.apply(batch);
        appended += batch.size();
      }
    }
  }

  private void ask(TrackedStore store, Question.Kind kind) throws IOException {
    List<Question> questions = Question.of(kind, events);
    int next = 0;
    for (long begin = System.nanoTime(); System.nanoTime() - begin < warmUpNs; next++) {
      questions.get(next % questions.size()).ask(store);
    }
    Meter meter = new Meter();
    int rounds = kind.isShort() ? SHORT_ROUNDS : LONG_ROUNDS;
    for (int round = 0; round < rounds; round++) {
      for (Question question : questions) {
        meter.start();
        long[] ids = question.ask(store);
        meter.stop();
        if (ids.length == 0) {
          throw new IllegalStateException("nothing changed: question=" + question);
        }
      }
    }
    report(kind.cpu(), meter.cpuNs() / 1e6);
    report(kind.wall(), meter.wallNs() / 1e6);
  }

  private void lookUp(TrackedStore store) throws IOException {
    long[] ids = Lookups.ids(workload, events);
    long clean = 0;
    for (long begin = System.nanoTime(); System.nanoTime() - begin < warmUpNs; ) {
      for (long id : ids) {
        clean += store.state(id) == BlockState.CLEAN ? 1 : 0;
      }
    }
    Meter states = new Meter();
    for (int round = 0; round < LONG_ROUNDS; round++) {
      states.start();
      for (long id : ids) {
        clean += store.state(id) == BlockState.CLEAN ? 1 : 0;
      }
      states.stop();
    }
    long[] fewer = Lookups.forLastChanges(ids);
    Meter first = new Meter();
    first.start();
    long lowest = store.lastOffset(fewer[0]);
    first.stop();
    for (long begin = System.nanoTime(); System.nanoTime() - begin < warmUpNs; ) {
      for (long id : fewer) {
        lowest = Math.min(lowest, store.lastOffset(id));
      }
    }
    Meter lastChanges = new Meter();
    for (int round = 0; round < LONG_ROUNDS; round++) {
      lastChanges.start();
      for (long id : fewer) {
        lowest = Math.min(lowest, store.lastOffset(id));
      }
      lastChanges.stop();
    }
    if (clean > 0 || lowest < EventFile.walOffset(0)) {
      throw new IllegalStateException(
          "blocks did not change: clean=" + clean + ", lowestOffset=" + lowest);
    }
    report(Figure.STATE_CPU, (double) states.cpuNs() / ids.length);
    report(Figure.FIRST_LAST_CHANGE, first.wallNs() / 1e6);
    report(Figure.LAST_CHANGE_CPU, (double) lastChanges.cpuNs() / fewer.length);
  }

  private void reopen() throws IOException {
    Meter cold = new Meter();
    cold.start();
    TrackedStore store = engine.open(directory);
    cold.stop();
    report(Figure.OPEN_COLD, cold.wallNs() / 1e6);
    answer(store, events);
    store.close();
    Meter warm = new Meter();
    for (int i = 0; i < OPENINGS; i++) {
      warm.start();
      store = engine.open(directory);
      warm.stop();
      if (i < OPENINGS - 1) {
        store.close();
      }
    }
    report(Figure.OPEN_WARM, warm.wallNs() / 1e6);
    appendEvents(store::append, events, extraEvents(events));
    out.println("waiting");
    // The parent kills this process; if it died itself, this is the end.
    System.in.read();
  }

  private void recover() throws IOException {
    Meter open = new Meter();
    open.start();
    TrackedStore store = engine.open(directory);
    open.stop();
    report(Figure.OPEN_KILLED, open.wallNs() / 1e6);
    report(Figure.OPEN_KILLED_CPU, open.processNs() / 1e6);
    answer(store, events + extraEvents(events));
    store.close();
  }

  private void answer(TrackedStore store, long all) throws IOException {
    for (String line : Answers.of(store, workload, all).lines()) {
      out.println("answer " + line);
    }
  }

  private void report(Figure figure, double value) {
    out.println("figure " + figure + " " + value);
  }

  private static double mebi(long bytes) {
    return bytes / 1048576.0;
  }
}
