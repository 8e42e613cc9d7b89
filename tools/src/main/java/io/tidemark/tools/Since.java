package io.tidemark.tools;

import io.tidemark.block.WalPosition;

/** What a detection is asked to begin after. */
sealed interface Since {

  /** Everything known. */
  record Ever() implements Since {}

  /**
   * After a WAL offset whose generation is not given.
   *
   * @param walOffset unsigned, exclusive
   */
  record Offset(long walOffset) implements Since {}

  /**
   * After a WAL position.
   *
   * @param position exclusive
   */
  record Position(WalPosition position) implements Since {}

  /**
   * Events at or after a time.
   *
   * @param timestampNs nanoseconds since the epoch, inclusive
   */
  record Time(long timestampNs) implements Since {}

  /** After the last detection with the same store. */
  record Last() implements Since {}
}
