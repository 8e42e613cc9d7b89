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
import io.tidemark.errors.TidemarkException;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.state.BlockStates;
import io.tidemark.storage.Directories;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.PowerCutDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A store with a known history, files of every kind and a way to damage each byte of them and put
 * it right again; holds what is answered in between against the history.
 */
final class DamagedStore {
  static final String SHARD = "damaged log";
  static final TrackerOptions OPTIONS =
      TrackerOptions.builder()
          .unlimited()
          .maxOpenEvents(1000)
          .segmentsPerCheckpoint(1)
          .journalRollBytes(1 << 16)
          .journalKeepBytes(1 << 30)
          .build();

  /** Versions, one record each; the last ones are not sealed. */
  static final int VERSIONS = 36;

  static final int VERSIONS_SEALED = 30;
  private static final int BLOCKS = 40;
  private static final int FLUSHED = 9;

  /** Zeros that part the queue's own structures in a file from the records behind them. */
  private static final int GAP_BEFORE_RECORDS = 256;

  private static final List<String> KINDS =
      List.of("STORE", "checkpoint-", ".seg", ".snap", ".cat", "STAMP");

  /** One event of the store's history. */
  private record Event(long version, BlockEventType type, long block) {}

  private final Path root;
  private final Path copy;
  private final long seed;
  private final List<Event> events = new ArrayList<>();
  private int damaged;
  private int opened;
  private int refused;
  private int incomplete;

  /**
   * Writes the store.
   *
   * @param copy where copies of it are opened for writing
   */
  DamagedStore(Path root, Path copy, long seed) throws IOException {
    this.root = root;
    this.copy = copy;
    this.seed = seed;
    write(root);
  }

  Path root() {
    return root;
  }

  /**
   * Two clean lives with a segment every six versions, and one that was killed.
   *
   * <p>Maintenance is done at once: every store written with a seed has the same files.
   */
  private void write(Path store) throws IOException {
    events.clear();
    Random random = new Random(seed);
    RecordBuffer record = new RecordBuffer();
    ChangeTracker tracker = open(store);
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
        tracker = open(store);
      }
    }
    tracker.abandon();
  }

  private static ChangeTracker open(Path store) throws IOException {
    return ChangeTracker.open(Environments.real(), store, SHARD, OPTIONS);
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
  void verifyReader(String what) throws IOException {
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
  void verifyWriter(String what) throws IOException {
    copyStore();
    opened++;
    try (ChangeTracker tracker = ChangeTracker.open(copy, SHARD, OPTIONS)) {
      boolean isLost = !tracker.recovery().lost().isEmpty();
      verifyAnswers(tracker.view(), isLost, what);
      WalPosition end = tracker.view().completeThrough();
      if (!isLost && end != null) {
        verifyMetadata(tracker, end.walOffset(), what);
      }
    } catch (TidemarkException e) {
      refused++;
      Directories.deleteTree(copy);
      return;
    }
    try (ChangeTracker tracker = ChangeTracker.open(copy, SHARD, OPTIONS)) {
      verifyAnswers(tracker.view(), !tracker.recovery().lost().isEmpty(), what + ", again");
    }
    Directories.deleteTree(copy);
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
  void verifyCheck(Path file, String what) throws IOException {
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

  private void copyStore() throws IOException {
    try {
      PowerCutDisk.copy(root, copy);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  // Damage.

  /** Returns the files that can be damaged. */
  List<Path> files() throws IOException {
    return FileTrees.files(root).stream()
        .filter(file -> !String.valueOf(file.getFileName()).equals("LOCK"))
        .toList();
  }

  /** Returns a file of each kind of ours: the newest. */
  List<Path> kinds() throws IOException {
    List<Path> result = new ArrayList<>();
    for (String kind : KINDS) {
      List<Path> all =
          files().stream().filter(file -> file.getFileName().toString().contains(kind)).toList();
      result.add(all.get(all.size() - 1));
    }
    return result;
  }

  /** Returns the files of the journal's queues, oldest first. */
  List<Path> journalFiles() throws IOException {
    return files().stream().filter(file -> file.toString().endsWith(".cq4")).toList();
  }

  /** A file and its bytes as they should be; behind its content there are zeros. */
  static final class Original {
    private final Path file;
    private final byte[] content;
    private final long length;

    private Original(Path file, byte[] content, long length) {
      this.file = file;
      this.content = content;
      this.length = length;
    }

    static Original of(Path file) throws IOException {
      byte[] bytes = Files.readAllBytes(file);
      int length = bytes.length;
      while (length > 0 && bytes[length - 1] == 0) {
        length--;
      }
      byte[] content = new byte[length];
      System.arraycopy(bytes, 0, content, 0, length);
      return new Original(file, content, bytes.length);
    }

    int contentLength() {
      return content.length;
    }

    /** Returns the places below a limit where there are bytes other than zero. */
    List<Integer> written(int limit) {
      List<Integer> offsets = new ArrayList<>();
      for (int offset = 0; offset < Math.min(limit, content.length); offset++) {
        if (content[offset] != 0) {
          offsets.add(offset);
        }
      }
      return offsets;
    }

    /** Returns where the records of a queue's file begin. */
    int recordsFrom() {
      int from = content.length;
      int zeros = 0;
      while (from > 0 && zeros < GAP_BEFORE_RECORDS) {
        from--;
        zeros = content[from] == 0 ? zeros + 1 : 0;
      }
      return from + zeros;
    }

    void flip(int offset, int bit) throws IOException {
      put(offset, (byte) ((offset < content.length ? content[offset] : 0) ^ (1 << bit)));
    }

    void unflip(int offset) throws IOException {
      put(offset, offset < content.length ? content[offset] : 0);
    }

    private void put(int offset, byte value) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[] {value}), offset);
      }
    }

    void cut(int keep) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(keep);
      }
    }

    void restore() throws IOException {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(content), 0);
        if (channel.size() < length) {
          channel.write(ByteBuffer.allocate(1), length - 1);
        }
      }
    }
  }

  /** Returns how many damaged stores were looked at. */
  int damaged() {
    return damaged;
  }

  /** Returns how many answers said that everything has to be copied. */
  int incomplete() {
    return incomplete;
  }

  void print(String what) {
    System.out.println(
        "StoreDamageTest "
            + what
            + ": damaged="
            + damaged
            + ", opened for writing="
            + opened
            + ", refused="
            + refused
            + ", answers FULL_REQUIRED="
            + incomplete
            + ", seed="
            + seed);
  }
}
