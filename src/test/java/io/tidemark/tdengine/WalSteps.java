package io.tidemark.tdengine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Takes a reader's steps up to its end and writes them down, one short text each. */
final class WalSteps {
  private static final int STEPS_MAX = 1_000_000;

  private WalSteps() {}

  /** Returns the steps, the last being {@code end} or {@code tail}. */
  static List<String> of(WalReader reader) throws IOException {
    final List<String> steps = new ArrayList<>();
    while (steps.size() < STEPS_MAX) {
      switch (reader.next()) {
        case SEGMENT -> steps.add(segment(reader.segmentFirstVersion()));
        case RECORD -> steps.add(record(reader.record()));
        case DAMAGED -> steps.add(damaged(reader.damagedOffset(), reader.damagedLength()));
        case END -> {
          final WalTail tail = reader.tail();
          steps.add(tail == null ? "end" : tail(tail.offset(), tail.lengthBytes()));
          return steps;
        }
      }
    }
    throw new AssertionError("reader does not come to an end");
  }

  static String segment(long firstVersion) {
    return "segment " + firstVersion;
  }

  static String record(WalRecord record) {
    return record(record.version(), record.term(), record.fileOffset());
  }

  static String record(long version, long term, long offset) {
    return "record " + version + " term " + term + " at " + offset;
  }

  static String damaged(long offset, long length) {
    return "damaged " + length + " at " + offset;
  }

  static String tail(long offset, long length) {
    return "tail " + length + " at " + offset;
  }
}
