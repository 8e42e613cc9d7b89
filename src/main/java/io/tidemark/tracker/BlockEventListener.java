package io.tidemark.tracker;

import io.tidemark.ingest.Watermark;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A callback that was added to a store, and how far it is.
 *
 * <p>Thread-safe.
 */
public final class BlockEventListener implements AutoCloseable {

  /*
   * Position. The feeder says through where it has put everything into the lanes, after it did. Who
   * wants to know through where all of it was delivered reads that first, and then the oldest event in
   * each lane: what lies below all of these was delivered. What is found never goes back, whoever asks.
   */

  private static final Logger LOG = LoggerFactory.getLogger(BlockEventListener.class);

  private final String name;
  private final LongSupplier applied;
  private final Runnable wakeFeeder;
  private final List<ListenerLane> lanes;
  private final AtomicLong fedThrough;
  private final Watermark delivered;
  private volatile @Nullable String trouble;
  private volatile boolean isClosed;

  /** Whether a failure was logged, and whether a miss was; one of each is enough. */
  private volatile boolean hasComplained;

  private volatile boolean hasMissed;

  /** Makes the lanes of a listener. */
  @FunctionalInterface
  interface Lanes {

    /** Returns lanes that call a listener. */
    List<ListenerLane> of(BlockEventListener listener);
  }

  BlockEventListener(
      String name, long from, LongSupplier applied, Runnable wakeFeeder, Lanes lanes) {
    this.name = name;
    this.applied = applied;
    this.wakeFeeder = wakeFeeder;
    this.lanes = lanes.of(this);
    this.fedThrough = new AtomicLong(from - 1);
    this.delivered = new Watermark(from - 1);
  }

  /** Returns the name it was added by. */
  public String name() {
    return name;
  }

  List<ListenerLane> lanes() {
    return lanes;
  }

  /**
   * Returns the journal position through which it was given everything there is for it: delivered,
   * failed or told to be missed. A listener that is added later goes on behind it.
   */
  public long deliveredThrough() {
    long through = fedThrough.get();
    for (ListenerLane lane : lanes) {
      through = Math.min(through, lane.queue().oldest() - 1);
    }
    return through;
  }

  /**
   * Waits until it was given everything through a journal position.
   *
   * @param position for example what {@link EventPipeline#flush} returned
   * @return false if the time was over before
   * @throws IllegalStateException if it is closed before
   */
  public boolean awaitDelivered(long position, long timeoutMs) throws InterruptedException {
    return delivered.await(position, timeoutMs);
  }

  /** Returns what became of its events. */
  public ListenerStatistics statistics() {
    long calls = 0;
    long failures = 0;
    long misses = 0;
    for (ListenerLane lane : lanes) {
      calls += lane.delivered();
      failures += lane.failed();
      misses += lane.missed();
    }
    long through = deliveredThrough();
    long lag = Math.max(0, applied.getAsLong() - through);
    return new ListenerStatistics(name, calls, failures, misses, through, lag, trouble);
  }

  /** Everything through a position is in the lanes; called by the feeder. */
  void fedThrough(long position) {
    assert position >= fedThrough.get() : "feed went back: next=" + position;
    fedThrough.set(position);
  }

  /** Tells those who wait how far it is; called by the feeder. */
  void publish() {
    long through = deliveredThrough();
    if (through > delivered.get()) {
      delivered.advance(through);
    }
  }

  /** A call threw, or the journal could not be read. */
  void noteFailure(Throwable cause) {
    trouble = cause.toString();
    if (!hasComplained) {
      hasComplained = true;
      LOG.warn("listener failed, more of it is only counted: listener={}", name, cause);
    }
  }

  /** Positions are told to be missed. */
  void noteMissed(long first, long last) {
    if (!hasMissed) {
      hasMissed = true;
      LOG.warn(
          "listener is too slow for the journal: missed={}-{}, listener={}", first, last, name);
    }
  }

  boolean isClosed() {
    return isClosed;
  }

  /**
   * Begins no call any more; one that is under way ends beside it. What was not delivered is not,
   * and who waits for it is refused. Does nothing if it is closed already.
   */
  @Override
  public void close() {
    isClosed = true;
    delivered.close(() -> new IllegalStateException("listener is closed: name=" + name));
    wakeFeeder.run();
  }
}
