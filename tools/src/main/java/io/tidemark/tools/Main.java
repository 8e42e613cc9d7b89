package io.tidemark.tools;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * Entry point of the command line. Each command is a class of its own, listed in {@code
 * subcommands}.
 */
@Command(
    name = Main.NAME,
    description = {
      "Tracks changed blocks of TDengine: which blocks changed, with a verdict;",
      "backs up and restores embedded engines."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class,
    subcommands = {
      DetectCommand.class,
      ScriptCommand.class,
      ExportsCommand.class,
      InspectCommand.class,
      ReplayCommand.class,
      CheckCommand.class,
      ChainCommand.class,
      AgentCommand.class,
      StatCommand.class,
      DemoCommand.class,
      DemoIngestCommand.class,
      DemoEngineCommand.class,
      BackupCommand.class,
      VerifyCommand.class,
      RestoreCommand.class,
      ListCommand.class,
      ShowCommand.class,
      CombineCommand.class,
      PruneCommand.class,
      PluginCommand.class
    },
    footerHeading = "%nExit codes:%n",
    footer = {
      "  0  done                      4  full backup required",
      "  1  failed                    5  verification failed",
      "  2  usage                     6  store is locked",
      "  3  partial: vgroups failed   7  not ready",
      "",
      "The form '" + Main.NAME + " --detect ...' is the same as '" + Main.NAME + " detect ...'."
    })
final class Main implements Runnable {
  static final String NAME = "incremental_bitmap_tool";

  private static final String DETECT_FLAG = "--detect";
  private static final String VERIFY_FLAG = "--verify";

  @Spec private CommandSpec spec;

  private Main() {}

  /**
   * Runs one command and ends the JVM with its exit code.
   *
   * @param args the command and its arguments
   */
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code = execute(out, err, args);
    out.flush();
    err.flush();
    System.exit(code);
  }

  /** Runs one command, with its output to these writers, and returns its exit code. */
  static int execute(PrintWriter out, PrintWriter err, String... args) {
    return new CommandLine(new Main())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpAutoWidth(false)
        .setParameterExceptionHandler(Main::refuse)
        .setExecutionExceptionHandler(Main::fail)
        .execute(translate(args));
  }

  /** Turns the specification's flag forms into the commands they stand for. */
  private static String[] translate(String[] args) {
    List<String> rest = new ArrayList<>(List.of(args));
    if (args.length == 0 || !args[0].startsWith("--")) {
      return args;
    }
    if (rest.remove(DETECT_FLAG)) {
      rest.add(0, DetectCommand.FLAG_FORM);
      rest.add(0, DetectCommand.NAME);
    } else if (rest.remove(VERIFY_FLAG)) {
      rest.add(0, VerifyCommand.NAME);
    }
    return rest.toArray(String[]::new);
  }

  private static int refuse(ParameterException e, String[] args) {
    CommandLine commandLine = e.getCommandLine();
    String name = commandLine.getCommandSpec().qualifiedName();
    print(
        commandLine,
        Failures.oneLine(String.valueOf(e.getMessage())) + " (see: " + name + " --help)");
    return ExitCode.USAGE;
  }

  private static int fail(Exception e, CommandLine commandLine, ParseResult parsed) {
    print(commandLine, Failures.messageOf(e));
    if (commandLine.getParseResult().hasMatchedOption("--debug")) {
      e.printStackTrace(commandLine.getErr());
    }
    commandLine.getErr().flush();
    return Failures.exitCodeOf(e);
  }

  private static void print(CommandLine commandLine, String message) {
    commandLine.getErr().println(commandLine.getCommandSpec().qualifiedName() + ": " + message);
    commandLine.getErr().flush();
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no command given");
  }
}
