package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.taosdump.DumpCall.Scope;
import io.tidemark.tdengine.taosdump.TaosdumpOutcome.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Carries out the export of a plan, call by call; what a run before it did is not done again.
 *
 * <p>Fails closed: it returns only if every call copied all it was to copy. One thread, but for
 * {@link #cancel}. Its directory is that of the scripts, and either may go on where the other
 * ended.
 */
public final class TaosdumpRunner {
  private final TaosdumpPlan plan;
  private final DumpDirectory directory;
  private final RunOptions options;
  private final GoneObjects goneObjects;
  private final RunListener listener;
  private final Pause pause;
  private final InstantSource clock;
  private final TaosdumpProcess process;
  private final List<Long> rowsOfCall = new ArrayList<>();
  private final List<String> gone = new ArrayList<>();
  private int callsMade;

  /**
   * Makes a runner; nothing happens yet.
   *
   * @param root the directory for the output; made if need be
   * @param goneObjects whose word makes an object that is missing no loss
   */
  public TaosdumpRunner(
      TaosdumpPlan plan,
      Path root,
      RunOptions options,
      GoneObjects goneObjects,
      RunListener listener) {
    this(plan, root, options, goneObjects, listener, Pause.REAL, InstantSource.system());
  }

  TaosdumpRunner(
      TaosdumpPlan plan,
      Path root,
      RunOptions options,
      GoneObjects goneObjects,
      RunListener listener,
      Pause pause,
      InstantSource clock) {
    this.plan = plan;
    this.directory = new DumpDirectory(root);
    this.options = options;
    this.goneObjects = goneObjects;
    this.listener = listener;
    this.pause = pause;
    this.clock = clock;
    this.process = new TaosdumpProcess(root, options);
  }

  /**
   * Makes all calls that are not done yet.
   *
   * @throws TaosdumpException if one of them did not copy everything, or the run was cancelled; a
   *     later run goes on there
   */
  public RunResult export() throws IOException {
    String version = process.version();
    directory.claim(TaosdumpScript.digest(plan));
    directory.beginRun();
    try {
      return makeAll(version);
    } finally {
      directory.endRun();
    }
  }

  private RunResult makeAll(String version) throws IOException {
    long startedMs = clock.millis();
    long rowsOfAll = 0;
    int count = plan.calls().size();
    for (int number = 1; number <= count; number++) {
      DumpCall call = plan.calls().get(number - 1);
      Long done = directory.rowsOf(number);
      long rows = done == null ? make(number, call) : done;
      rowsOfCall.add(rows);
      rowsOfAll += rows;
      listener.onCall(progress(number, rowsOfAll, startedMs), call, rows);
    }
    directory.complete(rowsOfAll);
    return new RunResult(version, count, rowsOfAll, rowsOfCall, gone);
  }

  private RunProgress progress(int callsDone, long rows, long startedMs) {
    long elapsedMs = clock.millis() - startedMs;
    int left = plan.calls().size() - callsDone;
    long remainingMs = callsMade == 0 ? -1 : elapsedMs / callsMade * left;
    return new RunProgress(callsDone, plan.calls().size(), rows, elapsedMs, remainingMs);
  }

  /** Makes one call until it is done or trying again is of no use; returns its rows. */
  private long make(int number, DumpCall call) throws IOException {
    for (int attempt = 1; ; attempt++) {
      directory.beginCall(number);
      TaosdumpOutcome outcome =
          process.call(Direction.OUT, words(number, call), DumpDirectory.part(number));
      boolean isGone =
          outcome.kind() == Kind.MISSING
              && call.scope() != Scope.DATABASE
              && goneObjects.isGone(call.scope() == Scope.STABLE, call.name());
      if (outcome.kind() == Kind.DONE || isGone) {
        directory.endCall(number, outcome.rows(), isGone);
        callsMade++;
        if (isGone) {
          gone.add(call.name());
        }
        return outcome.rows();
      }
      if (!outcome.kind().isWorthRepeating() || attempt > options.retryCount()) {
        throw failed(number, call, attempt, outcome);
      }
      listener.onRetry(call, attempt, outcome);
      waitForRetry();
    }
  }

  private void waitForRetry() throws IOException {
    try {
      pause.pass(options.retryIntervalMs());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw TaosdumpProcess.cancelled();
    }
    if (process.isCancelled()) {
      throw TaosdumpProcess.cancelled();
    }
  }

  private List<String> words(int number, DumpCall call) {
    List<String> words = new ArrayList<>();
    if (!ObjectNames.isPlain(plan.database())) {
      words.add("-e");
    }
    String part = DumpDirectory.part(number);
    words.addAll(List.of("-o", part + "/dump", "-r", part + "/result.txt"));
    Period period = call.period();
    if (period != null) {
      words.addAll(
          List.of("-S", Long.toString(period.first()), "-E", Long.toString(period.last())));
    }
    if (call.scope() == Scope.DATABASE) {
      words.add("-D");
    }
    words.add(ObjectNames.quoted(plan.database()));
    if (call.scope() != Scope.DATABASE) {
      words.add(ObjectNames.quoted(call.name()));
    }
    return words;
  }

  private TaosdumpException failed(
      int number, DumpCall call, int attempts, TaosdumpOutcome outcome) {
    return new TaosdumpException(
        "taosdump "
            + reason(outcome.kind())
            + ": call="
            + number
            + ", what="
            + call
            + ", attempts="
            + attempts
            + ", printed="
            + directory.root().resolve(DumpDirectory.part(number))
            + "/printed.txt: "
            + outcome.detail());
  }

  private static String reason(Kind kind) {
    return switch (kind) {
      case MISSING -> "found nothing of that name, and nobody knows that it was dropped";
      case REFUSED -> "was refused by the server";
      case UNREACHABLE -> "did not reach the server";
      case FAILED, DONE -> "did not copy everything";
    };
  }

  /** Ends the run: kills taosdump, if it runs. From any thread; the run then fails. */
  public void cancel() {
    process.cancel();
  }
}
