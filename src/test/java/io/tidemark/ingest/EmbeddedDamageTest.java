package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.UnsupportedFormatException;
import io.tidemark.storage.StorageFile;
import io.tidemark.testing.EngineHistory;
import io.tidemark.testing.EngineScript;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.RecordingSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An embedded engine's files with wrong bytes: named, or without any effect. */
class EmbeddedDamageTest {
  private static final Path ROOT = Path.of("/disk/engine");
  private static final Path LOGS = ROOT.resolve("wal");
  private static final Path DATA = ROOT.resolve("data");
  private static final int STEPS = 60;
  private static final int FILE_HEADER_LENGTH = 64;
  private static final EmbeddedOptions OPTIONS = EngineScript.smallOptions(1);

  private final EngineHistory history = new EngineHistory(1);
  private final MemoryStorageIO io = new MemoryStorageIO();
  private List<String> events = List.of();

  /** Writes runs, files of the log that were flushed, and some that were not. */
  @BeforeEach
  void write() throws IOException {
    EngineScript script = new EngineScript(new Random(3), history);
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, OPTIONS)) {
      for (int step = 0; step < STEPS; step++) {
        script.step(engine);
      }
      for (long id = 1000; id < 1006; id++) {
        engine.create(id, new byte[40]);
        history.add(BlockEventType.CREATE, id, new byte[40]);
      }
    }
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, OPTIONS)) {
      history.verify(engine);
      events = events(engine);
      assertTrue(engine.statistics().unflushedBlocks() > 0);
      assertTrue(engine.statistics().dataBytes() > 0);
      assertTrue(engine.statistics().generation() > 1);
    }
  }

  private static List<String> events(EmbeddedEngine engine) throws IOException {
    RecordingSink sink = new RecordingSink();
    engine.start(null, sink);
    engine.stop();
    return sink.calls();
  }

  private static List<Path> files(MemoryStorageIO io) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path directory : List.of(ROOT, LOGS, DATA)) {
      for (Path path : io.list(directory)) {
        if (!io.isDirectory(path) && !path.endsWith("LOCK")) {
          files.add(path);
        }
      }
    }
    return files;
  }

  private static boolean isManifest(Path file) {
    return !file.startsWith(LOGS) && !file.startsWith(DATA);
  }

  private MemoryStorageIO copy() {
    return io.after(PowerCut.keepingAll());
  }

  private static byte[] read(MemoryStorageIO io, Path file) throws IOException {
    ByteBuffer content = io.map(file);
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    return bytes;
  }

  private static void write(MemoryStorageIO io, Path file, byte[] bytes, int length)
      throws IOException {
    try (StorageFile out = io.create(file)) {
      out.write(ByteBuffer.wrap(bytes, 0, length), 0);
    }
  }

  /** Uses everything of an engine; returns whether damage was named. */
  private boolean isNamed(MemoryStorageIO damaged) throws IOException {
    try (EmbeddedEngine engine = EmbeddedEngine.open(damaged, ROOT, OPTIONS)) {
      history.verify(engine);
      assertEquals(events, events(engine));
      return false;
    } catch (CorruptFileException | ForeignFileException | UnsupportedFormatException e) {
      assertTrue(String.valueOf(e).contains("file=" + ROOT), e::toString);
      return true;
    }
  }

  /**
   * Whether a byte is part of something that is always used: not what a rollback cut off, nor a
   * content, which may have been written again since.
   */
  private boolean isNeeded(Path file, byte[] bytes, int at) throws IOException {
    ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (file.startsWith(DATA)) {
      int end = bytes.length - EmbeddedDataDescriptor.TRAILER_LENGTH;
      int rows = end - content.getInt(end) * EmbeddedDataDescriptor.ROW_LENGTH;
      return at < FILE_HEADER_LENGTH || at >= rows;
    }
    if (isManifest(file)) {
      return true;
    }
    long record = 0;
    long next = 0;
    while (next <= at) {
      record = next;
      next +=
          EmbeddedLogDescriptor.HEADER_LENGTH
              + content.getInt((int) record + EmbeddedLogDescriptor.CONTENT_LENGTH_OFFSET);
    }
    return at < countedLength(file) && at - record < EmbeddedLogDescriptor.HEADER_LENGTH;
  }

  /** Returns the bytes of a file of the log that count. */
  private long countedLength(Path file) throws IOException {
    EmbeddedDirectory directory = new EmbeddedDirectory(io, ROOT);
    return Objects.requireNonNull(directory.newestManifest()).logs().stream()
        .filter(log -> directory.log(log.generation(), log.first()).equals(file))
        .mapToLong(EmbeddedManifest.LogFile::lengthBytes)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldNameEveryWrongByte() throws IOException {
    int flips = 0;
    for (Path file : files(io)) {
      byte[] bytes = read(io, file);
      for (int at = 0; at < bytes.length; at++) {
        MemoryStorageIO damaged = copy();
        byte[] wrong = bytes.clone();
        wrong[at] ^= (byte) (1 << at % 8);
        write(damaged, file, wrong, wrong.length);
        boolean isNamed = isNamed(damaged);
        assertTrue(isNamed || !isNeeded(file, bytes, at), "at " + at + " of " + file);
        flips++;
      }
    }
    assertTrue(flips > 4_000, "flips " + flips);
  }

  @Test
  void shouldNameEveryFileThatWasCut() throws IOException {
    for (Path file : files(io)) {
      byte[] bytes = read(io, file);
      for (int length = 0; length < bytes.length; length++) {
        MemoryStorageIO damaged = copy();
        write(damaged, file, bytes, length);
        boolean isLog = file.startsWith(LOGS);
        boolean isWhole = isLog && length >= countedLength(file);
        assertTrue(isNamed(damaged) || isWhole, "cut to " + length + ": " + file);
      }
    }
  }

  @Test
  void shouldNotOpenWithoutAFileThatTheManifestNames() throws IOException {
    for (Path file : files(io)) {
      if (!isManifest(file)) {
        MemoryStorageIO missing = copy();
        missing.delete(file);
        assertThrows(NoSuchFileException.class, () -> EmbeddedEngine.open(missing, ROOT, OPTIONS));
      }
    }
  }

  @Test
  void shouldRefuseFilesOfAnotherEngine() throws IOException {
    MemoryStorageIO other = new MemoryStorageIO();
    EngineHistory told = new EngineHistory(1);
    EngineScript script = new EngineScript(new Random(3), told);
    try (EmbeddedEngine engine = EmbeddedEngine.open(other, ROOT, OPTIONS)) {
      for (int step = 0; step < STEPS; step++) {
        script.step(engine);
      }
    }
    int swapped = 0;
    for (Path file : files(io)) {
      if (!isManifest(file) && other.exists(file)) {
        MemoryStorageIO mixed = copy();
        byte[] foreign = read(other, file);
        write(mixed, file, foreign, foreign.length);
        assertTrue(isNamed(mixed), file.toString());
        swapped++;
      }
    }
    assertTrue(swapped > 1, "swapped " + swapped);
  }

  @Test
  void shouldKeepThePrefixOfAnOpenLogWhateverIsWrongInIt() throws IOException {
    MemoryStorageIO open = new MemoryStorageIO();
    EngineHistory told = new EngineHistory(1);
    EmbeddedEngine engine = EmbeddedEngine.open(open, ROOT, EmbeddedOptions.defaults());
    List<Long> ends = new ArrayList<>();
    for (long id = 1; id <= 4; id++) {
      engine.create(id, new byte[9]);
      told.add(BlockEventType.CREATE, id, new byte[9]);
      ends.add(engine.statistics().logBytes());
    }
    Path log = ROOT.resolve("wal/0000000001-00000000000000000001.log");
    byte[] bytes = read(open, log);

    for (int at = 0; at < bytes.length; at++) {
      long place = at;
      long intact = ends.stream().filter(end -> end <= place).count();
      for (boolean isCut : new boolean[] {true, false}) {
        MemoryStorageIO left = open.after(PowerCut.keepingAll());
        byte[] wrong = bytes.clone();
        wrong[at] ^= 0x10;
        write(left, log, wrong, isCut ? at : wrong.length);
        EngineHistory expected = told.copy();
        expected.rollBack(intact);
        try (EmbeddedEngine recovered =
            EmbeddedEngine.open(left, ROOT, EmbeddedOptions.defaults())) {
          expected.verify(recovered);
        }
      }
    }
  }

  @Test
  void shouldSayWhatIsWrongWithALog() throws IOException {
    Path log = files(io).stream().filter(file -> file.toString().endsWith(".log")).toList().get(0);
    byte[] bytes = read(io, log);
    bytes[EmbeddedLogDescriptor.BLOCK_ID_OFFSET] ^= 1;
    write(io, log, bytes, bytes.length);

    CorruptFileException named =
        assertThrows(
            CorruptFileException.class,
            () -> {
              try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, OPTIONS)) {
                events(engine);
              }
            });

    String name = String.valueOf(log.getFileName());
    String first = Long.toString(Long.parseLong(name.substring(11, 31)));
    assertEquals(
        "corrupt file: wrong header CRC: walOffset=" + first + ", place=0, file=" + log,
        named.getMessage());
  }

  @Test
  void shouldRefuseANewerLog() throws IOException {
    MemoryStorageIO open = new MemoryStorageIO();
    EmbeddedEngine.open(open, ROOT, OPTIONS).create(1, new byte[0]);
    Path log = ROOT.resolve("wal/0000000001-00000000000000000001.log");
    ByteBuffer record = ByteBuffer.wrap(read(open, log)).order(ByteOrder.LITTLE_ENDIAN);
    record.putShort(EmbeddedLogDescriptor.VERSION_OFFSET, (short) 2);
    record.putInt(
        EmbeddedLogDescriptor.HEADER_CRC_OFFSET, EmbeddedLogDescriptor.headerCrc(record, 0));
    MemoryStorageIO newer = open.after(PowerCut.keepingAll());
    write(newer, log, record.array(), record.capacity());

    UnsupportedFormatException refused =
        assertThrows(
            UnsupportedFormatException.class, () -> EmbeddedEngine.open(newer, ROOT, OPTIONS));

    assertEquals(
        "log format is not one this program reads: newest=1, actual=2, file=" + log,
        refused.getMessage());
    assertArrayEquals(record.array(), read(newer, log), "nothing was dropped");
  }
}
