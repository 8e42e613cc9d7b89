package io.tidemark.benchmarks.comparison;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One question about the history of a workload.
 *
 * @param kind what is asked
 * @param first the first event in the range
 * @param last the last event in the range
 */
record Question(Kind kind, long first, long last) {
  private static final int PLACES = 8;

  /** Questions that are alike in what they cost. */
  enum Kind {
    OFFSETS_SHORT(1_000, Figure.OFFSETS_SHORT, Figure.OFFSETS_SHORT_WALL),
    TIME_SHORT(1_000, Figure.TIME_SHORT, Figure.TIME_SHORT_WALL),
    OFFSETS_LONG(100_000, Figure.OFFSETS_LONG, Figure.OFFSETS_LONG_WALL),
    TIME_LONG(100_000, Figure.TIME_LONG, Figure.TIME_LONG_WALL),
    COUNT_HALF(Long.MAX_VALUE, Figure.COUNT_HALF, Figure.COUNT_HALF_WALL);

    private final long events;
    private final Figure cpu;
    private final Figure wall;

    Kind(long events, Figure cpu, Figure wall) {
      this.events = events;
      this.cpu = cpu;
      this.wall = wall;
    }

    Figure cpu() {
      return cpu;
    }

    Figure wall() {
      return wall;
    }

    /** Returns whether an answer takes so little time that it is measured more often. */
    boolean isShort() {
      return this == OFFSETS_SHORT || this == TIME_SHORT;
    }

    private boolean isByTime() {
      return this == TIME_SHORT || this == TIME_LONG;
    }
  }

  /** Returns questions of a kind at several places of a history, none over more than half of it. */
  static List<Question> of(Kind kind, long events) {
    long length = Math.min(kind.events, events / 2);
    if (kind == Kind.COUNT_HALF) {
      return List.of(new Question(kind, events / 4, events / 4 + length - 1));
    }
    List<Question> questions = new ArrayList<>();
    for (int place = 0; place < PLACES; place++) {
      long first = (events - length) * place / (PLACES - 1);
      questions.add(new Question(kind, first, first + length - 1));
    }
    return questions;
  }

  /** Returns the questions of all kinds. */
  static List<Question> all(long events) {
    List<Question> questions = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      questions.addAll(of(kind, events));
    }
    return questions;
  }

  /** Returns whether an event of the workload lies in the range. */
  boolean contains(long event) {
    return first <= event && event <= last;
  }

  /** Asks a store. */
  long[] ask(TrackedStore store) throws IOException {
    return kind.isByTime()
        ? store.changedInTime(EventFile.timestampNs(first), EventFile.timestampNs(last))
        : store.changedInOffsets(EventFile.walOffset(first), EventFile.walOffset(last));
  }
}
