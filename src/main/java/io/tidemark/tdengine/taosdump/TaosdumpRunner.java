package io.tidemark.tdengine.taosdump;

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
  private final GoneObjects goneObjects;
  private final RunListener listener;
  private final InstantSource clock;
  private final TaosdumpCalls calls;
  private final List<CallResult> results = new ArrayList<>();
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
    this.goneObjects = goneObjects;
    this.listener = listener;
    this.clock = clock;
    this.calls = new TaosdumpCalls(plan, directory, options, listener, pause);
  }

  /**
   * Makes all calls that are not done yet.
   *
   * @throws TaosdumpException if one of them did not copy everything, or the run was cancelled; a
   *     later run goes on there
   */
  public RunResult export() throws IOException {
    String version = calls.version();
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
      CallResult result = done == null ? calls.make(number, goneObjects) : calls.done(number, done);
      long rows = result.rows();
      callsMade += done == null ? 1 : 0;
      if (result.isGone()) {
        gone.add(call.name());
      }
      results.add(result);
      rowsOfAll += rows;
      listener.onCall(progress(number, rowsOfAll, startedMs), call, rows);
    }
    ExportManifest.seal(directory, plan, version, clock.millis(), results);
    directory.complete(rowsOfAll);
    List<Long> rowsOfCall = results.stream().map(CallResult::rows).toList();
    return new RunResult(version, count, rowsOfAll, rowsOfCall, gone);
  }

  private RunProgress progress(int callsDone, long rows, long startedMs) {
    long elapsedMs = clock.millis() - startedMs;
    int left = plan.calls().size() - callsDone;
    long remainingMs = callsMade == 0 ? -1 : elapsedMs / callsMade * left;
    return new RunProgress(callsDone, plan.calls().size(), rows, elapsedMs, remainingMs);
  }

  /** Ends the run: kills taosdump, if it runs. From any thread; the run then fails. */
  public void cancel() {
    calls.cancel();
  }
}
