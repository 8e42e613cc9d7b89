package io.tidemark.tdengine.taosdump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.ChangeKind;
import io.tidemark.errors.MissingRunException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports of two vgroups, each given by where it begins and ends in both. */
class ExportHistoryTest {
  private static final long STORE = 77;

  @TempDir private Path root;
  private long writtenMs;

  private void export(String name, boolean isFull, long[] first, long[] second) throws Exception {
    export(name, isFull, true, STORE, first, second);
    complete(name);
  }

  private void export(
      String name, boolean isFull, boolean movesCursors, long store, long[] first, long[] second)
      throws Exception {
    writtenMs++;
    Path directory = Files.createDirectories(root.resolve(name));
    TaosdumpPlan plan = new SetBuilder().rows(ChangeKind.DIRTY, "d1", "meters", 1).plan();
    List<ExportTask.Interval> intervals =
        List.of(
            new ExportTask.Interval(1, store, first[0], first[1]),
            new ExportTask.Interval(2, store, second[0], second[1]));
    new ExportTask(writtenMs, "script", isFull, movesCursors, intervals, plan).writeTo(directory);
  }

  private void complete(String name) throws IOException {
    new DumpDirectory(root.resolve(name)).complete(1);
  }

  private static long[] part(long cursor, long end) {
    return new long[] {cursor, end};
  }

  private List<String> orderOf(String name) throws IOException {
    ExportHistory history = ExportHistory.of(root);
    ExportHistory.Export export =
        history.all().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    return names(history.restoreOrder(export));
  }

  private static List<String> names(List<ExportHistory.Export> exports) {
    return exports.stream().map(ExportHistory.Export::name).toList();
  }

  private List<String> superfluous(int keep) throws IOException {
    return names(ExportHistory.of(root).superfluous(keep));
  }

  @Test
  void shouldFollowTheCursorsBackToTheFullOne() throws Exception {
    export("z", true, part(0, 10), part(0, 5));
    export("y", false, part(10, 12), part(5, 5));
    export("x", false, part(12, 12), part(5, 5));
    export("w", false, part(12, 20), part(5, 9));

    assertEquals(List.of("z", "y", "w"), orderOf("w"));
    assertEquals(List.of("z", "y", "x"), orderOf("x"));
    assertEquals("w", Objects.requireNonNull(ExportHistory.of(root).newest()).name());
  }

  @Test
  void shouldBeginWithALaterFullOneEvenIfItCopiedNoChange() throws Exception {
    export("a", true, part(0, 10), part(0, 5));
    export("b", false, part(10, 12), part(5, 5));
    export("c", true, part(12, 12), part(5, 5));
    export("d", false, part(12, 20), part(5, 9));

    assertEquals(List.of("c", "d"), orderOf("d"));
    assertEquals(List.of("a", "b"), superfluous(1));
    assertEquals(List.of("a", "b"), superfluous(2));
    assertEquals(List.of(), superfluous(3));
  }

  @Test
  void shouldGoOnBehindOneOfWhichNotAllCursorsWereMoved() throws Exception {
    export("a", true, part(0, 10), part(0, 5));
    export("half", false, part(10, 12), part(5, 8));
    export("c", false, part(12, 20), part(5, 9));
    export("d", false, part(20, 21), part(9, 9));

    assertEquals(List.of("a", "half", "c", "d"), orderOf("d"));
  }

  @Test
  void shouldLeaveOutOneThatWasDoneAgain() throws Exception {
    export("a", true, part(0, 10), part(0, 5));
    export("lost", false, part(10, 12), part(5, 8));
    export("again", false, part(10, 14), part(5, 9));

    assertEquals(List.of("a", "again"), orderOf("again"));
    assertEquals(List.of("a", "lost"), orderOf("lost"));
  }

  @Test
  void shouldTakeAFirstIncrementalOneForABeginning() throws Exception {
    export("a", false, part(0, 10), part(0, 5));
    export("b", false, part(10, 12), part(5, 6));

    assertEquals(List.of("a", "b"), orderOf("b"));
  }

  @Test
  void shouldGoOnWithoutAPredecessorWhereAVgroupIsNew() throws Exception {
    export("a", true, part(0, 10), part(0, 0));
    export("b", false, part(10, 12), part(0, 6));

    assertEquals(List.of("a", "b"), orderOf("b"));
  }

  @Test
  void shouldKnowTheLaterOneThoughTheClockWentBack() throws Exception {
    writtenMs = 1_000;
    export("a", true, part(0, 10), part(0, 5));
    writtenMs = 500;
    export("b", true, part(10, 12), part(5, 5));
    export("c", false, part(12, 12), part(5, 8));
    writtenMs = 0;
    export("unfinished", false, true, STORE, part(12, 13), part(8, 8));

    assertEquals("c", Objects.requireNonNull(ExportHistory.of(root).newest()).name());
    assertEquals(List.of("a", "b", "c", "unfinished"), names(ExportHistory.of(root).all()));
    assertEquals(List.of("a"), superfluous(1));
    assertEquals(List.of("a"), superfluous(2));
    assertEquals(List.of(), superfluous(3));
  }

  @Test
  void shouldPassOverWhatIsNoExport() throws Exception {
    export("a", true, part(0, 10), part(0, 5));
    Files.createDirectories(root.resolve("empty"));
    Files.writeString(root.resolve("notes.txt"), "taken on Monday");

    assertEquals(List.of("a"), names(ExportHistory.of(root).all()));
  }

  @Test
  void shouldRefuseWhatHasNoPredecessor() throws Exception {
    export("a", true, part(0, 10), part(0, 5));
    export("b", false, part(10, 12), part(5, 6));
    export("otherCursor", false, part(12, 14), part(7, 8));
    export("otherStore", false, true, STORE + 1, part(12, 14), part(6, 7));
    complete("otherStore");
    export("unfinished", false, true, STORE, part(12, 14), part(6, 7));
    export("behindIt", false, part(14, 15), part(7, 8));

    for (String name : List.of("otherCursor", "otherStore", "unfinished", "behindIt")) {
      assertThrows(MissingRunException.class, () -> orderOf(name), name);
    }
    assertThrows(MissingRunException.class, () -> superfluous(1));
    complete("unfinished");
    assertEquals(List.of("a", "b", "unfinished", "behindIt"), orderOf("behindIt"));
  }

  @Test
  void shouldLeaveToPeopleWhatGoesOnWithNoneAndWhatIsDamaged() throws Exception {
    export("a", true, part(0, 10), part(0, 5));
    export("byHand", false, false, STORE, part(0, 3), part(0, 3));
    complete("byHand");
    export("damaged", false, part(10, 12), part(5, 6));
    Files.write(root.resolve("damaged/export.json"), new byte[3]);
    export("left", false, true, STORE, part(10, 13), part(5, 6));
    export("b", false, part(10, 14), part(5, 6));
    Files.createDirectories(root.resolve("other"));

    assertEquals(
        List.of("damaged", "a", "byHand", "left", "b"), names(ExportHistory.of(root).all()));
    assertThrows(MissingRunException.class, () -> orderOf("byHand"));
    assertEquals(List.of("left"), superfluous(1));
    assertThrows(IllegalArgumentException.class, () -> superfluous(0));
  }

  @Test
  void shouldBeEmptyWhereNothingIs() throws Exception {
    ExportHistory history = ExportHistory.of(root.resolve("none"));

    assertEquals(List.of(), history.all());
    assertNull(history.newest());
    assertTrue(history.superfluous(1).isEmpty());
  }
}
