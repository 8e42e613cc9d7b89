package io.tidemark.benchmarks.comparison;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a store answers to all questions and lookups: a number of blocks and a digest of ids for
 * each question, and a digest for all lookups.
 *
 * <p>Stores that answer alike have equal answers. Immutable.
 *
 * @param lines one for each question, in order, and one for lookups
 */
record Answers(List<String> lines) {
  Answers {
    lines = List.copyOf(lines);
  }

  /** Asks a store everything. */
  static Answers of(TrackedStore store, Path workload, long events) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Question question : Question.all(events)) {
      lines.add(line(question, question.ask(store)));
    }
    lines.add(Lookups.answer(store, Lookups.ids(workload, events)));
    return new Answers(lines);
  }

  /** Finds the answers without a store: by looking at every event. */
  static Answers byLookingAtAll(Path workload, long events) throws IOException {
    List<Question> questions = Question.all(events);
    List<IdList> found = questions.stream().map(question -> new IdList()).toList();
    Lookups.LookedUp lookups = new Lookups.LookedUp(Lookups.ids(workload, events));
    try (EventFile file = EventFile.read(workload)) {
      long event = 0;
      while (event < events) {
        EventBatch batch = file.next(events - event);
        for (int i = 0; i < batch.size(); i++, event++) {
          lookups.take(batch, i);
          for (int question = 0; question < found.size(); question++) {
            if (questions.get(question).contains(event)) {
              found.get(question).add(batch.blockId(i));
            }
          }
        }
      }
    }
    List<String> lines = new ArrayList<>();
    for (int question = 0; question < found.size(); question++) {
      lines.add(line(questions.get(question), found.get(question).distinct()));
    }
    lines.add(lookups.answer());
    return new Answers(lines);
  }

  private static String line(Question question, long[] ids) {
    IdDigest digest = new IdDigest();
    for (long id : ids) {
      digest.add(id);
    }
    return question.kind()
        + " first="
        + question.first()
        + " last="
        + question.last()
        + " blocks="
        + ids.length
        + " digest="
        + digest;
  }

  /**
   * Compares with what a store answered.
   *
   * @throws WrongAnswerException if it differs
   */
  void check(Engine engine, String moment, Answers actual) throws WrongAnswerException {
    for (int i = 0; i < lines.size(); i++) {
      String line = i < actual.lines.size() ? actual.lines.get(i) : "none";
      if (!lines.get(i).equals(line)) {
        throw new WrongAnswerException(
            "wrong answer: engine="
                + engine
                + ", moment="
                + moment
                + ", expected="
                + lines.get(i)
                + ", actual="
                + line);
      }
    }
  }
}
