package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.WalPosition;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.PowerCut;
import io.tidemark.testing.RecordingSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An embedded engine as a source: its log, its generations, and sinks that fail. */
class EmbeddedSourceTest extends BlockEventSourceContract {
  private static final Path ROOT = Path.of("/disk/engine");
  private static final byte[] CONTENT = {1, 2, 3};
  private static final int THREADS = 4;
  private static final int CHANGES = 250;

  private final EngineLog log = new EngineLog();
  private final RecordingSink sink = new RecordingSink();

  /** One engine that is its own source; it is opened when it is first used. */
  private static final class EngineLog implements Log {
    private final EmbeddedOptions options =
        new EmbeddedOptions(1, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 4, () -> 7);
    private final EmbeddedOptions forgetful =
        new EmbeddedOptions(1, 1 << 20, 1 << 20, 0, 1 << 20, 4, () -> 7);
    private MemoryStorageIO io = new MemoryStorageIO();
    private @Nullable EmbeddedEngine engine;
    private long nextBlock = 1;
    private long end;

    EmbeddedEngine engine() throws IOException {
      return engine(options);
    }

    private EmbeddedEngine engine(EmbeddedOptions with) throws IOException {
      EmbeddedEngine open = engine;
      if (open == null) {
        open = EmbeddedEngine.open(io, ROOT, with);
        engine = open;
      }
      return open;
    }

    /** Ends the engine as SIGKILL does. */
    void kill() {
      io = io.after(PowerCut.keepingAll());
      engine = null;
    }

    @Override
    public BlockEventSource open() throws IOException {
      EmbeddedEngine open = engine();
      return new BlockEventSource() {
        @Override
        public String shard() {
          return open.shard();
        }

        @Override
        public void start(@Nullable WalPosition completeThrough, BlockEventSink sink)
            throws IOException {
          open.start(completeThrough, sink);
        }

        @Override
        public void stop() {
          open.stop();
        }

        @Override
        public void close() throws IOException {
          EngineLog.this.close();
        }
      };
    }

    @Override
    public void change(int count) throws IOException {
      for (int i = 0; i < count; i++) {
        end = engine().create(nextBlock++, CONTENT);
      }
    }

    @Override
    public long end() {
      return end;
    }

    @Override
    public void recycle() throws IOException {
      close();
      end = engine(forgetful).flush();
      close();
    }

    @Override
    public void rollBack(long last) throws IOException {
      engine().rollbackTo(last);
      end = engine().walOffset();
    }

    @Override
    public void close() throws IOException {
      if (engine != null) {
        engine.close();
        engine = null;
      }
    }
  }

  @Override
  Log log() {
    return log;
  }

  private EmbeddedEngine engine() throws IOException {
    return log.engine();
  }

  @Test
  void shouldGiveEveryKindOfRecord() throws IOException {
    engine().create(-1, CONTENT);
    engine().start(null, sink);
    engine().update(-1, CONTENT);
    engine().delete(-1);
    engine().flush();
    engine().rollbackTo(3);

    assertEquals(
        List.of(
            "continue from 0",
            "complete through 0",
            "CREATE 18446744073709551615 @1",
            "complete through 1",
            "UPDATE 18446744073709551615 @2",
            "complete through 2",
            "DELETE 18446744073709551615 @3",
            "complete through 3",
            "FLUSH all @4",
            "complete through 4",
            "rolled back 4",
            "complete through 4"),
        sink.calls());
  }

  @Test
  void shouldGoOnInTheGenerationThatTheStoreIsIn() throws IOException {
    log.change(3);
    engine().rollbackTo(1);
    log.change(2);

    engine().start(new WalPosition(2, 3), sink);

    assertEquals(List.of("continue from 4", "CREATE 5 @4", "complete through 4"), sink.calls());
  }

  @Test
  void shouldTellAnEmptyStoreOfGenerationsSoThatItsNumbersAreTheEngines() throws IOException {
    log.change(2);
    engine().rollbackTo(1);

    engine().start(null, sink);

    assertEquals(
        List.of(
            "continue from 0",
            "complete through 0",
            "rolled back 1",
            "CREATE 1 @1",
            "complete through 2"),
        sink.calls());
  }

  @Test
  void shouldTakeNothingBackThatAStoreWasNotGiven() throws IOException {
    log.change(9);
    engine().rollbackTo(7);
    engine().rollbackTo(4);

    engine().start(new WalPosition(1, 6), sink);

    assertEquals(
        List.of("continue from 7", "rolled back 7", "rolled back 5", "complete through 5"),
        sink.calls());
  }

  @Test
  void shouldBeginAGenerationAfterAKillEvenIfNothingWasLost() throws IOException {
    log.change(3);
    log.kill();

    engine().start(new WalPosition(1, 3), sink);

    assertEquals(List.of("continue from 4", "rolled back 4", "complete through 4"), sink.calls());
  }

  @Test
  void shouldNameWhatWasRecycledInEachGenerationThatBeganBelowIt() throws IOException {
    log.change(4);
    engine().rollbackTo(2);
    log.change(2);
    log.recycle();

    engine().start(new WalPosition(1, 4), sink);

    assertEquals(
        List.of(
            "continue from 6",
            "rolled back 3",
            "gap 3-5 log was recycled before it was read",
            "FLUSH all @6",
            "complete through 6"),
        sink.calls());
  }

  @Test
  void shouldPromiseNowAndThenInALongReplay() throws IOException {
    log.change(2500);

    engine().start(null, sink);

    assertEquals(
        List.of(
            "complete through 0",
            "complete through 1024",
            "complete through 2048",
            "complete through 2500"),
        sink.calls().stream().filter(call -> call.startsWith("complete")).toList());
  }

  @Test
  void shouldRefuseAStoreThatIsAheadOfTheLog() throws IOException {
    log.change(3);

    IllegalArgumentException offset =
        assertThrows(
            IllegalArgumentException.class, () -> engine().start(new WalPosition(1, 4), sink));
    IllegalArgumentException generation =
        assertThrows(
            IllegalArgumentException.class, () -> engine().start(new WalPosition(2, 1), sink));

    assertEquals("store is ahead of the log: completeThrough=1/4, log=1/3", offset.getMessage());
    assertEquals(
        "store is ahead of the log: completeThrough=2/1, log=1/3", generation.getMessage());
    assertEquals(List.of(), sink.calls());
  }

  @Test
  void shouldStartOnce() throws IOException {
    engine().start(null, sink);

    IllegalStateException refused =
        assertThrows(IllegalStateException.class, () -> engine().start(null, sink));

    assertEquals("source was started before", refused.getMessage());
  }

  @Test
  void shouldGiveASinkThatFailedNothingMoreUntilItIsStartedAgain() throws IOException {
    List<Long> taken = new ArrayList<>();
    BlockEventSink failing =
        new ForwardingSink(sink) {
          @Override
          public void onEvent(BlockEventType type, long blockId, long walOffset, long timestampNs) {
            if (walOffset == 2 && taken.isEmpty()) {
              taken.add(walOffset);
              throw new IllegalStateException("sink failed");
            }
            super.onEvent(type, blockId, walOffset, timestampNs);
          }
        };
    engine().start(null, failing);
    engine().create(1, CONTENT);

    assertThrows(IllegalStateException.class, () -> engine().create(2, CONTENT));
    engine().create(3, CONTENT);
    engine().start(new WalPosition(1, 1), failing);

    assertEquals(List.of("CREATE 1 @1", "CREATE 2 @2", "CREATE 3 @3"), sink.events());
  }

  @Test
  void shouldGiveTheChangesOfSeveralThreadsInTheOrderOfTheLog() throws Exception {
    engine().start(null, sink);
    EmbeddedEngine engine = engine();
    List<Thread> threads = new ArrayList<>();
    for (int number = 0; number < THREADS; number++) {
      long firstBlock = (long) number * CHANGES;
      threads.add(
          new Thread(
              () -> {
                for (long block = firstBlock; block < firstBlock + CHANGES; block++) {
                  create(engine, block);
                }
              }));
    }

    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    List<String> events = sink.events();
    assertEquals(THREADS * CHANGES, events.size());
    for (int i = 0; i < events.size(); i++) {
      assertTrue(events.get(i).endsWith(" @" + (i + 1)), events.get(i));
    }
  }

  private static void create(EmbeddedEngine engine, long blockId) {
    try {
      engine.create(blockId, CONTENT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
