package io.tidemark.tdengine.tsdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.tdengine.RecycledHistory;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.testing.FileTrees;
import io.tidemark.tracker.ChangeSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A store that begins behind recycled log knows from data files what exists, and never more. */
class TsdbHistoryTest {
  @TempDir Path directory;

  static Stream<VnodeDirectory> vnodes() {
    return FlushedCorpus.vnodes();
  }

  /** Copies a vnode without the first segments of its log, as a server recycles them. */
  private VnodeDirectory recycled(VnodeDirectory vnode, int segmentsGone) throws IOException {
    Path copy = directory.resolve(segmentsGone + "/" + String.valueOf(vnode.path().getFileName()));
    Files.createDirectories(copy.getParent());
    FileTrees.copy(vnode.path(), copy);
    for (Path file : segments(vnode).subList(0, segmentsGone)) {
      Files.delete(copy.resolve("wal").resolve(file.getFileName()));
    }
    return VnodeDirectory.find(copy).get(0);
  }

  private static List<Path> segments(VnodeDirectory vnode) throws IOException {
    return FileTrees.files(vnode.walDirectory()).stream()
        .filter(file -> file.toString().endsWith(".log"))
        .toList();
  }

  private static ChangeSet after(FollowedStore store, long version) {
    return store.tracker().view().changedAfter(new WalPosition(1, version));
  }

  /** Leaves out dropped tables, whose rows the server may have merged away before the scan. */
  private static Set<String> living(List<Long> tables, Set<String> blocks) {
    Set<String> living = new TreeSet<>(blocks);
    living.removeIf(block -> !tables.contains(Long.valueOf(block.split("/", -1)[0])));
    return living;
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldKnowEveryDataBlockThatIsThereAndEveryLaterChange(VnodeDirectory vnode)
      throws Exception {
    List<Long> tables =
        FlushedCorpus.liveTables(vnode.path().resolveSibling(""), vnode.config().database());
    try (FollowedStore whole =
        new FollowedStore(vnode, directory.resolve("whole"), RecycledHistory.NONE)) {
      for (int gone = 1; gone < segments(vnode).size(); gone++) {
        VnodeDirectory cut = recycled(vnode, gone);
        Path root = directory.resolve("seeded" + gone);
        try (FollowedStore seeded = new FollowedStore(cut, root, new TsdbHistory(cut))) {
          long end = seeded.report().newHoles().get(0).last();
          WalPosition through = seeded.tracker().view().completeThrough();
          // Nothing is complete yet where the rest of the log is empty.
          long last = through == null ? -1 : through.walOffset();

          ChangeSet ever = seeded.tracker().view().changedEver();
          assertEquals(Verdict.FULL_REQUIRED, ever.verdict());
          Set<String> files = new TreeSet<>();
          TsdbScanner.scan(cut)
              .tables()
              .forEach(rows -> files.add(rows.uid() + "/" + rows.fileSet()));
          assertTrue(seeded.dataBlocks(ever, true).containsAll(files));
          for (long version = end; version <= last; version++) {
            long base = version;
            // What alters a table by a name that the log does not hold is a hole of its own.
            boolean hasHole =
                seeded.report().newHoles().stream().anyMatch(hole -> hole.last() > base);
            assertEquals(
                hasHole ? Verdict.FULL_REQUIRED : Verdict.EXACT, after(seeded, version).verdict());
            assertEquals(
                living(tables, whole.dataBlocks(after(whole, version), true)),
                living(tables, seeded.dataBlocks(after(seeded, version), true)),
                "after " + version);
          }
          for (long version = 0; version < Math.min(end, last); version++) {
            assertEquals(Verdict.FULL_REQUIRED, after(seeded, version).verdict());
            assertTrue(
                seeded
                    .dataBlocks(after(seeded, version), true)
                    .containsAll(whole.dataBlocks(after(whole, version), false)),
                "after " + version);
          }
          assertEquals(List.of(), seeded.crossCheck(TsdbScanner.scan(cut)).missed());
        }
      }
    }
  }

  @Test
  void shouldSeeADropOfRowsThatAreOlderThanTheLog() throws Exception {
    VnodeDirectory vnode =
        vnodes()
            .filter(one -> one.path().endsWith("s6-wave3-flushed/vnode23"))
            .findFirst()
            .orElseThrow();
    VnodeDirectory cut = recycled(vnode, 3);

    try (FollowedStore blind =
            new FollowedStore(cut, directory.resolve("blind"), RecycledHistory.NONE);
        FollowedStore seeded =
            new FollowedStore(cut, directory.resolve("seeded"), new TsdbHistory(cut))) {
      long end = blind.report().newHoles().get(0).last();

      Set<String> without = blind.dataBlocks(after(blind, end), true);
      Set<String> with = seeded.dataBlocks(after(seeded, end), true);

      assertTrue(with.containsAll(without));
      assertTrue(with.size() > without.size(), "with=" + with + ", without=" + without);
    }
  }

  @Test
  void shouldSayInTheHoleWhatIsKnownOfIt() throws Exception {
    VnodeDirectory vnode = vnodes().findFirst().orElseThrow();
    VnodeDirectory cut = recycled(vnode, 1);

    try (FollowedStore store =
        new FollowedStore(cut, directory.resolve("store"), new TsdbHistory(cut))) {
      String reason = store.report().newHoles().get(0).reason();

      assertTrue(
          reason.matches(
              "recycled by the server before it was read;"
                  + " data files show \\d+ data blocks of it"),
          reason);
    }
  }

  @Test
  void shouldFollowTheLogAlthoughDataFilesAreDamaged() throws Exception {
    VnodeDirectory cut = recycled(vnodes().findFirst().orElseThrow(), 1);
    Path head =
        FileTrees.files(cut.dataFileDirectory()).stream()
            .filter(file -> file.toString().endsWith(".head"))
            .findFirst()
            .orElseThrow();
    byte[] bytes = Files.readAllBytes(head);
    bytes[600] ^= 1;
    Files.write(head, bytes);

    try (FollowedStore store =
        new FollowedStore(cut, directory.resolve("store"), new TsdbHistory(cut))) {
      String reason = store.report().newHoles().get(0).reason();

      assertTrue(
          reason.startsWith(
              "recycled by the server before it was read; data files tell nothing of it:"
                  + " malformed data file: wrong checksum of a page: page=0, "),
          reason);
      assertEquals(1, store.report().newHoles().size());
      assertTrue(store.report().isAtEnd());
    }
  }

  @Test
  void shouldSeedAgainAfterACrashBeforeTheHoleWasJournaled() throws Exception {
    VnodeDirectory cut = recycled(vnodes().findFirst().orElseThrow(), 1);
    Path root = directory.resolve("store");
    RecycledHistory crashing =
        (first, last, handler) -> {
          new TsdbHistory(cut).replay(first, last, handler);
          throw new IllegalStateException("crash");
        };

    assertThrows(IllegalStateException.class, () -> new FollowedStore(cut, root, crashing));

    try (FollowedStore once =
            new FollowedStore(cut, directory.resolve("once"), new TsdbHistory(cut));
        FollowedStore twice = new FollowedStore(cut, root, new TsdbHistory(cut))) {
      assertEquals(once.report().newHoles(), twice.report().newHoles());
      assertEquals(
          once.dataBlocks(once.tracker().view().changedEver(), true),
          twice.dataBlocks(twice.tracker().view().changedEver(), true));
      assertFalse(twice.dataBlocks(twice.tracker().view().changedEver(), true).isEmpty());
    }
  }
}
