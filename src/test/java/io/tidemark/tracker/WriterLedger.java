package io.tidemark.tracker;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * What a writer in another process has handed in and what it was promised: a small mapped file of
 * the parent's, which outlives the writer however it ends.
 *
 * <p>One process writes; the other reads when that one is gone.
 */
final class WriterLedger {

  /** What a writer is at. */
  enum Activity {
    OPENING,
    APPENDING,
    PREPARING_OR_COMMITTING,
    FORCING,
    SEALING,
    CHECKPOINTING,
    FOLDING_METADATA,
    CLOSING
  }

  private static final List<Activity> ACTIVITIES = List.of(Activity.values());
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int SUBMITTED = 0;
  private static final int APPLIED = SUBMITTED + Long.BYTES;
  private static final int DURABLE = APPLIED + Long.BYTES;
  private static final int ACKNOWLEDGEMENTS = DURABLE + Long.BYTES;
  private static final int ACTIVITY = ACKNOWLEDGEMENTS + Long.BYTES;
  private static final int LENGTH = ACTIVITY + Long.BYTES;

  private final ByteBuffer bytes;

  /** Maps a ledger; a new one is empty. */
  WriterLedger(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, LENGTH).order(ByteOrder.nativeOrder());
    }
  }

  private long get(int field) {
    return (long) LONG.getAcquire(bytes, field);
  }

  private void set(int field, long value) {
    LONG.setRelease(bytes, field, value);
  }

  /** Forgets everything. */
  void clear() {
    for (int field = 0; field < LENGTH; field += Long.BYTES) {
      set(field, 0);
    }
  }

  /** Notes that entries up to a journal position are about to be appended. */
  void submit(long position) {
    set(SUBMITTED, position);
  }

  /** Notes that the store has said entries up to a position survive a kill. */
  void acknowledgeApplied(long position) {
    set(APPLIED, position);
    set(ACKNOWLEDGEMENTS, get(ACKNOWLEDGEMENTS) + 1);
  }

  /** Notes that the store has said entries up to a position survive a power cut. */
  void acknowledgeDurable(long position) {
    set(DURABLE, position);
  }

  /** Notes what the writer begins. */
  void begin(Activity activity) {
    set(ACTIVITY, ACTIVITIES.indexOf(activity));
  }

  long submitted() {
    return get(SUBMITTED);
  }

  long applied() {
    return get(APPLIED);
  }

  long durable() {
    return get(DURABLE);
  }

  long acknowledgements() {
    return get(ACKNOWLEDGEMENTS);
  }

  Activity activity() {
    return ACTIVITIES.get((int) get(ACTIVITY));
  }
}
