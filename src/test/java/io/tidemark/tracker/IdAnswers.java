package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;

/** What an answer by ids must be, given the one with details. */
final class IdAnswers {
  private IdAnswers() {}

  static void assertSame(ChangeSet expected, ChangedIds actual, String what) {
    assertEquals(
        expected.changes().stream().map(BlockChange::blockId).toList(), list(actual.ids()));
    assertEquals(expected.verdict(), actual.verdict(), what);
    assertEquals(expected.surplus(), actual.surplus(), what);
    assertEquals(expected.holes(), actual.holes(), what);
    assertEquals(expected.completeThrough(), actual.completeThrough(), what);
    assertEquals(expected.journalPosition(), actual.journalPosition(), what);
  }

  /** Returns the ids, after every way to ask for them said the same. */
  static List<Long> list(BlockIds ids) {
    List<Long> passed = new ArrayList<>();
    ids.forEach(passed::add);
    List<Long> walked = new ArrayList<>();
    BlockIds.Cursor cursor = ids.cursor();
    while (cursor.next()) {
      walked.add(cursor.blockId());
    }
    assertEquals(passed, walked);
    assertEquals(passed.size(), ids.size());
    for (long id : passed) {
      assertTrue(ids.contains(id));
      assertEquals(passed.contains(id + 1), ids.contains(id + 1));
      assertEquals(passed.contains(id ^ Long.MIN_VALUE), ids.contains(id ^ Long.MIN_VALUE));
    }
    return passed;
  }

  /** Returns all that a stream passes. */
  static List<BlockChange> list(ChangeStream stream) {
    List<BlockChange> changes = new ArrayList<>();
    while (stream.next()) {
      changes.add(stream.change());
    }
    return changes;
  }
}
