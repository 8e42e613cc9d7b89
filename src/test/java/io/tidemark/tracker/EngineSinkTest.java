package io.tidemark.tracker;

import static io.tidemark.tracker.EngineFixture.blocks;
import static io.tidemark.tracker.EngineFixture.changedIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.BlockState;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a source says is in the engine when the source's call returns. */
class EngineSinkTest {
  private static final Path SOURCE = Path.of("/disk/engine");
  private static final byte[] CONTENT = {1};
  private static final long NOW_NS = 1_000;

  private EngineFixture fixture;
  private BitmapEngine engine;
  private EngineSink sink;

  @BeforeEach
  void open() throws IOException {
    fixture = new EngineFixture();
    engine = fixture.open();
    sink = new EngineSink(engine);
  }

  @AfterEach
  void close() throws IOException {
    engine.close();
  }

  @Test
  void shouldKeepTheStatesThatAnEngineGivesItsBlocks() throws Exception {
    EmbeddedOptions options = EmbeddedOptions.defaults();
    try (EmbeddedEngine source = EmbeddedEngine.open(fixture.io, SOURCE, options)) {
      source.create(1, CONTENT);
      EngineSink.start(source, engine);
      assertEquals(BlockState.NEW, engine.state(1));

      source.flush();
      assertEquals(BlockState.CLEAN, engine.state(1));
      source.update(1, CONTENT);
      assertEquals(BlockState.DIRTY, engine.state(1));
      source.create(-1, CONTENT);
      source.delete(-1);
      assertEquals(BlockState.DELETED, engine.state(-1));

      BlockPage page = changedIn(engine, ChangeRange.after(new WalPosition(1, 2)));
      assertEquals(List.of(1L, -1L), blocks(page));
      assertEquals(Verdict.EXACT, page.verdict());
    }
  }

  @Test
  void shouldSayThroughWhichPositionItHasEverything() throws Exception {
    assertNull(sink.completeThrough());

    sink.continueFrom(0);
    sink.completeThrough(7);
    assertEquals(new WalPosition(1, 7), sink.completeThrough());

    sink.rolledBack(5, NOW_NS);
    assertEquals(new WalPosition(2, 4), sink.completeThrough(), "what the generations share");
  }

  @Test
  void shouldNameWhatASourceDoesNotGive() throws Exception {
    sink.continueFrom(0);
    sink.completeThrough(7);
    sink.continueFrom(10);
    sink.completeThrough(12);

    BlockPage page = changedIn(engine, ChangeRange.after(new WalPosition(1, 7)));

    assertEquals(Verdict.FULL_REQUIRED, page.verdict());
    assertEquals("[1/8-9 (source goes on behind what the store has)]", page.holes().toString());
    assertEquals(
        Verdict.EXACT, changedIn(engine, ChangeRange.after(new WalPosition(1, 9))).verdict());
  }

  @Test
  void shouldNameNoGapWhereASourceGoesOnAtOnceOrAgain() throws Exception {
    sink.continueFrom(0);
    sink.completeThrough(7);

    sink.continueFrom(8);
    sink.continueFrom(3);
    sink.completeThrough(-1);
    sink.continueFrom(-1);

    BlockPage page = changedIn(engine, ChangeRange.after(WalPosition.BEFORE_ALL));
    assertEquals(Verdict.EXACT, page.verdict());
    assertEquals(new WalPosition(1, -1), page.completeThrough());
  }

  @Test
  void shouldThrowWhatTheDiskSaysToTheSource() throws Exception {
    sink.continueFrom(0);
    fixture.io.fault(
        (call, number, path) -> {
          throw new IOException("disk is gone");
        });

    UncheckedIOException thrown =
        assertThrows(UncheckedIOException.class, () -> sink.gap(1, 2, "ring was full"));

    assertEquals("java.io.IOException: disk is gone", thrown.getMessage());
    fixture.io.fault((call, number, path) -> {});
  }
}
