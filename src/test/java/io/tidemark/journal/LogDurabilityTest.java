package io.tidemark.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.storage.StorageFile;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;

/**
 * No position is called durable that no force saw, while one thread appends and rolls as fast as it
 * can and two force.
 *
 * <p>No seed replays an interleaving. More of them: {@code -Dtidemark.forces.records=100000000}.
 */
class LogDurabilityTest {
  private static final int RECORDS = Rounds.of("tidemark.forces.records", 2_000_000, 400_000);
  private static final int FORCERS = 2;
  private static final int RECORDS_PER_FILE = 2;
  private static final int FORCE_PAUSES = 20;
  private static final int APPEND_PAUSES = 20;
  private static final Path DIRECTORY = Path.of("/log");

  /** Files are looked for among so many: more than are ever open at once. */
  private static final int SLOTS = 1 << 10;

  /** A file that knows how far it is written, and how far it was when it was last forced. */
  private static final class CountingFile implements StorageFile {
    private final long firstPosition;
    private volatile long written;
    private volatile long forced;
    private volatile boolean isClosed;

    CountingFile(long firstPosition) {
      this.firstPosition = firstPosition;
    }

    @Override
    public void force() throws IOException {
      if (isClosed) {
        throw new IOException("file is forced after it was closed: first=" + firstPosition);
      }
      long begun = written;
      pause(FORCE_PAUSES);
      forced = begun;
    }

    @Override
    public void close() {
      isClosed = true;
    }

    @Override
    public int read(ByteBuffer target, long offset) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void write(ByteBuffer source, long offset) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long length() {
      throw new UnsupportedOperationException();
    }
  }

  private final AtomicReferenceArray<CountingFile> files = new AtomicReferenceArray<>(SLOTS);
  private LogDurability log;
  private volatile boolean isWritten;

  /** Returns the file that holds a position; the first one is 1. */
  private static int slot(long position) {
    return (int) ((position - 1) / RECORDS_PER_FILE % SLOTS);
  }

  private CountingFile begin(long firstPosition) {
    CountingFile file = new CountingFile(firstPosition);
    files.set(slot(firstPosition), file);
    return file;
  }

  private void append() {
    Random random = new Random(1);
    CountingFile file = files.get(0);
    for (long position = 1; position <= RECORDS; position++) {
      log.checkNotFailed();
      if (position - file.firstPosition == RECORDS_PER_FILE) {
        log.forceFilesLeftBehind();
        file = begin(position);
        log.roll(file);
      }
      file.written = position;
      log.append(position);
      pause(random.nextInt(APPEND_PAUSES));
    }
  }

  private void force() {
    while (!isWritten) {
      long wanted = log.appended();
      log.force();
      long durable = log.durable();
      assertTrueThat(durable >= wanted, "force returned before it was durable", durable);
      assertTrueThat(durable <= log.appended(), "durable is not appended", durable);
      CountingFile file = durable == 0 ? null : files.get(slot(durable));
      // Its slot may have been given to a later file meanwhile.
      if (file != null && durable - file.firstPosition < RECORDS_PER_FILE) {
        assertTrueThat(
            durable < file.firstPosition || file.forced >= durable, "no force saw it", durable);
      }
    }
  }

  /** Gives the other threads time for a few steps. */
  private static void pause(int steps) {
    for (int i = 0; i < steps; i++) {
      Thread.onSpinWait();
    }
  }

  private static void assertTrueThat(boolean holds, String what, long position) {
    if (!holds) {
      throw new AssertionError(what + ": position=" + position);
    }
  }

  @Test
  void shouldCallNothingDurableThatNoForceSaw()
      throws IOException, InterruptedException, ExecutionException {
    MemoryStorageIO memory = new MemoryStorageIO();
    memory.createDurably(DIRECTORY);
    log = new LogDurability(memory, DIRECTORY, begin(1), 0);
    ExecutorService threads = Executors.newFixedThreadPool(FORCERS);
    try {
      List<Future<?>> forcers = new ArrayList<>();
      for (int forcer = 0; forcer < FORCERS; forcer++) {
        forcers.add(threads.submit(this::force));
      }
      try {
        append();
      } finally {
        isWritten = true;
      }
      for (Future<?> forcer : forcers) {
        forcer.get();
      }
      log.force();
      assertEquals(RECORDS, log.durable());
    } finally {
      threads.shutdownNow();
      log.close();
    }
  }
}
