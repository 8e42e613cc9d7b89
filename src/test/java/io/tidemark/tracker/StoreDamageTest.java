package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.BlockMaxima;
import io.tidemark.block.BlockMetadata;
import io.tidemark.block.BlockState;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.state.BlockStates;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.MemoryTempDir;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts and flips bits in every kind of file: the right answer, the right verdict or a refusal,
 * never a wrong answer.
 *
 * <p>{@code -Dtidemark.damage.flips=N} flips more bits of each file, {@code
 * -Dtidemark.damage.seed=S} others.
 */
@Timeout(300)
class StoreDamageTest {
  private static final int FLIPS = Integer.getInteger("tidemark.damage.flips", 60);
  private static final long SEED = Long.getLong("tidemark.damage.seed", 1);
  private static final int CUTS = 12;

  /** One in so many damaged stores is opened for writing, too. */
  private static final int OPENED = 8;

  private static final String SHARD = "damaged log";
  private static final TrackerOptions OPTIONS = new TrackerOptions(1000, 1, 1 << 16, 1 << 30);
  private static final int BLOCKS = 40;

  /** Versions, one record each; the last ones are not sealed. */
  private static final int VERSIONS = 36;

  private static final int VERSIONS_SEALED = 30;
  private static final int FLUSHED = 9;

  /** One event of the store's history. */
  private record Event(long version, BlockEventType type, long block) {}

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private final List<Event> events = new ArrayList<>();
  private Path root = Path.of(".");
  private int damaged;
  private int refused;
  private int incomplete;

  @BeforeEach
  void createStore() throws IOException {
    root = directory.resolve("store");
    write(root);
  }

  /** Two clean lives with a segment every six versions, and one that was killed. */
  private void write(Path store) throws IOException {
    events.clear();
    Random random = new Random(SEED);
    RecordBuffer record = new RecordBuffer();
    ChangeTracker tracker = ChangeTracker.open(store, SHARD, OPTIONS);
    for (int version = 0; version < VERSIONS; version++) {
      if (version == 0) {
        for (int block = 1; block <= BLOCKS; block++) {
          record.assign(block, ("block " + block).getBytes(StandardCharsets.UTF_8));
        }
      }
      for (int i = 0; i < 5; i++) {
        BlockEventType type = BlockEventType.ofCode(random.nextInt(4));
        long block = 1L + random.nextInt(BLOCKS);
        record.event(type, block, version, 1000L * version);
        events.add(new Event(version, type, block));
      }
      if (version == FLUSHED) {
        record.flushAll(version, 1000L * version);
      }
      record.cover(version, version, new byte[] {(byte) version});
      tracker.append(record);
      if (version < VERSIONS_SEALED && version % 6 == 5) {
        tracker.seal();
      }
      if (version == 11 || version == 23) {
        tracker.metadata(1);
        tracker.close();
        tracker = ChangeTracker.open(store, SHARD, OPTIONS);
      }
    }
    tracker.abandon();
  }

  // What the answers have to be.

  private Set<Long> changed(long after, long through) {
    Set<Long> blocks = new TreeSet<>();
    for (Event event : events) {
      if (event.type.isChange() && event.version > after && event.version <= through) {
        blocks.add(event.block);
      }
    }
    return blocks;
  }

  private Map<Long, BlockMaxima> histories(long through) {
    Map<Long, BlockMaxima> result = new TreeMap<>();
    for (Event event : events) {
      if (event.version <= through) {
        result
            .computeIfAbsent(event.block, unused -> new BlockMaxima())
            .fold(event.type, 1, event.version);
      }
    }
    if (through >= FLUSHED) {
      result.values().forEach(maxima -> maxima.fold(BlockEventType.FLUSH, 1, FLUSHED));
    }
    return result;
  }

  private static Set<Long> blocks(ChangeSet answer) {
    Set<Long> blocks = new TreeSet<>();
    answer.changes().forEach(change -> blocks.add(change.blockId()));
    return blocks;
  }

  private void verifyAnswers(StoreView view, boolean isLost, String what) {
    WalPosition end = view.completeThrough();
    long through = end == null ? -1 : end.walOffset();
    for (long base = -1; base < VERSIONS; base++) {
      ChangeSet answer =
          base < 0 ? view.changedEver() : view.changedAfter(new WalPosition(1, base));
      String at = what + ", after " + base;
      if (answer.verdict() == Verdict.EXACT) {
        assertEquals(changed(base, through), blocks(answer), at);
      } else if (base <= through) {
        incomplete++;
        assertEquals(Verdict.FULL_REQUIRED, answer.verdict(), at);
        assertTrue(isLost, at + ": full required, and nothing is lost");
        assertTrue(changed(base, VERSIONS).containsAll(blocks(answer)), at);
      } else if (!isLost) {
        assertEquals(Verdict.NOT_READY, answer.verdict(), at);
      }
    }
    ChangeSet since = view.changedSince(0);
    if (since.verdict().isComplete()) {
      assertEquals(changed(-1, through), blocks(since), what);
    }
    if (!isLost) {
      assertTrue(through >= 0, what);
    }
  }

  private void verifyStates(BlockStates states, long through, String what) {
    histories(through)
        .forEach((block, maxima) -> assertEquals(maxima.state(), states.state(block), what));
  }

  /** Reads the damaged store as another process does. */
  private void verifyReader(String what) throws IOException {
    try {
      StoreReader reader = StoreReader.open(root);
      boolean isLost = !reader.report().lost().isEmpty();
      verifyAnswers(reader.view(), isLost, what);
      WalPosition end = reader.view().completeThrough();
      if (!isLost && end != null) {
        verifyStates(reader.states(), end.walOffset(), what);
        assertEquals(BLOCKS, reader.catalog().size(), what);
      }
    } catch (TidemarkException e) {
      refused++;
    }
    damaged++;
  }

  /** Opens a copy of the damaged store for writing, asks it and asks it again later. */
  private void verifyWriter(String what) throws IOException {
    Path copy = directory.resolve("copy");
    FileTrees.copy(root, copy);
    try (ChangeTracker tracker = ChangeTracker.open(copy, SHARD, OPTIONS)) {
      boolean isLost = !tracker.recovery().lost().isEmpty();
      verifyAnswers(tracker.view(), isLost, what);
      WalPosition end = tracker.view().completeThrough();
      if (!isLost && end != null) {
        verifyMetadata(tracker, end.walOffset(), what);
      }
    } catch (TidemarkException e) {
      refused++;
      FileTrees.delete(copy);
      return;
    }
    try (ChangeTracker tracker = ChangeTracker.open(copy, SHARD, OPTIONS)) {
      verifyAnswers(tracker.view(), !tracker.recovery().lost().isEmpty(), what + ", again");
    }
    FileTrees.delete(copy);
  }

  private void verifyMetadata(ChangeTracker tracker, long through, String what) throws IOException {
    for (Map.Entry<Long, BlockMaxima> entry : histories(through).entrySet()) {
      BlockMetadata metadata = tracker.metadata(entry.getKey());
      assertTrue(metadata != null, what + ", block " + entry.getKey());
      BlockState state = entry.getValue().state();
      assertEquals(state, metadata == null ? null : metadata.state(), what);
      assertEquals(entry.getValue().lastChange(), metadata == null ? null : metadata.last(), what);
    }
  }

  /** Checks what the check says of a file whose bytes are wrong. */
  private void verifyCheck(Path file, String what) throws IOException {
    String name = String.valueOf(file.getFileName());
    if (name.equals("STORE")) {
      assertThrows(CorruptFileException.class, () -> StoreCheck.run(root), what);
      return;
    }
    boolean isTruth = name.endsWith(".seg");
    if (!isTruth
        && !name.endsWith(".snap")
        && !name.endsWith(".cat")
        && !name.startsWith("checkpoint-")) {
      return;
    }
    StoreCheck.Severity severity = isTruth ? StoreCheck.Severity.TRUTH : StoreCheck.Severity.VIEW;
    assertTrue(
        StoreCheck.run(root).findings().stream()
            .anyMatch(
                finding ->
                    finding.file().equals(file)
                        && finding.severity() == severity
                        && finding.message().startsWith("corrupt file: ")),
        what);
  }

  // Damage.

  private List<Path> files() throws IOException {
    return FileTrees.files(root).stream()
        .filter(file -> !String.valueOf(file.getFileName()).equals("LOCK"))
        .toList();
  }

  /** Returns the offset behind the last byte that is not zero. */
  private static int contentLength(byte[] bytes) {
    int length = bytes.length;
    while (length > 0 && bytes[length - 1] == 0) {
      length--;
    }
    return length;
  }

  private void verifyCuts(List<Path> files) throws IOException {
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      int length = Math.min(bytes.length - 1, contentLength(bytes) + 100);
      for (int cut = 0; cut <= CUTS && length >= 0; cut++) {
        int keep = (int) ((long) length * cut / CUTS);
        String what = root.relativize(file) + " cut at " + keep;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.truncate(keep);
        }
        verifyReader(what);
        verifyCheck(file, what);
        if (damaged % OPENED == 0) {
          verifyWriter(what);
        }
        Files.write(file, bytes);
      }
    }
  }

  private void verifyFlips(List<Path> files) throws IOException {
    Random random = new Random(SEED);
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      int length = Math.min(bytes.length, contentLength(bytes) + 100);
      for (int flip = 0; flip < FLIPS && length > 0; flip++) {
        int offset = random.nextInt(length);
        int bit = random.nextInt(Byte.SIZE);
        String what = root.relativize(file) + ", offset " + offset + ", bit " + bit;
        put(file, offset, (byte) (bytes[offset] ^ (1 << bit)));
        verifyReader(what);
        if (damaged % OPENED == 0) {
          verifyCheck(file, what);
          verifyWriter(what);
        }
        put(file, offset, bytes[offset]);
      }
    }
  }

  private static void put(Path file, int offset, byte value) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {value}), offset);
    }
  }

  private void print(String what) {
    System.out.println(
        "StoreDamageTest "
            + what
            + ": damaged="
            + damaged
            + ", refused="
            + refused
            + ", answers FULL_REQUIRED="
            + incomplete
            + ", seed="
            + SEED);
  }

  @Test
  void shouldNotMissAChangeWhereverABitIsFlipped() throws IOException {
    verifyFlips(files());
    print("bits with journal");
  }

  @Test
  void shouldNotMissAChangeWhereverABitIsFlippedWithoutAJournal() throws IOException {
    FileTrees.delete(root.resolve("journal"));

    verifyFlips(files());
    print("bits without journal");

    assertTrue(incomplete > 0);
  }

  @Test
  void shouldNotMissAChangeWhereverAFileIsCut() throws IOException {
    verifyCuts(files());
    print("cuts with journal");
  }

  @Test
  void shouldNotMissAChangeWhereverAFileIsCutWithoutAJournal() throws IOException {
    FileTrees.delete(root.resolve("journal"));

    verifyCuts(files());
    print("cuts without journal");

    assertTrue(incomplete > 0);
  }

  @Test
  void shouldNotMissAChangeWhateverFileIsGone() throws IOException {
    for (boolean hasJournal : new boolean[] {true, false}) {
      if (!hasJournal) {
        FileTrees.delete(root.resolve("journal"));
      }
      for (Path file : files()) {
        byte[] bytes = Files.readAllBytes(file);
        Files.delete(file);
        String what = root.relativize(file) + " gone, journal " + hasJournal;

        verifyReader(what);
        verifyWriter(what);

        Files.write(file, bytes);
      }
    }
    print("files gone");
  }

  @Test
  void shouldRefuseAFileOfAnotherStore() throws IOException {
    Path other = directory.resolve("other");
    write(other);
    for (Path file : files()) {
      String name = root.relativize(file).toString();
      if (name.startsWith("journal") || name.startsWith("metadata") || name.equals("STORE")) {
        continue;
      }
      byte[] bytes = Files.readAllBytes(file);
      Files.copy(other.resolve(name), file, StandardCopyOption.REPLACE_EXISTING);
      String expected =
          String.format(
              "file belongs to another store: expected=%016x, actual=%016x, file=%s",
              StoreIdentity.open(root).storeId(), StoreIdentity.open(other).storeId(), file);
      boolean isTruth = name.startsWith("segments");

      if (isTruth) {
        assertEquals(
            expected,
            assertThrows(ForeignFileException.class, () -> StoreReader.open(root)).getMessage());
        assertEquals(
            expected,
            assertThrows(ForeignFileException.class, () -> ChangeTracker.open(root, SHARD, OPTIONS))
                .getMessage());
      } else {
        verifyReader(name + " of another store");
      }
      assertTrue(
          StoreCheck.run(root).findings().stream()
              .anyMatch(
                  finding -> finding.file().equals(file) && finding.message().equals(expected)),
          name);

      Files.write(file, bytes);
    }
  }

  @Test
  void shouldNotTakeInAJournalOfAnotherStore() throws IOException {
    Path other = directory.resolve("other");
    write(other);
    FileTrees.delete(root.resolve("journal"));
    FileTrees.copy(other.resolve("journal"), root.resolve("journal"));

    StoreReader reader = StoreReader.open(root);

    assertEquals(new WalPosition(1, VERSIONS_SEALED - 1), reader.view().completeThrough());
    verifyReader("journal of another store");
  }
}
