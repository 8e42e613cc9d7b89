package io.tidemark.tools;

import io.tidemark.tracker.StoreCheck;
import io.tidemark.tracker.StoreCheck.Finding;
import io.tidemark.tracker.StoreCheck.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks every checksum and every invariant of a store; changes nothing. */
@Command(
    name = CheckCommand.NAME,
    description = "Check every checksum and every invariant of a store; change nothing.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class CheckCommand implements Callable<Integer> {
  static final String NAME = "check";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "STORE", description = "A store: the directory with the file STORE.")
  private Path store;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    StoreCheck.Report report = StoreCheck.run(store);
    for (Finding finding : report.findings()) {
      terminal.event(
          "finding",
          json -> {
            json.writeStringField("severity", finding.severity().name());
            json.writeStringField("file", finding.file().toString());
            json.writeStringField("message", finding.message());
          });
      terminal.line(severity(terminal, finding.severity()) + "  " + finding.message());
      terminal.line("       " + finding.file());
    }
    terminal.event(
        "result",
        json -> {
          json.writeBooleanField("clean", report.isClean());
          json.writeNumberField("findings", report.findings().size());
          json.writeNumberField("segments", report.segments());
          json.writeNumberField("journalRecords", report.journalRecords());
          json.writeNumberField("journalEntries", report.journalEntries());
          json.writeNumberField("changes", report.changes());
        });
    terminal.line(
        (report.isClean() ? terminal.good("clean") : terminal.bad("NOT CLEAN"))
            + ": "
            + DetectionSummary.counted(report.segments(), "segment")
            + ", "
            + DetectionSummary.counted(report.changes(), "change")
            + ", "
            + DetectionSummary.counted(report.journalRecords(), "journal record")
            + " read");
    return report.isClean() ? ExitCode.DONE : ExitCode.VERIFICATION_FAILED;
  }

  private static String severity(Terminal terminal, Severity severity) {
    return switch (severity) {
      case NOTE -> "note ";
      case VIEW -> terminal.bad("VIEW ");
      case TRUTH -> terminal.bad("TRUTH");
    };
  }
}
