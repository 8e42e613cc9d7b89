package io.tidemark.tools;

import io.tidemark.tracker.Rebuild;
import io.tidemark.tracker.StoreReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the change journal of a live or a dead store, or folds it again and compares. */
@Command(
    name = ReplayCommand.NAME,
    description = "Print the change journal of a store, or fold it again and compare.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class ReplayCommand implements Callable<Integer> {
  static final String NAME = "replay";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "STORE", description = "A store: the directory with the file STORE.")
  private Path store;

  @Option(
      names = "--from",
      paramLabel = "P",
      defaultValue = "1",
      description = "First journal position. Default: ${DEFAULT-VALUE}")
  private long from;

  @Option(names = "--to", paramLabel = "P", description = "Last journal position.")
  private @Nullable Long to;

  @Option(names = "--block", paramLabel = "ID", description = "Only entries of this block.")
  private @Nullable String block;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      split = ",",
      description = "Only entries of these types: ${COMPLETION-CANDIDATES}")
  private List<EntryType> types = List.of();

  @Option(names = "--limit", paramLabel = "N", description = "Print at most N entries.")
  private @Nullable Long limit;

  @Option(
      names = "--rebuild",
      description = "Fold the journal again and compare with what the store holds.")
  private boolean rebuild;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    return rebuild ? compare(terminal) : print(terminal);
  }

  private int print(Terminal terminal) throws IOException {
    long last = to == null ? Long.MAX_VALUE : to;
    if (from < 1) {
      throw usage("--from is below the first position: value=" + from + ", limit=1");
    }
    if (last < from) {
      throw usage("--to lies before --from: value=" + last + ", from=" + from);
    }
    if (limit != null && limit < 0) {
      throw usage("--limit is negative: value=" + limit);
    }
    StoreReader reader = StoreReader.open(store);
    Set<EntryType> wanted = EnumSet.noneOf(EntryType.class);
    wanted.addAll(types);
    EntryPrinter printer =
        new EntryPrinter(
            terminal,
            BlockNames.of(reader.catalog()),
            new EntryPrinter.Filter(wanted, blockId(), limit == null ? Long.MAX_VALUE : limit));
    printer.printHeading();
    reader.forEachRecord(from, last, record -> record.forEach(from, last, printer));
    long next = printer.firstNotPrinted();
    terminal.event(
        "result",
        json -> {
          json.writeNumberField("entries", printer.printed());
          json.writeStringField("lastPosition", Long.toString(reader.lastPosition()));
          json.writeStringField("next", next == 0 ? null : Long.toString(next));
        });
    terminal.line(
        printer.printed()
            + " entries; the store ends at position "
            + reader.lastPosition()
            + (next == 0 ? "" : "; more: --from " + next));
    return ExitCode.DONE;
  }

  private @Nullable Long blockId() {
    if (block == null) {
      return null;
    }
    try {
      return Long.parseUnsignedLong(block);
    } catch (NumberFormatException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--block is no number from 0 to 18446744073709551615: value=" + block,
          e);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private int compare(Terminal terminal) throws IOException {
    Rebuild.Result result = Rebuild.fromJournal(store);
    for (String difference : result.differences()) {
      terminal.event("difference", json -> json.writeStringField("message", difference));
      terminal.line(terminal.bad("differs") + ": " + difference);
    }
    terminal.event(
        "result",
        json -> {
          json.writeBooleanField("same", result.isSame());
          json.writeStringField("from", Long.toString(result.fromPosition()));
          json.writeStringField("to", Long.toString(result.toPosition()));
          json.writeNumberField("entries", result.entries());
          json.writeNumberField("blocks", result.blocks());
        });
    String range =
        result.entries()
            + " journal entries, "
            + result.fromPosition()
            + " to "
            + result.toPosition()
            + ", folded again: "
            + result.blocks()
            + " blocks";
    terminal.line(
        (result.isSame() ? terminal.good("same") : terminal.bad("DIFFERENT")) + ": " + range);
    return result.isSame() ? ExitCode.DONE : ExitCode.VERIFICATION_FAILED;
  }
}
