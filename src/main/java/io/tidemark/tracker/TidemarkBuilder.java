package io.tidemark.tracker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a store is opened; each option has its default until it is set. Not thread-safe.
 *
 * <p>Options that are out of range are refused when they are set, before anything is opened.
 */
public final class TidemarkBuilder {

  /*
   * Memory. The open segment and the one that is being sealed hold most of it, so much for each event;
   * see docs/PERFORMANCE.md. The rest is the ring, and what a store needs whatever it holds.
   */

  /** Memory of an event of the open segment and of one of the segment before it, in bytes. */
  private static final long EVENT_BYTES = 2 * TrackerOptions.OPEN_EVENT_BYTES;

  /** Memory of a store that holds nothing, in bytes. */
  private static final long FIXED_BYTES = 24L << 20;

  private static final int MIN_OPEN_EVENTS = 1 << 14;
  private static final int RING_EVENT_BYTES = 32;

  private final Path directory;
  private final String name;
  private final List<DurabilityListener> durabilityListeners = new ArrayList<>();
  private TrackerOptions storeOptions = TrackerOptions.defaults();
  private PipelineOptions pipelineOptions = PipelineOptions.defaults();
  private CallbackOptions callbackOptions = CallbackOptions.defaults();
  private long memoryLimitBytes = Long.MAX_VALUE;

  TidemarkBuilder(Path directory, String name) {
    this.directory = directory;
    this.name = name;
  }

  /** Sets when events survive a power cut; default GROUP, within 10 ms and a force. */
  public TidemarkBuilder durability(Durability mode) {
    pipelineOptions = pipelineOptions.withDurability(mode);
    return this;
  }

  /** Sets how many events may wait for the store; default 65536, 32 bytes each. */
  public TidemarkBuilder ringCapacity(int events) {
    pipelineOptions = pipelineOptions.withRingCapacity(events);
    return this;
  }

  /**
   * Sets how long an event waits for room in the ring at most, before its WAL offset becomes part
   * of a gap; default: as long as it takes, so that nothing is lost.
   */
  public TidemarkBuilder waitLimitMs(long limitMs) {
    pipelineOptions = pipelineOptions.withWaitLimitMs(limitMs);
    return this;
  }

  /**
   * Sets about how much memory the store takes, beside mapped files: it seals earlier if it has
   * less; default: what 2^20 unsealed events need, some 150 MiB. Listeners and what bitmaps take
   * are not counted.
   *
   * @param limitMb in MiB; so much that the ring, and 16384 events, have room
   */
  public TidemarkBuilder memoryLimitMb(int limitMb) {
    memoryLimitBytes = (long) limitMb << 20;
    return this;
  }

  /**
   * Sets how many threads call listeners at most; default: what the environment variable {@code
   * IB_CALLBACK_THREADS} says, else two for each core and not more than 64.
   */
  public TidemarkBuilder callbackThreads(int threads) {
    callbackOptions = callbackOptions.withThreads(threads);
    return this;
  }

  /** Sets how long a close waits for listeners, once to take what is applied and once to end. */
  public TidemarkBuilder closeLimitMs(long limitMs) {
    callbackOptions = callbackOptions.withCloseLimitMs(limitMs);
    return this;
  }

  /** Adds what is told when more survives a power cut, so that the log may be recycled. */
  public TidemarkBuilder onDurable(DurabilityListener listener) {
    durabilityListeners.add(listener);
    return this;
  }

  /** Sets how the store is kept: segments, journal, history, space. */
  public TidemarkBuilder store(TrackerOptions options) {
    storeOptions = options;
    return this;
  }

  /** Returns how the store is kept, within the limit of memory. */
  TrackerOptions storeOptions() {
    if (memoryLimitBytes == Long.MAX_VALUE) {
      return storeOptions;
    }
    long ringBytes = (long) pipelineOptions.ringCapacity() * RING_EVENT_BYTES;
    long events = (memoryLimitBytes - FIXED_BYTES - ringBytes) / EVENT_BYTES;
    if (events < MIN_OPEN_EVENTS) {
      long needed = FIXED_BYTES + ringBytes + MIN_OPEN_EVENTS * EVENT_BYTES;
      throw new IllegalArgumentException(
          "memory limit is too low: neededMb="
              + ((needed + (1 << 20) - 1) >> 20)
              + ", limitMb="
              + (memoryLimitBytes >> 20)
              + ", ringCapacity="
              + pipelineOptions.ringCapacity());
    }
    return storeOptions.toBuilder()
        .maxOpenEvents((int) Math.min(storeOptions.maxOpenEvents(), events))
        .openEventsMax((int) Math.min(Integer.MAX_VALUE - 1, events / 3 * 8))
        .build();
  }

  /**
   * Opens the store for writing, and creates it if the directory is new or empty.
   *
   * @throws io.tidemark.errors.StoreLockedException if another writer has it open
   * @throws io.tidemark.errors.ForeignFileException if it is fed from another log
   * @throws IllegalArgumentException if the limit of memory is too low, or the environment names a
   *     number of threads that cannot be; nothing was opened
   */
  public Tidemark open() throws IOException {
    TrackerOptions limited = storeOptions();
    int threads =
        callbackOptions.threads(System.getenv(), Runtime.getRuntime().availableProcessors());
    return of(BitmapEngine.open(directory, name, limited), threads);
  }

  /** Takes over an engine; closes it if the rest cannot be started. */
  Tidemark of(BitmapEngine engine, int threads) throws IOException {
    CallbackOptions options = callbackOptions.withThreads(threads);
    BlockEventCallbacks callbacks = null;
    try {
      callbacks = BlockEventCallbacks.start(engine, options);
      EventPipeline pipeline = EventPipeline.start(engine, pipelineOptions, durabilityListeners);
      return new Tidemark(engine, pipeline, callbacks, options.closeLimitMs());
    } catch (IOException | RuntimeException | Error e) {
      close(callbacks, engine, e);
      throw e;
    }
  }

  private static void close(
      @Nullable BlockEventCallbacks callbacks, BitmapEngine engine, Throwable why) {
    try (engine) {
      if (callbacks != null) {
        callbacks.close();
      }
    } catch (IOException | RuntimeException e) {
      why.addSuppressed(e);
    }
  }
}
