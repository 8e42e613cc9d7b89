package io.tidemark.tools;

import io.tidemark.storage.Directories;
import io.tidemark.tdengine.VnodeDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Says which blocks of a data directory changed after a position, a time or the last detection. */
@Command(
    name = DetectCommand.NAME,
    description = "Say which blocks changed, with a verdict.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class DetectCommand implements Callable<Integer> {
  static final String NAME = "detect";

  /** Says that the command came in the specification's form. */
  static final String FLAG_FORM = "--flag-form";

  /** The chain whose cursor is where the last detection ended. */
  private static final String CHAIN = "detect";

  private static final String STANDARD_OUTPUT = "-";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private DetectionOptions options;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      defaultValue = "incremental_blocks.json",
      description = "Where the result goes, - for standard output. Default: ${DEFAULT-VALUE}")
  private String output;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "For a source over JDBC, which is not available yet.")
  private @Nullable String host;

  @Option(names = "--port", paramLabel = "PORT", description = "Goes with --host.")
  private @Nullable Integer port;

  @Option(names = FLAG_FORM, hidden = true)
  private boolean isFlagForm;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    Path directory = options.dataDirectory();
    if (directory == null && options.store() == null) {
      throw noDirectory();
    }
    Since wanted = options.since(terminal, isFlagForm);
    boolean isOnStandardOutput = output.equals(STANDARD_OUTPUT);
    if (!isOnStandardOutput) {
      OutputFile.checkWritable(Path.of(output));
    }
    if (host != null || port != null) {
      String given = directory == null ? "--store" : "--data-dir";
      terminal.note("--host and --port are not used: " + given + " was given");
    }
    if (directory == null) {
      List<VgroupPlace> stores = options.chooseStores();
      options.noteUnrelatedLogs(terminal, wanted, stores.size());
      return detect(terminal, stores, wanted, isOnStandardOutput);
    }
    List<VnodeDirectory> vnodes = options.choose(VnodeDirectory.find(directory));
    options.noteUnrelatedLogs(terminal, wanted, vnodes.size());
    Path kept = options.store();
    Path stores = kept == null ? Files.createTempDirectory("tidemark-detect-") : kept;
    try {
      options.checkStores(directory, vnodes);
      return detect(terminal, VgroupPlace.of(vnodes, stores), wanted, isOnStandardOutput);
    } finally {
      if (kept == null) {
        Directories.deleteTree(stores);
      }
    }
  }

  private ParameterException noDirectory() {
    return options.usage(
        host != null || port != null
            ? "--host needs a source over JDBC, which is not available yet: give --data-dir with the"
                + " server's data directory: host="
                + host
            : "no data directory given: give DATA_DIR, --data-dir or --store");
  }

  private int detect(
      Terminal terminal, List<VgroupPlace> vgroups, Since wanted, boolean isOnStandardOutput)
      throws IOException {
    try (OpenDetection open =
        OpenDetection.besideWriters(
            vgroups, wanted, CHAIN, failure -> common.debug(spec, failure))) {
      Detection result = open.result(options.asked(), wanted);
      if (!result.answers().isEmpty()) {
        publish(result, terminal, isOnStandardOutput);
      }
      boolean isCursorMoved =
          options.store() != null && movesCursor(wanted) && open.onlyRead().isEmpty();
      if (isCursorMoved) {
        open.acknowledge();
      }
      open.noteOnlyRead(terminal);
      report(result, terminal, isOnStandardOutput, isCursorMoved);
      return result.exitCode();
    }
  }

  /** Whether an answer has everything up to its end, so that the next may begin there. */
  private static boolean movesCursor(Since wanted) {
    return wanted instanceof Since.Ever || wanted instanceof Since.Last;
  }

  private void publish(Detection result, Terminal terminal, boolean isOnStandardOutput)
      throws IOException {
    if (isOnStandardOutput) {
      BlocksDocument.write(result, terminal.out(), !terminal.isJson());
      terminal.out().flush();
      if (terminal.out().checkError()) {
        throw new CommandFailedException(
            ExitCode.FAILED, "cannot write the output: standard output is closed");
      }
    } else {
      OutputFile.write(Path.of(output), out -> BlocksDocument.write(result, out, true));
    }
  }

  private void report(
      Detection result, Terminal terminal, boolean isOnStandardOutput, boolean isCursorMoved) {
    if (!result.answers().isEmpty() && !(isOnStandardOutput && terminal.isJson())) {
      Terminal target = isOnStandardOutput ? terminal.withTextOnErr() : terminal;
      new DetectionSummary(target).print(result, output, isCursorMoved);
    }
    OpenDetection.noteFailures(result, terminal, spec.qualifiedName());
  }
}
