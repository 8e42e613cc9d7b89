package io.tidemark.tools;

import io.tidemark.block.Verdict;
import java.time.Instant;
import java.util.List;

/**
 * The result of one detection over all chosen vgroups.
 *
 * @param created when it was made
 * @param asked the value of {@code --since}; empty if there was none
 * @param since what that means
 * @param answers of the vgroups that answered
 * @param failures of those that did not
 */
record Detection(
    Instant created,
    String asked,
    Since since,
    List<VgroupAnswer> answers,
    List<VgroupFailure> failures) {

  /**
   * A vgroup without an answer.
   *
   * @param vgroup its directory's name
   * @param exitCode what a detection of it alone would have ended with
   * @param message why
   */
  record VgroupFailure(String vgroup, int exitCode, String message) {}

  Detection {
    answers = List.copyOf(answers);
    failures = List.copyOf(failures);
  }

  /** Returns the worst verdict of a vgroup; at best NOT_READY if one failed. */
  Verdict verdict() {
    Verdict worst = failures.isEmpty() ? Verdict.EXACT : Verdict.NOT_READY;
    for (VgroupAnswer answer : answers) {
      worst = worst.worse(answer.changes().verdict());
    }
    return worst;
  }

  /** Returns the number of blocks of all vgroups. */
  long blockCount() {
    return answers.stream().mapToLong(answer -> answer.changes().changes().size()).sum();
  }

  int exitCode() {
    if (!failures.isEmpty()) {
      boolean isSame = failures.stream().mapToInt(VgroupFailure::exitCode).distinct().count() == 1;
      int same = isSame ? failures.get(0).exitCode() : ExitCode.FAILED;
      return answers.isEmpty() ? same : ExitCode.PARTIAL;
    }
    return switch (verdict()) {
      case EXACT, SUPERSET -> ExitCode.DONE;
      case NOT_READY -> ExitCode.NOT_READY;
      case FULL_REQUIRED -> ExitCode.FULL_REQUIRED;
    };
  }
}
