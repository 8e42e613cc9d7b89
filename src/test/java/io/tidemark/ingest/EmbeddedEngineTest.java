package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.InvalidTransitionException;
import io.tidemark.errors.NotAStoreException;
import io.tidemark.errors.StoreFailedException;
import io.tidemark.errors.StoreLockedException;
import io.tidemark.errors.UnknownBlockException;
import io.tidemark.storage.StorageFile;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.Unsigned;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Blocks that are created, updated, deleted, flushed, rolled back and read. */
class EmbeddedEngineTest {
  private static final Path ROOT = Path.of("/disk/engine");
  private static final byte[] ONE = bytes("one");
  private static final byte[] TWO = bytes("twofold");
  private static final EmbeddedOptions OPTIONS = EmbeddedOptions.defaults();

  private MemoryStorageIO io = new MemoryStorageIO();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private EmbeddedEngine open() throws IOException {
    return EmbeddedEngine.open(io, ROOT, OPTIONS);
  }

  /** Opens what a killed process leaves. */
  private EmbeddedEngine openAfterKill() throws IOException {
    io = io.after(PowerCut.keepingAll());
    return open();
  }

  private static List<Long> ids(EmbeddedEngine engine) throws IOException {
    List<Long> ids = new ArrayList<>();
    engine.forEachBlock((id, length) -> ids.add(id));
    return ids;
  }

  private static EmbeddedOptions small(long flushBytes, long logKeepBytes, int dataFileBytes) {
    return new EmbeddedOptions(1, flushBytes, 1 << 20, logKeepBytes, dataFileBytes, 2, () -> 7);
  }

  @Test
  void shouldReadWhatWasLastWritten() throws IOException {
    try (EmbeddedEngine engine = open()) {
      assertEquals(1, engine.create(7, ONE));
      assertEquals(2, engine.create(8, ONE));
      assertEquals(3, engine.update(7, TWO));
      assertEquals(4, engine.delete(8));

      assertArrayEquals(TWO, engine.read(7));
      assertEquals(TWO.length, engine.length(7));
      assertNull(engine.read(8));
      assertEquals(-1, engine.length(8));
      assertNull(engine.read(9));
      assertEquals(List.of(7L), ids(engine));
      assertEquals(4, engine.walOffset());
    }
  }

  @Test
  void shouldReadTheSameAfterAFlush() throws IOException {
    try (EmbeddedEngine engine = open()) {
      engine.create(7, ONE);
      engine.create(8, new byte[0]);
      engine.create(9, ONE);
      engine.delete(9);

      assertEquals(5, engine.flush());

      assertArrayEquals(ONE, engine.read(7));
      assertArrayEquals(new byte[0], engine.read(8));
      assertNull(engine.read(9));
      assertEquals(0, engine.statistics().unflushedBlocks());
    }
  }

  @Test
  void shouldPassContentOnWithoutCopyingIt() throws IOException {
    List<ByteBuffer> seen = new ArrayList<>();
    try (EmbeddedEngine engine = open()) {
      engine.create(7, ONE);
      engine.flush();

      assertTrue(engine.read(7, seen::add));
      assertFalse(engine.read(8, seen::add));

      assertEquals(List.of(ByteBuffer.wrap(ONE)), seen);
      assertTrue(seen.get(0).isReadOnly());
    }
  }

  @Test
  void shouldTakeABufferFromPositionToLimit() throws IOException {
    ByteBuffer content = ByteBuffer.wrap(TWO).position(2).limit(5);
    try (EmbeddedEngine engine = open()) {
      engine.create(7, content);
      engine.update(7, content);

      assertArrayEquals(Arrays.copyOfRange(TWO, 2, 5), engine.read(7));
      assertEquals(2, content.position());
    }
  }

  @Test
  void shouldKeepIdsInUnsignedOrder() throws IOException {
    try (EmbeddedEngine engine = open()) {
      List<Long> shuffled = new ArrayList<>(Unsigned.EDGES);
      Collections.shuffle(shuffled, new Random(1));
      for (long id : shuffled.subList(0, 6)) {
        engine.create(id, ONE);
      }
      engine.flush();
      for (long id : shuffled.subList(6, shuffled.size())) {
        engine.create(id, ONE);
      }

      assertEquals(Unsigned.EDGES, ids(engine));
    }
  }

  @Test
  void shouldTakeTheLongestContentAndNoLongerOne() throws IOException {
    byte[] longest = new byte[EmbeddedEngine.MAX_BLOCK_LENGTH];
    new Random(1).nextBytes(longest);
    try (EmbeddedEngine engine = open()) {
      engine.create(7, longest);
      assertArrayEquals(longest, engine.read(7));
      engine.flush();
      assertArrayEquals(longest, engine.read(7));

      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> engine.update(7, new byte[EmbeddedEngine.MAX_BLOCK_LENGTH + 1]));

      assertEquals("content is too long: longest=16777216, length=16777217", refused.getMessage());
      assertEquals(2, engine.walOffset());
    }
  }

  @Test
  void shouldRefuseToCreateABlockTwice() throws IOException {
    try (EmbeddedEngine engine = open()) {
      engine.create(-1, ONE);

      InvalidTransitionException refused =
          assertThrows(InvalidTransitionException.class, () -> engine.create(-1, TWO));

      assertEquals("block exists: blockId=18446744073709551615", refused.getMessage());
      assertArrayEquals(ONE, engine.read(-1));
      assertEquals(1, engine.walOffset());
    }
  }

  @Test
  void shouldRefuseToChangeABlockThatIsNotThere() throws IOException {
    try (EmbeddedEngine engine = open()) {
      engine.create(7, ONE);
      engine.delete(7);

      UnknownBlockException update =
          assertThrows(UnknownBlockException.class, () -> engine.update(7, TWO));
      UnknownBlockException delete =
          assertThrows(UnknownBlockException.class, () -> engine.delete(7));

      assertEquals("block does not exist: blockId=7", update.getMessage());
      assertEquals("block does not exist: blockId=7", delete.getMessage());
      assertEquals(2, engine.walOffset());
    }
  }

  @Test
  void shouldGoOnAfterAClose() throws IOException {
    try (EmbeddedEngine engine = open()) {
      engine.create(7, ONE);
    }

    try (EmbeddedEngine engine = open()) {
      assertArrayEquals(ONE, engine.read(7));
      assertEquals(2, engine.create(8, TWO));
      assertEquals(1, engine.statistics().generation());
    }
  }

  @Test
  void shouldBeginAGenerationAfterAKill() throws IOException {
    open().create(7, ONE);

    try (EmbeddedEngine engine = openAfterKill()) {
      assertArrayEquals(ONE, engine.read(7));
      assertEquals(2, engine.statistics().generation());
      assertEquals(2, engine.walOffset(), "the record that begins it");
    }
  }

  @Test
  void shouldKeepWhatWasFlushedThroughAPowerCut() throws IOException {
    EmbeddedEngine written = open();
    written.create(7, ONE);
    written.flush();
    written.create(8, TWO);

    io = io.after(PowerCut.keepingForced());

    try (EmbeddedEngine engine = open()) {
      assertArrayEquals(ONE, engine.read(7));
      assertNull(engine.read(8));
    }
  }

  @Test
  void shouldDropATornRecordAndKeepWhatIsBeforeIt() throws IOException {
    EmbeddedEngine written = open();
    written.create(7, ONE);
    written.create(8, TWO);
    Path log = ROOT.resolve("wal/0000000001-00000000000000000001.log");
    try (StorageFile file = io.openForWriting(log)) {
      file.write(ByteBuffer.wrap(new byte[1]), file.length() - 1);
    }

    try (EmbeddedEngine engine = openAfterKill()) {
      assertEquals(List.of(7L), ids(engine));
      assertEquals(2, engine.walOffset());
    }
  }

  @Test
  void shouldFlushByItselfWhenMuchWasLogged() throws IOException {
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, small(150, 0, 1 << 20))) {
      for (int id = 0; id < 20; id++) {
        engine.create(id, ONE);
      }

      assertTrue(engine.statistics().unflushedBlocks() < 4);
      assertTrue(engine.statistics().logBytes() < 250);
      assertEquals(20, engine.walOffset(), "such a flush is no record");
      assertEquals(20, engine.statistics().blocks());
    }
  }

  @Test
  void shouldDivideARunIntoFilesAndFindEveryBlock() throws IOException {
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, small(1 << 20, 0, 64))) {
      for (int id = 0; id < 40; id += 2) {
        engine.create(id, bytes("content of " + id));
      }
      engine.flush();

      assertTrue(io.list(ROOT.resolve("data")).size() > 5);
      for (int id = 0; id < 40; id += 2) {
        assertArrayEquals(bytes("content of " + id), engine.read(id));
        assertNull(engine.read(id + 1));
      }
      assertNull(engine.read(-1));
    }
  }

  @Test
  void shouldMergeRunsAndForgetDeletedBlocks() throws IOException {
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, small(1 << 20, 0, 1 << 20))) {
      engine.create(1, ONE);
      engine.create(2, ONE);
      engine.flush();
      engine.delete(1);
      engine.update(2, TWO);
      engine.flush();

      assertEquals(1, io.list(ROOT.resolve("data")).size());
      assertEquals(List.of(2L), ids(engine));
      engine.delete(2);
      engine.flush();
      assertEquals(0, io.list(ROOT.resolve("data")).size());
      assertEquals(0, engine.statistics().blocks());
    }
  }

  @Test
  void shouldForgetWhatWasRolledBack() throws IOException {
    try (EmbeddedEngine engine = open()) {
      engine.create(1, ONE);
      engine.update(1, TWO);
      engine.create(2, TWO);
      engine.delete(1);

      engine.rollbackTo(2);

      assertArrayEquals(TWO, engine.read(1));
      assertNull(engine.read(2));
      assertEquals(3, engine.walOffset());
      assertEquals(2, engine.statistics().generation());
      assertEquals(4, engine.create(2, ONE));
    }
    try (EmbeddedEngine engine = open()) {
      assertArrayEquals(ONE, engine.read(2));
    }
  }

  @Test
  void shouldRollBackBehindAFlushWhileTheLogIsKept() throws IOException {
    try (EmbeddedEngine engine = open()) {
      engine.create(1, ONE);
      engine.create(2, ONE);
      engine.flush();
      engine.delete(1);

      engine.rollbackTo(1);

      assertEquals(List.of(1L), ids(engine));
      assertEquals(0, engine.oldestRollback());
      engine.rollbackTo(0);
      assertEquals(List.of(), ids(engine));
    }
  }

  @Test
  void shouldRefuseToRollBackToWhereNoLogIs() throws IOException {
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, small(1 << 20, 0, 1 << 20))) {
      engine.create(1, ONE);
      engine.create(2, ONE);
      engine.flush();
      assertEquals(2, engine.oldestRollback());

      IllegalArgumentException below =
          assertThrows(IllegalArgumentException.class, () -> engine.rollbackTo(1));
      assertThrows(IllegalArgumentException.class, () -> engine.rollbackTo(4));

      assertEquals(
          "cannot roll back to this offset: oldest=2, newest=3, requested=1", below.getMessage());
      assertEquals(1, engine.statistics().generation());
    }
  }

  @Test
  void shouldNotGoBeyondTheLastWalOffset() throws IOException {
    EmbeddedOptions options = new EmbeddedOptions(-3, 1 << 20, 1 << 20, 0, 1 << 20, 2, () -> 7);
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options)) {
      assertEquals(-3, engine.create(1, ONE));
      assertEquals(EmbeddedEngine.LAST_WAL_OFFSET, engine.create(2, ONE));

      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> engine.create(3, ONE));

      assertEquals("wal offsets are used up: walOffset=18446744073709551614", refused.getMessage());
      assertEquals(List.of(1L, 2L), ids(engine));
    }
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, options)) {
      assertEquals(List.of(1L, 2L), ids(engine));
    }
  }

  @Test
  void shouldSayWhatItHolds() throws IOException {
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, ROOT, small(1 << 20, 0, 1 << 20))) {
      engine.create(1, ONE);
      engine.create(2, TWO);
      engine.flush();
      engine.update(1, TWO);

      EmbeddedStatistics statistics = engine.statistics();

      long record = EmbeddedLogDescriptor.HEADER_LENGTH;
      long rows = 2 * EmbeddedDataDescriptor.ROW_LENGTH + EmbeddedDataDescriptor.TRAILER_LENGTH;
      assertEquals(
          new EmbeddedStatistics(
              2,
              2L * TWO.length,
              1,
              ONE.length + TWO.length + rows,
              2 * record + TWO.length,
              3,
              4,
              1),
          statistics);
    }
  }

  @Test
  void shouldHoldChangesUpWhileTheDiskIsFull() throws IOException {
    try (EmbeddedEngine engine = open()) {
      engine.create(1, ONE);
      io.capacity(io.used() + EmbeddedLogDescriptor.HEADER_LENGTH + 1);

      assertThrows(IOException.class, () -> engine.update(1, TWO));
      assertThrows(IOException.class, engine::flush);
      assertArrayEquals(ONE, engine.read(1));
      assertEquals(1, engine.walOffset());
      engine.delete(1);
      io.capacity(Long.MAX_VALUE);
      engine.create(1, TWO);
      engine.flush();

      assertArrayEquals(TWO, engine.read(1));
    }
    try (EmbeddedEngine engine = open()) {
      assertArrayEquals(TWO, engine.read(1));
      assertEquals(4, engine.walOffset());
    }
  }

  @Test
  void shouldDoNothingMoreAfterAForceFailed() throws IOException {
    EmbeddedEngine engine = open();
    engine.create(1, ONE);
    io.fault(
        (call, number, path) -> {
          if (call == MemoryStorageIO.Call.FORCE) {
            throw new IOException("made to fail");
          }
        });

    StoreFailedException failed = assertThrows(StoreFailedException.class, engine::flush);
    io.fault((call, number, path) -> {});
    StoreFailedException refused =
        assertThrows(StoreFailedException.class, () -> engine.create(2, ONE));
    engine.close();

    assertEquals(
        "log force failed: cause=java.io.IOException: made to fail, directory=/disk/engine",
        failed.getMessage());
    assertEquals("engine failed before: directory=/disk/engine", refused.getMessage());
    try (EmbeddedEngine reopened = open()) {
      assertEquals(2, reopened.statistics().generation());
    }
  }

  @Test
  void shouldBeOpenOnce() throws IOException {
    try (EmbeddedEngine engine = open()) {
      assertThrows(StoreLockedException.class, this::open);
      engine.create(1, ONE);
    }
    open().close();
  }

  @Test
  void shouldRefuseCallsAfterItsClose() throws IOException {
    EmbeddedEngine engine = open();
    engine.close();
    engine.close();

    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> engine.create(1, ONE));

    assertEquals("engine is closed", refused.getMessage());
  }

  @Test
  void shouldRefuseADirectoryWithoutAManifest() throws IOException {
    try (EmbeddedEngine engine = open()) {
      engine.create(1, ONE);
    }
    for (Path path : io.list(ROOT)) {
      if (path.getFileName().toString().startsWith("manifest-")) {
        io.delete(path);
      }
    }

    NotAStoreException refused = assertThrows(NotAStoreException.class, this::open);

    assertEquals(
        "not an embedded engine: log or data without a manifest: directory=/disk/engine",
        refused.getMessage());
  }

  @Test
  void shouldDeleteWhatACrashLeftAndNothingElse() throws IOException {
    open().close();
    List<String> leftovers =
        List.of(
            "wal/0000000009-00000000000000000009.log",
            "data/00000000000000000009.data",
            "data/00000000000000000009.data.tmp",
            "manifest-00000000000000000001",
            "manifest-00000000000000000009.tmp");
    List<String> others = List.of("wal/notes", "data/x.data", "manifest-", "readme.tmp");
    for (String name : leftovers) {
      io.create(ROOT.resolve(name)).close();
    }
    for (String name : others) {
      io.create(ROOT.resolve(name)).close();
    }

    open().close();

    for (String name : leftovers) {
      assertFalse(io.exists(ROOT.resolve(name)), name);
    }
    for (String name : others) {
      assertTrue(io.exists(ROOT.resolve(name)), name);
    }
  }

  @Test
  void shouldRefuseOptionsOutOfRange() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> new EmbeddedOptions(0, 1, 1, 0, 1, 2, () -> 0));

    assertEquals(
        "embedded engine option out of range: firstWalOffset=0, flushBytes=1, logRollBytes=1,"
            + " logKeepBytes=0, dataFileBytes=1, mergeFanIn=2",
        refused.getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> new EmbeddedOptions(-1, 1, 1, 0, 1, 2, () -> 0));
    assertThrows(
        IllegalArgumentException.class, () -> new EmbeddedOptions(1, 1, 1, 0, 1, 1, () -> 0));
  }
}
