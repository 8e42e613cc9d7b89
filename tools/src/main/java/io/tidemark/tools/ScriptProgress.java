package io.tidemark.tools;

import io.tidemark.tdengine.taosdump.DumpCall;
import io.tidemark.tdengine.taosdump.RunListener;
import io.tidemark.tdengine.taosdump.RunProgress;
import io.tidemark.tdengine.taosdump.TaosdumpOutcome;

/** Tells people, or programs by JSON lines, how a run of taosdump gets on. */
final class ScriptProgress implements RunListener {
  private static final long MS_PER_SECOND = 1_000;

  private final Terminal terminal;

  ScriptProgress(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void onCall(RunProgress progress, DumpCall call, long rows) {
    terminal.event(
        "call",
        json -> {
          json.writeNumberField("number", progress.callsDone());
          json.writeNumberField("calls", progress.calls());
          json.writeStringField("what", call.toString());
          json.writeNumberField("rows", rows);
          json.writeNumberField("elapsedMs", progress.elapsedMs());
          json.writeNumberField("remainingMs", progress.remainingMs());
        });
    String left =
        progress.remainingMs() <= 0
            ? ""
            : terminal.dim(", " + progress.remainingMs() / MS_PER_SECOND + " s left");
    terminal.line(
        progress.callsDone()
            + " of "
            + progress.calls()
            + ": "
            + DetectionSummary.counted(rows, "row")
            + ", "
            + call
            + left);
  }

  @Override
  public void onRetry(DumpCall call, int attempt, TaosdumpOutcome outcome) {
    terminal.note("attempt " + attempt + " failed, " + call + ": " + outcome.detail());
  }
}
