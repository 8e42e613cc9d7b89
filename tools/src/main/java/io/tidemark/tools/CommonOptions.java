package io.tidemark.tools;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options every command has. */
final class CommonOptions {
  @Option(names = "--json", description = "Print one JSON object per line instead of text.")
  private boolean json;

  @Option(names = "--debug", description = "Print the stack trace of a failure.")
  private boolean debug;

  boolean isJson() {
    return json;
  }

  boolean isDebug() {
    return debug;
  }

  /** Prints the stack trace of a failure that does not end the command, if that was asked for. */
  void debug(CommandSpec spec, Exception failure) {
    if (debug) {
      failure.printStackTrace(spec.commandLine().getErr());
      spec.commandLine().getErr().flush();
    }
  }
}
