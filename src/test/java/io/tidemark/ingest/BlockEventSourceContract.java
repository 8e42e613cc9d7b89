package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.WalPosition;
import io.tidemark.testing.RecordingSink;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every source of block events has to do. */
abstract class BlockEventSourceContract {
  private static final int CHANGES = 6;

  /** A log that tests write to, and what reads it. */
  interface Log extends AutoCloseable {

    /** Opens a source that was not started. */
    BlockEventSource open() throws IOException;

    /** Writes changes, one at each of so many WAL offsets. */
    void change(int count) throws IOException;

    /** Returns the last WAL offset written. */
    long end();

    /** Lets go of everything written so far, as if it was never read. */
    void recycle() throws IOException;

    /** Forgets everything above a WAL offset and writes something else there. */
    void rollBack(long last) throws IOException;

    @Override
    void close() throws IOException;
  }

  private final RecordingSink sink = new RecordingSink();

  /** Returns the log under test; always the same. It is empty at first. */
  abstract Log log();

  @AfterEach
  void closeLog() throws IOException {
    log().close();
  }

  private static long offset(String event) {
    return Long.parseUnsignedLong(event.substring(event.indexOf('@') + 1));
  }

  /** Returns what a store is given that has everything through a position. */
  private List<String> given(WalPosition completeThrough) throws IOException, InterruptedException {
    RecordingSink given = new RecordingSink();
    try (BlockEventSource source = log().open()) {
      source.start(completeThrough, given);
      given.awaitCompleteThrough(log().end());
    }
    return given.events();
  }

  @Test
  void shouldGiveAnEmptyStoreEverything() throws IOException, InterruptedException {
    log().change(CHANGES);

    try (BlockEventSource source = log().open()) {
      source.start(null, sink);
      sink.awaitCompleteThrough(log().end());
    }

    assertEquals("continue from 0", sink.calls().get(0));
    assertEquals(CHANGES, sink.events().size());
  }

  @Test
  void shouldGiveWhatHappensAfterTheStart() throws IOException, InterruptedException {
    try (BlockEventSource source = log().open()) {
      source.start(null, sink);
      log().change(CHANGES);
      sink.awaitCompleteThrough(log().end());
    }

    assertEquals(CHANGES, sink.events().size());
  }

  @Test
  void shouldGiveEventsInTheOrderOfTheLogAndPromiseOnlyWhatItGave()
      throws IOException, InterruptedException {
    log().change(CHANGES);
    try (BlockEventSource source = log().open()) {
      source.start(null, sink);
      log().change(CHANGES);
      sink.awaitCompleteThrough(log().end());
    }

    long given = 0;
    long promised = 0;
    for (String call : sink.calls()) {
      if (call.contains("@")) {
        assertTrue(offset(call) >= given && offset(call) > promised, call);
        given = offset(call);
      } else if (call.startsWith("complete through ")) {
        promised = Long.parseUnsignedLong(call.substring("complete through ".length()));
        assertTrue(promised >= given, call);
      }
    }
    assertEquals(2 * CHANGES, sink.events().size());
  }

  @Test
  void shouldGoOnBehindWhatTheStoreHas() throws IOException, InterruptedException {
    log().change(CHANGES);
    List<String> all = given(new WalPosition(1, 0));
    assertEquals(CHANGES, all.size());

    for (long had = 1; had <= log().end(); had++) {
      long end = had;
      List<String> rest = all.stream().filter(event -> offset(event) > end).toList();
      assertEquals(rest, given(new WalPosition(1, had)), "had " + had);
    }
  }

  @Test
  void shouldNotPassOverWhatWasRecycled() throws IOException, InterruptedException {
    log().change(CHANGES);
    long recycled = log().end();
    log().recycle();
    log().change(CHANGES);

    try (BlockEventSource source = log().open()) {
      source.start(new WalPosition(1, 1), sink);
      sink.awaitCompleteThrough(log().end());
    }

    String first = sink.calls().get(0);
    assertTrue(first.startsWith("continue from "), first);
    long from = Long.parseUnsignedLong(first.substring("continue from ".length()));
    assertTrue(from > 2 && from <= recycled + 1, first);
    assertTrue(sink.events().stream().allMatch(event -> offset(event) >= from));
  }

  @Test
  void shouldTellOfARollbackThatItSees() throws IOException, InterruptedException {
    log().change(CHANGES);
    try (BlockEventSource source = log().open()) {
      source.start(null, sink);
      sink.awaitCompleteThrough(log().end());
      sink.clear();
      log().rollBack(2);
      log().change(1);
      sink.awaitCompleteThrough(log().end());
    }

    assertEquals("rolled back 3", sink.calls().get(0));
    assertTrue(sink.events().stream().allMatch(event -> offset(event) >= 3));
  }

  @Test
  void shouldTellOfARollbackThatHappenedMeanwhile() throws IOException, InterruptedException {
    log().change(CHANGES);
    long had = log().end();
    log().rollBack(2);
    log().change(1);

    try (BlockEventSource source = log().open()) {
      source.start(new WalPosition(1, had), sink);
      sink.awaitCompleteThrough(log().end());
    }

    assertEquals("rolled back 3", sink.calls().get(1));
    assertTrue(sink.events().stream().allMatch(event -> offset(event) >= 3));
  }

  @Test
  void shouldGiveNothingAfterItWasStopped() throws IOException, InterruptedException {
    log().change(1);
    try (BlockEventSource source = log().open()) {
      source.start(null, sink);
      sink.awaitCompleteThrough(log().end());
      source.stop();
      int calls = sink.calls().size();

      log().change(1);

      assertEquals(calls, sink.calls().size());
    }
  }

  @Test
  void shouldAlwaysNameTheSameLog() throws IOException {
    String name;
    try (BlockEventSource source = log().open()) {
      name = source.shard();
    }
    log().change(1);
    try (BlockEventSource source = log().open()) {
      assertEquals(name, source.shard());
    }
  }
}
