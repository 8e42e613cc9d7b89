package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RowDeletionsTest {
  private static final int VGROUP = 23;
  private static final WalPosition POSITION = new WalPosition(1, 7);

  @TempDir private Path directory;

  static Stream<VnodeDirectory> vnodes() {
    return Corpus.vnodes();
  }

  /** Reads every deletion that the server applied straight from the log. */
  private static List<String> logged(VnodeDirectory vnode, long first, long last) throws Exception {
    List<String> deletions = new ArrayList<>();
    DeleteDecoder decoder = new DeleteDecoder();
    try (WalReader reader = WalReader.open(vnode.walDirectory())) {
      for (WalReader.Step step = reader.next(); step != WalReader.Step.END; step = reader.next()) {
        if (step != WalReader.Step.RECORD
            || reader.record().messageClass() != MessageClass.DELETE
            || reader.record().version() < first
            || reader.record().version() > last) {
          continue;
        }
        decoder.wrap(reader.record());
        for (int i = 0; decoder.affectedRows() > 0 && i < decoder.uidCount(); i++) {
          deletions.add(
              text(
                  reader.record().version(),
                  decoder.uid(i),
                  decoder.firstTimestamp(),
                  decoder.lastTimestamp()));
        }
      }
    }
    return deletions;
  }

  private static String text(long version, long uid, long first, long last) {
    return version + ": " + uid + " " + first + ".." + last;
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldFindExactlyTheDeletionsOfEveryRange(VnodeDirectory vnode) throws Exception {
    List<BruteForceWal.Message> messages = BruteForceWal.read(vnode.walDirectory());
    long end = messages.get(messages.size() - 1).version();

    try (VnodeStore store = new VnodeStore(vnode, directory)) {
      store.catchUp();
      store.tracker().seal();
      StoreView view = store.tracker().view();
      BlockCatalog names = BlockCatalog.of(store.tracker().catalog());

      for (long from = 0; from <= end; from++) {
        for (long to : new long[] {from, (from + end) / 2, end}) {
          List<RowDeletion> found =
              RowDeletions.of(
                  VGROUP,
                  view,
                  names,
                  view.changedIn(new WalPosition(1, from), new WalPosition(1, to)));

          assertEquals(
              logged(vnode, from, to), found.stream().map(RowDeletionsTest::text).toList());
          found.forEach(deletion -> assertTrue(!deletion.table().isEmpty(), deletion.toString()));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldKnowOfEveryDefinitionWhetherDeletionsAreAllThatChangedIt(VnodeDirectory vnode)
      throws Exception {
    ChangeOracle oracle =
        new ChangeOracle(
            BruteForceWal.read(vnode.walDirectory()), vnode.config().fileSets().ticksPerFileSet());
    long end = oracle.events().stream().mapToLong(ChangeOracle.Event::version).max().orElse(0);
    Set<Long> deletes = new HashSet<>();
    logged(vnode, 0, end)
        .forEach(text -> deletes.add(Long.parseLong(text.substring(0, text.indexOf(':')))));

    try (VnodeStore store = new VnodeStore(vnode, directory)) {
      store.catchUp();
      store.tracker().seal();
      StoreView view = store.tracker().view();
      BlockCatalog names = BlockCatalog.of(store.tracker().catalog());

      for (long from = 0; from <= end; from++) {
        for (long to = from; to <= end; to++) {
          ChangeSet answer = view.changedIn(new WalPosition(1, from), new WalPosition(1, to));
          Set<String> expected = new TreeSet<>();
          for (BlockChange change : answer.changes()) {
            String key = store.keyOf(change.blockId());
            long first = change.first().walOffset();
            long last = change.last().walOffset();
            if (key.startsWith("table")
                && change.kind() == ChangeKind.DIRTY
                && oracle.events().stream()
                    .filter(event -> event.block().equals(key))
                    .filter(event -> event.version() >= first && event.version() <= last)
                    .allMatch(event -> deletes.contains(event.version()))) {
              expected.add(key);
            }
          }

          Set<String> found = new TreeSet<>();
          RowDeletions.onlyDeletions(
                  view, names, answer, RowDeletions.of(VGROUP, view, names, answer))
              .forEach(id -> found.add(store.keyOf(id)));

          assertEquals(expected, found, "range " + from + " to " + to);
        }
      }
    }
  }

  private static String text(RowDeletion deletion) {
    return text(
        deletion.position().walOffset(),
        deletion.uid(),
        deletion.firstTimestamp(),
        deletion.lastTimestamp());
  }

  @Test
  void shouldReadBackWhatTheJournalKeeps() {
    for (long value : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      byte[] bytes = RowDeletion.encode(value, value - 1, value + 1);

      assertEquals(
          new RowDeletion(VGROUP, POSITION, value, "", "", value - 1, value + 1),
          RowDeletion.decode(VGROUP, POSITION, bytes));
    }
  }

  @Test
  void shouldRefuseATombstoneOfAnotherLength() {
    for (int length : new int[] {0, 23, 25, 48}) {
      CorruptFileException refused =
          assertThrows(
              CorruptFileException.class,
              () -> RowDeletion.decode(VGROUP, POSITION, new byte[length]));

      assertEquals(
          "corrupt tombstone: wrong length: expected=24, actual=" + length, refused.getMessage());
    }
  }
}
