package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.testing.WaitingCall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for a position. */
@Timeout(60)
class WatermarkTest {
  private static final long LONG_MS = Long.MAX_VALUE;

  private final Watermark mark = new Watermark(5);

  private FutureTask<Boolean> waiting(long position) {
    return WaitingCall.start(() -> mark.await(position, LONG_MS));
  }

  @Test
  void shouldNotWaitForWhatIsReached() throws Exception {
    assertTrue(mark.await(5, 0));
    assertFalse(mark.await(6, 0));
    assertFalse(mark.await(6, 1));
  }

  @Test
  void shouldLetGoWhenItIsReachedAndNotBefore() throws Exception {
    FutureTask<Boolean> near = waiting(7);
    FutureTask<Boolean> far = waiting(9);

    mark.advance(6);
    assertFalse(near.isDone());
    mark.advance(8);

    assertTrue(near.get());
    assertFalse(far.isDone());
    mark.advance(9);
    assertTrue(far.get());
    assertEquals(9, mark.get());
  }

  @Test
  void shouldRefuseWhoWaitsForMoreWhenItIsClosed() throws Exception {
    FutureTask<Boolean> task = waiting(6);

    mark.close(() -> new IllegalStateException("closed by the test"));

    assertEquals(
        "java.lang.IllegalStateException: closed by the test",
        assertThrows(ExecutionException.class, task::get).getMessage());
    assertThrows(IllegalStateException.class, () -> mark.await(6, LONG_MS));
    assertTrue(mark.await(5, LONG_MS));
  }

  @Test
  void shouldNotGoBack() {
    AssertionError e = assertThrows(AssertionError.class, () -> mark.advance(4));

    assertEquals("position went back: last=5, next=4", e.getMessage());
  }

  /** Each waits for one position of many; none is overlooked however close the two come. */
  @Test
  void shouldOverlookNobody() throws Exception {
    int positions = 20_000;
    List<FutureTask<Boolean>> readers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      FutureTask<Boolean> reader =
          new FutureTask<>(
              () -> {
                for (long position = 6; position <= positions; position++) {
                  assertTrue(mark.await(position, LONG_MS));
                  assertTrue(mark.get() >= position);
                }
                return true;
              });
      readers.add(reader);
      new Thread(reader).start();
    }

    for (long position = 6; position <= positions; position++) {
      mark.advance(position);
    }

    for (FutureTask<Boolean> reader : readers) {
      assertTrue(reader.get());
    }
  }
}
