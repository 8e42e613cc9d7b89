package io.tidemark.tools;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Recognises the specification's {@code --verify} form, which this version cannot carry out. */
@Command(name = VerifyCommand.NAME, hidden = true)
final class VerifyCommand implements Callable<Integer> {
  static final String NAME = "verify";

  // Whatever comes behind the name is taken, so that the answer is always the same.
  @Unmatched private List<String> ignored = new ArrayList<>();

  @Override
  public Integer call() {
    throw new CommandFailedException(
        ExitCode.USAGE,
        "--verify is not available in this version: there are no backups to verify yet;"
            + " 'check STORE' verifies a store: arguments="
            + String.join(" ", ignored));
  }
}
