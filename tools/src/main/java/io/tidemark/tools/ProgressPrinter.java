package io.tidemark.tools;

import io.tidemark.backup.BackupProgress;
import java.util.concurrent.TimeUnit;

/** Shows the progress of a run: a line now and then for people, an object for programs. */
final class ProgressPrinter implements BackupProgress.Listener {
  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
  private static final long PERCENT = 100;

  private final Terminal terminal;
  private long lastNs = System.nanoTime();

  ProgressPrinter(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void onProgress(BackupProgress progress) {
    long now = System.nanoTime();
    if (progress.phase() != BackupProgress.Phase.COPY || now - lastNs < INTERVAL_NS) {
      return;
    }
    lastNs = now;
    terminal.line(
        "  "
            + progress.doneBlocks() * PERCENT / Math.max(progress.totalBlocks(), 1)
            + " %, "
            + DetectionSummary.counted(progress.doneBlocks(), "block")
            + " of "
            + progress.totalBlocks()
            + ", "
            + ByteSize.text(progress.bytesPerSecond())
            + "/s"
            + (progress.remainingMs() < 0
                ? ""
                : ", " + TimeUnit.MILLISECONDS.toSeconds(progress.remainingMs()) + " s left"));
    terminal.event(
        "progress",
        json -> {
          json.writeStringField("run", progress.runId());
          json.writeNumberField("doneBlocks", progress.doneBlocks());
          json.writeNumberField("totalBlocks", progress.totalBlocks());
          json.writeNumberField("doneBytes", progress.doneBytes());
          json.writeNumberField("totalBytes", progress.totalBytes());
          json.writeNumberField("bytesPerSecond", progress.bytesPerSecond());
          json.writeNumberField("remainingMs", progress.remainingMs());
        });
  }
}
