package io.tidemark.tracker;

import java.util.Map;

/**
 * How many threads call listeners, and how long a close waits for them.
 *
 * @param threads how many at most; {@link #BY_ENVIRONMENT}
 * @param closeLimitMs how long a close waits for calls that are under way, before it interrupts
 *     their threads and leaves them
 */
public record CallbackOptions(int threads, long closeLimitMs) {

  /**
   * As many as the environment variable {@code IB_CALLBACK_THREADS} says; without it twice as many
   * as there are cores, and not more than 64.
   */
  public static final int BY_ENVIRONMENT = 0;

  static final String VARIABLE = "IB_CALLBACK_THREADS";
  static final int MAX_THREADS = ListenerOptions.MAX_LANES;
  private static final int MAX_DEFAULT_THREADS = 64;
  private static final CallbackOptions DEFAULTS = new CallbackOptions(BY_ENVIRONMENT, 10_000);

  /** Checks the limits. */
  public CallbackOptions {
    if (threads < BY_ENVIRONMENT || threads > MAX_THREADS || closeLimitMs < 0) {
      throw new IllegalArgumentException(
          "callback option out of range: threads="
              + threads
              + ", maxThreads="
              + MAX_THREADS
              + ", closeLimitMs="
              + closeLimitMs);
    }
  }

  /** Returns options for production: threads by the environment, and 10 s for a close. */
  public static CallbackOptions defaults() {
    return DEFAULTS;
  }

  /** Returns the same options with another number of threads. */
  public CallbackOptions withThreads(int count) {
    return new CallbackOptions(count, closeLimitMs);
  }

  /** Returns the same options with another limit of waiting. */
  public CallbackOptions withCloseLimitMs(long limitMs) {
    return new CallbackOptions(threads, limitMs);
  }

  /**
   * Returns how many threads there are at most: what the program says, else what the environment
   * says, else by the cores.
   *
   * @throws IllegalArgumentException if the environment says what cannot be
   */
  int threads(Map<String, String> environment, int cores) {
    if (threads != BY_ENVIRONMENT) {
      return threads;
    }
    String value = environment.get(VARIABLE);
    if (value == null || value.isBlank()) {
      return Math.max(1, (int) Math.min(2L * cores, MAX_DEFAULT_THREADS));
    }
    int said = parse(value.trim());
    if (said < 1 || said > MAX_THREADS) {
      throw new IllegalArgumentException(
          "callback threads out of range: min=1, max="
              + MAX_THREADS
              + ", value="
              + value
              + ", variable="
              + VARIABLE);
    }
    return said;
  }

  /** Returns 0 for what is no number. */
  private static int parse(String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
