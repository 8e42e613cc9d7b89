package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.WalPosition;
import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.ForeignFileException;
import io.tidemark.errors.NotAStoreException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.StorageFile;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log and the blocks of an embedded engine as somebody else reads them meanwhile. */
class EmbeddedLogTailTest {
  private static final Path ROOT = Path.of("/disk/engine");
  private static final byte[] CONTENT = {1, 2, 3};
  private static final int CHANGES = Rounds.of("tidemark.tail.changes", 40_000, 8_000);
  private static final int BLOCKS = 100;
  private static final int CHANGES_PER_LIFE = 999;

  private final EmbeddedOptions options =
      new EmbeddedOptions(1, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 4, () -> 7);
  private final RecordedCalls sink = new RecordedCalls();
  private MemoryStorageIO io = new MemoryStorageIO();
  @TempDir private Path directory;

  @Test
  void shouldGiveWhatAnOpenEngineWritesAndPromiseItEachTime() throws Exception {
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options);
        EmbeddedLogTail tail = EmbeddedLogTail.open(io, ROOT, null)) {
      engine.create(5, CONTENT);

      assertTrue(tail.read(100, sink));
      engine.update(5, CONTENT);
      engine.flush();
      assertFalse(tail.read(1, sink));
      assertTrue(tail.read(100, sink));

      assertEquals(
          List.of(
              "continue from 0",
              "complete through 0",
              "CREATE 5 at 1 time 7",
              "complete through 1",
              "UPDATE 5 at 2 time 7",
              "complete through 2",
              "continue from 3",
              "flush all at 3 time 7",
              "complete through 3"),
          sink.take());
      assertEquals(new WalPosition(1, 3), tail.position());
      assertEquals(engine.shard(), EmbeddedLogTail.shard(io, ROOT));
    }
  }

  @Test
  void shouldBeginWhereTheLogDoesUpToTheHighestOffset() throws Exception {
    for (long first : new long[] {5, Long.MIN_VALUE, EmbeddedEngine.LAST_WAL_OFFSET}) {
      Path root = directory.resolve(Long.toUnsignedString(first));
      EmbeddedOptions high = new EmbeddedOptions(first, 1, 1, 0, 1, 2, () -> 7);
      try (EmbeddedEngine engine = EmbeddedEngine.open(root, high);
          EmbeddedLogTail tail = EmbeddedLogTail.open(FileStorageIO.INSTANCE, root, null)) {
        assertTrue(tail.read(9, sink));
        engine.create(1, CONTENT);
        assertTrue(tail.read(9, sink));

        String at = Long.toUnsignedString(first);
        assertTrue(sink.take().contains("CREATE 1 at " + at + " time 7"), at);
        assertEquals(new WalPosition(1, first), tail.position());
        assertTrue(tail.read(9, sink));
        assertEquals(List.of(), sink.take());
      }
    }
  }

  @Test
  void shouldTellOfARollbackAndOfTheRecordsItTookBackLate() throws Exception {
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options);
        EmbeddedLogTail tail = EmbeddedLogTail.open(io, ROOT, null)) {
      engine.create(5, CONTENT);
      tail.read(100, sink);
      engine.create(6, CONTENT);
      engine.rollbackTo(1);
      sink.take();

      assertTrue(tail.read(100, sink));

      assertEquals(
          List.of(
              "CREATE 6 at 2 time 7",
              "complete through 2",
              "continue from 3",
              "rolled back to 2 time 7",
              "complete through 2"),
          sink.take());
      assertEquals(new WalPosition(2, 2), tail.position());
    }
  }

  @Test
  void shouldWaitForARecordThatIsBeingWrittenAndTakeWhatReplacesIt() throws Exception {
    io.capacity(1 << 20);
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options);
        EmbeddedLogTail tail = EmbeddedLogTail.open(io, ROOT, null)) {
      engine.create(5, CONTENT);
      tail.read(100, sink);
      sink.take();

      // The header is written, its content finds no space.
      io.capacity(io.used() + EmbeddedLogDescriptor.HEADER_LENGTH);
      assertThrows(IOException.class, () -> engine.create(6, new byte[5_000]));
      assertTrue(tail.read(100, sink));
      assertEquals(List.of(), sink.take());
      io.capacity(1 << 20);
      engine.create(7, CONTENT);
      assertTrue(tail.read(100, sink));

      assertEquals(List.of("CREATE 7 at 2 time 7", "complete through 2"), sink.take());
    }
  }

  @Test
  void shouldWaitForAnEngineThatLostWhatWasReadAndWasNotOpenedSince() throws Exception {
    EmbeddedEngine lost = EmbeddedEngine.open(io, ROOT, options);
    lost.create(5, CONTENT);
    lost.create(6, CONTENT);
    io = io.after(PowerCut.keepingForced());

    try (EmbeddedLogTail tail = EmbeddedLogTail.open(io, ROOT, new WalPosition(1, 2))) {
      assertTrue(tail.read(100, sink));
      assertEquals(List.of("continue from 3", "complete through 2"), sink.take());
      try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options)) {
        assertTrue(tail.read(100, sink));

        assertEquals(new WalPosition(2, engine.walOffset()), tail.position());
        assertEquals(
            List.of("continue from 3", "rolled back to 1 time 7", "complete through 1"),
            sink.take());
      }
    }
  }

  @Test
  void shouldNameWhatWasRecycledBeforeItWasRead() throws Exception {
    EmbeddedOptions forgetful = new EmbeddedOptions(1, 1 << 20, 1 << 20, 0, 1 << 20, 4, () -> 7);
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, forgetful)) {
      engine.create(5, CONTENT);
      engine.flush();
      engine.create(6, CONTENT);

      try (EmbeddedLogTail tail = EmbeddedLogTail.open(io, ROOT, null)) {
        tail.read(100, sink);
      }

      assertEquals(
          List.of(
              "continue from 2",
              "flush all at 2 time 7",
              "CREATE 6 at 3 time 7",
              "complete through 3"),
          sink.take());
    }
  }

  @Test
  void shouldReadAFileToItsEndThatWasDeletedMeanwhile() throws Exception {
    EmbeddedOptions forgetful = new EmbeddedOptions(1, 1 << 20, 1 << 20, 0, 1 << 20, 4, () -> 7);
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, forgetful);
        EmbeddedLogTail tail = EmbeddedLogTail.open(io, ROOT, null)) {
      engine.create(5, CONTENT);
      tail.read(1, sink);
      engine.create(6, CONTENT);
      engine.flush();
      sink.take();

      tail.read(100, sink);

      assertEquals(
          List.of(
              "CREATE 6 at 2 time 7",
              "complete through 2",
              "continue from 3",
              "flush all at 3 time 7",
              "complete through 3"),
          sink.take());
    }
  }

  @Test
  void shouldRefuseADirectoryWithoutAnEngineAndAnotherEngineInItsPlace() throws Exception {
    io.createDurably(ROOT);
    NotAStoreException none =
        assertThrows(NotAStoreException.class, () -> EmbeddedLogTail.open(io, ROOT, null));
    assertEquals("not an embedded engine: no manifest: directory=" + ROOT, none.getMessage());
    assertFalse(EmbeddedLogTail.isEngine(io, ROOT));
    EmbeddedEngine.open(io, ROOT, options).close();
    assertTrue(EmbeddedLogTail.isEngine(io, ROOT));

    try (EmbeddedLogTail tail = EmbeddedLogTail.open(io, ROOT, null)) {
      tail.read(1, sink);
      io.deleteTree(ROOT);
      EmbeddedEngine.open(io, ROOT, options).close();
      EmbeddedEngine.open(io, ROOT, options).close();

      assertThrows(ForeignFileException.class, () -> tail.read(1, sink));
    }
  }

  @Test
  void shouldRefuseAStoreThatHasMoreThanAClosedEngine() throws Exception {
    EmbeddedEngine.open(io, ROOT, options).close();

    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> EmbeddedLogTail.open(io, ROOT, new WalPosition(1, 9)));

    assertEquals("store is ahead of the log: completeThrough=1/9, log=1/0", refused.getMessage());
  }

  @Test
  void shouldSayWhereAnEndedFileOfTheLogIsDamaged() throws Exception {
    EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options);
    engine.create(5, CONTENT);
    engine.close();
    Path file = io.list(ROOT.resolve("wal")).get(0);
    try (var out = io.openForWriting(file)) {
      out.write(ByteBuffer.wrap(new byte[] {9}), 0);
    }

    try (EmbeddedLogTail tail = EmbeddedLogTail.open(io, ROOT, null)) {
      CorruptFileException damaged =
          assertThrows(CorruptFileException.class, () -> tail.read(1, sink));

      assertEquals(
          "corrupt file: wrong magic: walOffset=1, place=0, file=" + file, damaged.getMessage());
    }
  }

  @Test
  void shouldShowTheBlocksOfOneMomentWhileTheEngineGoesOn() throws Exception {
    EmbeddedOptions forgetful = new EmbeddedOptions(1, 1 << 20, 1 << 20, 0, 1 << 20, 2, () -> 7);
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, forgetful)) {
      engine.create(5, CONTENT);
      engine.flush();
      engine.create(6, CONTENT);
      try (EmbeddedView view = EmbeddedView.open(io, ROOT)) {
        engine.delete(5);
        engine.update(6, new byte[] {4});
        engine.flush();
        engine.rollbackTo(engine.oldestRollback());

        assertEquals(new WalPosition(1, 3), view.position());
        List<Long> ids = new ArrayList<>();
        view.forEachBlock((id, length) -> ids.add(id));
        assertEquals(List.of(5L, 6L), ids);
        assertEquals(CONTENT.length, view.length(5));
        assertEquals(-1, view.length(7));
        for (long id : ids) {
          assertTrue(view.read(id, content -> assertEquals(ByteBuffer.wrap(CONTENT), content)));
        }
        assertFalse(view.read(7, content -> {}));
      }
    }
  }

  /** Reads everything; returns what was told, up to where it was refused. */
  private static List<String> told(MemoryStorageIO image) throws IOException {
    RecordedCalls calls = new RecordedCalls();
    try (EmbeddedLogTail tail = EmbeddedLogTail.open(image, ROOT, null)) {
      tail.read(Long.MAX_VALUE, calls);
    } catch (TidemarkException e) {
      // What came before it counts.
    }
    List<String> events = new ArrayList<>();
    takeEvents(calls, events);
    return events;
  }

  private static Map<Long, ByteBuffer> shown(MemoryStorageIO image) throws IOException {
    Map<Long, ByteBuffer> contents = new HashMap<>();
    try (EmbeddedView view = EmbeddedView.open(image, ROOT)) {
      view.forEachBlock(
          (id, length) ->
              view.read(
                  id,
                  content ->
                      contents.put(id, ByteBuffer.allocate(length).put(content.slice()).flip())));
    } catch (TidemarkException e) {
      // What came before it counts.
    }
    return contents;
  }

  @Test
  void shouldTellAndShowNothingWrongWhateverByteIsWrong() throws Exception {
    EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options);
    engine.create(5, new byte[] {1, 2});
    engine.flush();
    engine.create(6, new byte[] {3, 4});
    engine.rollbackTo(2);
    engine.create(7, new byte[] {5});
    engine.update(5, new byte[] {6});
    final List<String> right = told(io);
    final Map<Long, ByteBuffer> contents = shown(io);
    assertEquals(2, contents.size());
    assertEquals(5, right.size(), right.toString());

    int flips = 0;
    for (Path file : files()) {
      for (int at = 0; at < io.length(file); at++) {
        MemoryStorageIO image = io.after(PowerCut.keepingAll());
        flip(image, file, at);

        List<String> answered = told(image);

        String where = "file=" + file + ", at=" + at;
        assertTrue(answered.size() <= right.size(), where);
        assertEquals(right.subList(0, answered.size()), answered, where);
        for (Map.Entry<Long, ByteBuffer> block : shown(image).entrySet()) {
          ByteBuffer content = block.getValue();
          boolean isOlder =
              block.getKey() == 5 && content.equals(ByteBuffer.wrap(new byte[] {1, 2}));
          assertTrue(isOlder || content.equals(contents.get(block.getKey())), where);
        }
        flips++;
      }
    }
    assertTrue(flips > 500, "flips=" + flips);
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path directory : List.of(ROOT, ROOT.resolve("wal"), ROOT.resolve("data"))) {
      for (Path path : io.list(directory)) {
        if (!io.isDirectory(path)) {
          files.add(path);
        }
      }
    }
    return files;
  }

  private static void flip(MemoryStorageIO image, Path file, int at) throws IOException {
    try (StorageFile open = image.openForWriting(file)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      open.read(one, at);
      one.flip();
      open.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 0x10)}), at);
    }
  }

  /** What a view showed: its moment, and the number of the change that each block came from. */
  private record Look(WalPosition position, Map<Long, Integer> changes) {}

  /** A reader and a looker beside a writer that rolls, flushes, merges, deletes and reopens. */
  @Test
  void shouldMissNothingOfAnEngineThatAnotherThreadChanges() throws Exception {
    EmbeddedOptions busy = new EmbeddedOptions(1, 40_000, 9_000, 1L << 30, 1 << 14, 2, () -> 7);
    EmbeddedEngine.open(directory, busy).close();
    AtomicLongArray offsets = new AtomicLongArray(CHANGES);
    FutureTask<Long> writing = started(() -> change(busy, offsets));
    List<String> given = new ArrayList<>();
    List<Look> looks = new ArrayList<>();
    try (EmbeddedLogTail tail = EmbeddedLogTail.open(FileStorageIO.INSTANCE, directory, null)) {
      boolean isOver = false;
      while (!isOver) {
        isOver = writing.isDone();
        looks.add(look());
        tail.read(Long.MAX_VALUE, sink);
        takeEvents(sink, given);
      }

      assertEquals(new WalPosition(1, writing.get()), tail.position());
    }
    RecordedCalls told = new RecordedCalls();
    try (EmbeddedEngine engine = EmbeddedEngine.open(directory, busy)) {
      engine.start(null, told);
    }
    List<String> expected = new ArrayList<>();
    takeEvents(told, expected);
    assertEquals(expected, given);
    looks.forEach(look -> verify(look, offsets));
  }

  private static void takeEvents(RecordedCalls calls, List<String> events) {
    calls.take().stream().filter(call -> !call.startsWith("co")).forEach(events::add);
  }

  private long change(EmbeddedOptions with, AtomicLongArray offsets) throws IOException {
    EmbeddedEngine engine = EmbeddedEngine.open(directory, with);
    try {
      for (int change = 0; change < CHANGES; change++) {
        byte[] content =
            ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(change)
                .array();
        long block = change % BLOCKS;
        offsets.set(
            change,
            change < BLOCKS ? engine.create(block, content) : engine.update(block, content));
        if (change % CHANGES_PER_LIFE == 0) {
          engine.close();
          engine = EmbeddedEngine.open(directory, with);
        }
      }
      return engine.walOffset();
    } finally {
      engine.close();
    }
  }

  private Look look() throws IOException {
    try (EmbeddedView view = EmbeddedView.open(FileStorageIO.INSTANCE, directory)) {
      Map<Long, Integer> changes = new HashMap<>();
      view.forEachBlock(
          (id, length) -> view.read(id, content -> changes.put(id, content.getInt())));
      return new Look(view.position(), changes);
    }
  }

  private static void verify(Look look, AtomicLongArray offsets) {
    long moment = look.position.walOffset();
    Map<Long, Integer> expected = new HashMap<>();
    for (int change = 0; change < CHANGES && offsets.get(change) <= moment; change++) {
      expected.put((long) change % BLOCKS, change);
    }
    assertEquals(expected, look.changes, look.position::toString);
  }

  private static <T> FutureTask<T> started(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, "writer");
    thread.setDaemon(true);
    thread.start();
    return task;
  }
}
