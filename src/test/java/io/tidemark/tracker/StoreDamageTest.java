package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import io.tidemark.tracker.DamagedStore.Original;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts and flips bits in every kind of file: the right answer, the right verdict or a refusal,
 * never a wrong answer.
 *
 * <p>{@code -Dtidemark.damage.flips=20000} flips more bits in all, {@code -Dtidemark.damage.seed=S}
 * others.
 */
@Timeout(1800)
class StoreDamageTest {

  /** Two tests share these flips. */
  private static final int FLIPS = Rounds.of("tidemark.damage.flips", 800, 300);

  private static final long SEED = Long.getLong("tidemark.damage.seed", 1);

  /** Bytes from one length a file is cut to to the next. */
  private static final int STEP = Rounds.of("tidemark.damage.step", 9, 32);

  /** The same for a store without a journal. */
  private static final int WIDE_STEP = 50;

  /** Flips in each structure of Chronicle's. */
  private static final int CHRONICLE_FLIPS = Rounds.of("tidemark.damage.chronicle", 60, 20);

  /** One in so many damaged stores is opened for writing, too. */
  private static final int OPENED = 16;

  private static final String MAP_SUFFIX = ".groups";

  /** Bytes of a Chronicle Map file that hold its header. */
  private static final int MAP_HEADER = 4096;

  private static final Duration LIMIT = Duration.ofSeconds(5);

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private DamagedStore store;

  @BeforeEach
  void createStore() throws IOException {
    store = new DamagedStore(directory.resolve("store"), directory.resolve("copy"), SEED);
  }

  private void verify(Path file, String what) throws IOException {
    store.verifyReader(what);
    if (store.damaged() % OPENED == 0) {
      store.verifyCheck(file, what);
      store.verifyWriter(what);
    }
  }

  /** Flips bits in files of ours and in records of the journal, the same number in each. */
  private void verifyFlips() throws IOException {
    Random random = new Random(SEED);
    List<Path> files = new ArrayList<>(store.files());
    files.removeIf(file -> file.toString().endsWith(".cq4t"));
    files.removeIf(file -> file.toString().endsWith(MAP_SUFFIX));
    for (Path file : files) {
      Original original = Original.of(file);
      int from = file.toString().endsWith(".cq4") ? original.recordsFrom() : 0;
      for (int flip = FLIPS / 2 / files.size(); flip >= 0; flip--) {
        int offset = from + random.nextInt(original.contentLength() - from);
        int bit = random.nextInt(Byte.SIZE);
        original.flip(offset, bit);
        verify(file, store.root().relativize(file) + ", offset " + offset + ", bit " + bit);
        original.unflip(offset);
      }
    }
  }

  private void verifyCuts(Path file, int from, int step) throws IOException {
    Original original = Original.of(file);
    for (int keep = from; keep < original.contentLength(); keep += step) {
      original.cut(keep);
      verify(file, store.root().relativize(file) + " cut at " + keep);
      original.restore();
    }
  }

  @Test
  void shouldNotMissAChangeWhereverABitIsFlipped() throws IOException {
    verifyFlips();
    store.print("bits with journal");

    assertTrue(store.damaged() >= FLIPS / 2);
  }

  @Test
  void shouldNotMissAChangeWhereverABitIsFlippedWithoutAJournal() throws IOException {
    FileTrees.delete(store.root().resolve("journal"));

    verifyFlips();
    store.print("bits without journal");

    assertTrue(store.incomplete() > 0);
  }

  @Test
  void shouldNotMissAChangeWhereverAFileIsCut() throws IOException {
    for (Path file : store.kinds()) {
      verifyCuts(file, 0, STEP);
    }
    List<Path> journal = store.journalFiles();
    Path newest = journal.get(journal.size() - 1);
    verifyCuts(newest, Original.of(newest).recordsFrom(), STEP);
    store.print("cuts with journal");
  }

  @Test
  void shouldNotMissAChangeWhereverAFileIsCutWithoutAJournal() throws IOException {
    FileTrees.delete(store.root().resolve("journal"));

    for (Path file : store.files()) {
      if (!file.toString().endsWith(MAP_SUFFIX)) {
        verifyCuts(file, 0, WIDE_STEP);
      }
    }
    store.print("cuts without journal");

    assertTrue(store.incomplete() > 0);
  }

  /** Damages bytes that Chronicle wrote for itself; nobody may hang over them. */
  private void verifyChronicle(Path file, List<Integer> offsets) throws IOException {
    Random random = new Random(SEED);
    Original original = Original.of(file);
    for (int flip = 0; flip < CHRONICLE_FLIPS && flip < offsets.size() * Byte.SIZE; flip++) {
      int offset = offsets.get(random.nextInt(offsets.size()));
      int bit = random.nextInt(Byte.SIZE);
      String what = store.root().relativize(file) + ", offset " + offset + ", bit " + bit;
      original.flip(offset, bit);
      assertTimeoutPreemptively(LIMIT, () -> store.verifyReader(what), what);
      assertTimeoutPreemptively(LIMIT, () -> store.verifyWriter(what), what);
      original.unflip(offset);
    }
  }

  @Test
  void shouldNotHangOverTheHeadersAndIndexesOfTheJournal() throws IOException {
    for (Path file : store.journalFiles()) {
      Original original = Original.of(file);
      verifyChronicle(file, original.written(original.recordsFrom()));
    }
    store.print("headers and indexes of the journal");

    assertTrue(store.damaged() >= CHRONICLE_FLIPS);
  }

  @Test
  void shouldNotTrustTheMetadataOfTheJournal() throws IOException {
    for (Path file : store.files()) {
      if (file.toString().endsWith(".cq4t")) {
        verifyChronicle(file, Original.of(file).written(Integer.MAX_VALUE));
      }
    }
    store.print("metadata of the journal");

    assertTrue(store.damaged() >= CHRONICLE_FLIPS);
  }

  @Test
  void shouldNotHangOverTheHeaderOfTheMetadataMap() throws IOException {
    for (Path file : store.files()) {
      if (file.toString().endsWith(MAP_SUFFIX)) {
        verifyChronicle(file, Original.of(file).written(MAP_HEADER));
      }
    }
    store.print("header of the metadata map");

    assertTrue(store.damaged() >= CHRONICLE_FLIPS);
  }

  @Test
  void shouldNotMissAChangeWhateverFileIsGone() throws IOException {
    for (boolean hasJournal : new boolean[] {true, false}) {
      if (!hasJournal) {
        FileTrees.delete(store.root().resolve("journal"));
      }
      for (Path file : store.files()) {
        DamagedStore.Original original = DamagedStore.Original.of(file);
        Files.delete(file);
        String what = store.root().relativize(file) + " gone, journal " + hasJournal;

        store.verifyReader(what);
        store.verifyWriter(what);

        original.restore();
      }
    }
    store.print("files gone");
  }

  @Test
  void shouldRefuseAFileOfAnotherStore() throws IOException {
    Path other = directory.resolve("other");
    new DamagedStore(other, directory.resolve("copy of other"), SEED);
    for (Path file : store.files()) {
      String name = store.root().relativize(file).toString();
      if (name.startsWith("journal") || name.startsWith("metadata") || name.equals("STORE")) {
        continue;
      }
      byte[] bytes = Files.readAllBytes(file);
      Files.copy(other.resolve(name), file, StandardCopyOption.REPLACE_EXISTING);
      String expected =
          String.format(
              "file belongs to another store: expected=%016x, actual=%016x, file=%s",
              StoreIdentity.open(store.root()).storeId(),
              StoreIdentity.open(other).storeId(),
              file);
      boolean isTruth = name.startsWith("segments");

      if (isTruth) {
        assertEquals(
            expected,
            assertThrows(ForeignFileException.class, () -> StoreReader.open(store.root()))
                .getMessage());
        assertEquals(
            expected,
            assertThrows(
                    ForeignFileException.class,
                    () ->
                        ChangeTracker.open(store.root(), DamagedStore.SHARD, DamagedStore.OPTIONS))
                .getMessage());
      } else {
        store.verifyReader(name + " of another store");
      }
      assertTrue(
          StoreCheck.run(store.root()).findings().stream()
              .anyMatch(
                  finding -> finding.file().equals(file) && finding.message().equals(expected)),
          name);

      Files.write(file, bytes);
    }
  }

  @Test
  void shouldNotTakeInAJournalOfAnotherStore() throws IOException {
    Path other = directory.resolve("other");
    new DamagedStore(other, directory.resolve("copy of other"), SEED);
    FileTrees.delete(store.root().resolve("journal"));
    FileTrees.copy(other.resolve("journal"), store.root().resolve("journal"));

    StoreReader reader = StoreReader.open(store.root());

    assertEquals(
        new WalPosition(1, DamagedStore.VERSIONS_SEALED - 1), reader.view().completeThrough());
    store.verifyReader("journal of another store");
  }
}
