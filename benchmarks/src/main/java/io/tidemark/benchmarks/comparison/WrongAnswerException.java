package io.tidemark.benchmarks.comparison;

/** An engine answered something else than what is in the workload: its figures mean nothing. */
final class WrongAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  WrongAnswerException(String message) {
    super(message);
  }
}
