package io.tidemark.tdengine.taosdump;

import io.tidemark.tdengine.taosdump.DumpCall.Scope;
import io.tidemark.tdengine.taosdump.TaosdumpOutcome.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes calls of one plan, each into its own directory.
 *
 * <p>Fails closed: a call that did not copy everything is not done. One thread, but for {@link
 * #cancel}.
 */
final class TaosdumpCalls {
  private final TaosdumpPlan plan;
  private final DumpDirectory directory;
  private final RunOptions options;
  private final RunListener listener;
  private final Pause pause;
  private final TaosdumpProcess process;

  TaosdumpCalls(
      TaosdumpPlan plan,
      DumpDirectory directory,
      RunOptions options,
      RunListener listener,
      Pause pause) {
    this.plan = plan;
    this.directory = directory;
    this.options = options;
    this.listener = listener;
    this.pause = pause;
    this.process = new TaosdumpProcess(directory.root(), options);
  }

  /**
   * Asks taosdump for its version.
   *
   * @throws TaosdumpException if there is no taosdump, or it is not of version 3
   */
  String version() throws IOException {
    return process.version();
  }

  /**
   * Makes a call until it is done or trying again is of no use.
   *
   * @param number of the call in the plan, from 1; it must not be done yet
   * @param goneObjects whose word makes an object that is missing no loss
   * @return what it left
   * @throws TaosdumpException if it did not copy everything, or the calls were cancelled
   */
  CallResult make(int number, GoneObjects goneObjects) throws IOException {
    DumpCall call = plan.calls().get(number - 1);
    for (int attempt = 1; ; attempt++) {
      directory.beginCall(number);
      TaosdumpOutcome outcome =
          process.call(Direction.OUT, words(number, call), DumpDirectory.part(number));
      boolean isGone =
          outcome.kind() == Kind.MISSING
              && call.scope() != Scope.DATABASE
              && goneObjects.isGone(call.scope() == Scope.STABLE, call.name());
      if (outcome.kind() == Kind.DONE || isGone) {
        Path dump = directory.root().resolve(dumpOf(number));
        DumpContents contents = DumpContents.of(dump);
        outcome = isGone ? outcome : counted(call, outcome, contents, dump);
        if (outcome.kind() == Kind.DONE || isGone) {
          directory.endCall(number, outcome.rows(), isGone);
          return result(number, outcome.rows(), contents.digest());
        }
      }
      if (!outcome.kind().isWorthRepeating() || attempt > options.retryCount()) {
        throw failed(number, call, attempt, outcome);
      }
      listener.onRetry(call, attempt, outcome);
      waitForRetry();
    }
  }

  /** Returns the outcome of a call that is done: it is not if its files hold something else. */
  private static TaosdumpOutcome counted(
      DumpCall call, TaosdumpOutcome outcome, DumpContents contents, Path dump) {
    List<String> findings = contents.findings(call, outcome.rows(), dump);
    return findings.isEmpty()
        ? outcome
        : new TaosdumpOutcome(Kind.FAILED, 0, String.join("; ", findings));
  }

  /**
   * Returns what a call left that was done before, by whomever.
   *
   * @throws TaosdumpException if that is not what it says it copied
   */
  CallResult done(int number, long rows) throws IOException {
    Path dump = directory.dump(number);
    DumpContents contents = DumpContents.of(dump);
    List<String> findings =
        directory.isGone(number)
            ? List.of()
            : contents.findings(plan.calls().get(number - 1), rows, dump);
    if (!findings.isEmpty()) {
      throw new TaosdumpException(
          "a call that was done before has to be made again, remove its directory: call="
              + number
              + ", directory="
              + directory.done(number)
              + ": "
              + String.join("; ", findings));
    }
    return result(number, rows, contents.digest());
  }

  private CallResult result(int number, long rows, DumpDigest digest) {
    return new CallResult(
        number, rows, directory.isGone(number), digest.lengthBytes(), digest.sha256());
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

  private static String dumpOf(int number) {
    return DumpDirectory.dumpOf(Path.of(DumpDirectory.part(number)));
  }

  private List<String> words(int number, DumpCall call) {
    List<String> words = new ArrayList<>();
    if (!ObjectNames.isPlain(plan.database())) {
      words.add("-e");
    }
    String result = DumpDirectory.part(number) + "/result.txt";
    words.addAll(List.of("-o", dumpOf(number), "-r", result));
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

  /** Ends the call that runs and makes no other one possible; from any thread. */
  void cancel() {
    process.cancel();
  }
}
