package io.tidemark.benchmarks.soak;

/** Something that a soak found wrong. */
final class SoakFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SoakFailedException(String message) {
    super(message);
  }
}
