package io.tidemark.tracker;

import io.tidemark.ingest.Sleeper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls listeners for every event that is applied to a store, on threads of its own.
 *
 * <p>Listeners are fed from the journal: a slow one, or one that throws, holds up neither the
 * storage engine nor the store. What it is behind waits in the journal; if that is recycled first,
 * it is told what it missed. Each event is given once, unless a listener begins again at an older
 * position.
 *
 * <p>Thread-safe. No thread is started before there is a listener. Close it before the engine.
 */
public final class BlockEventCallbacks implements AutoCloseable {

  /*
   * Threads. Who appends wakes the feeder, which costs a volatile read while it is awake. The feeder
   * reads the journal for one listener after another and deals its events out to its lanes; it never
   * waits for a listener. The pool's threads run the lanes. A listener that blocks takes as many of them
   * as it has lanes.
   */

  private static final Logger LOG = LoggerFactory.getLogger(BlockEventCallbacks.class);

  private final BitmapEngine engine;
  private final String shard;
  private final CallbackOptions options;
  private final int threadCount;
  private final AtomicReference<@Nullable Runnable> afterAppend;
  private final Sleeper sleeper = new Sleeper(this::isDue);
  private final Runnable wakeFeeder = sleeper::call;
  private final Runnable appended = sleeper::wake;
  private final Set<Thread> callers = ConcurrentHashMap.newKeySet();
  private final CallbackThreads threads;
  private final List<ListenerFeed> feeds = new CopyOnWriteArrayList<>();
  private @Nullable Thread feeder; // Guarded by this.
  private volatile boolean isClosing;

  /** The feeder's: through where it has seen what is applied. */
  private long seen;

  private BlockEventCallbacks(
      BitmapEngine engine, ChangeTracker tracker, CallbackOptions options, int threadCount) {
    this.engine = engine;
    this.shard = tracker.identity().shard();
    this.options = options;
    this.threadCount = threadCount;
    this.afterAppend = tracker.afterAppend();
    this.threads = new CallbackThreads(threadCount, this::thread);
    if (!afterAppend.compareAndSet(null, appended)) {
      throw new IllegalStateException("engine has callbacks already: shard=" + shard);
    }
  }

  private Thread thread(Runnable work) {
    Thread caller = daemon("callback-" + (callers.size() + 1), work);
    callers.add(caller);
    return caller;
  }

  private Thread daemon(String role, Runnable work) {
    Thread thread = new Thread(work, "tidemark-" + role + "-" + shard);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Makes an engine's events known to listeners. One an engine, which stays the caller's to close.
   *
   * @throws IllegalArgumentException if the environment names a number of threads that cannot be
   */
  public static BlockEventCallbacks start(BitmapEngine engine, CallbackOptions options)
      throws IOException {
    int count = options.threads(System.getenv(), Runtime.getRuntime().availableProcessors());
    return engine.call(tracker -> new BlockEventCallbacks(engine, tracker, options, count));
  }

  /** Makes an engine's events known to listeners, with default options. */
  public static BlockEventCallbacks start(BitmapEngine engine) throws IOException {
    return start(engine, CallbackOptions.defaults());
  }

  /**
   * Adds a listener that gets every event from a position on.
   *
   * @param name for people; in statistics and messages
   * @throws IllegalArgumentException if it begins behind the end of the journal: what it saw before
   *     did not survive, and its positions are given to other events
   * @throws IllegalStateException if this is closed, or there are too many listeners
   */
  public synchronized BlockEventListener add(
      String name, BlockEventCallback callback, ListenerOptions listenerOptions)
      throws IOException {
    checkOpen();
    long next = engine.position() + 1;
    long from = listenerOptions.from();
    if (from == ListenerOptions.PRESENT) {
      from = next;
    } else if (from > next) {
      throw new IllegalArgumentException(
          "listener begins behind the end of the journal: next="
              + next
              + ", from="
              + from
              + ", listener="
              + name);
    }
    int lanes =
        listenerOptions.lanes() == ListenerOptions.AS_MANY_AS_THREADS
            ? threadCount
            : listenerOptions.lanes();
    checkLanes(lanes);
    long first = from;
    BlockEventListener listener =
        new BlockEventListener(
            name,
            first,
            engine::position,
            wakeFeeder,
            added -> lanes(added, callback, lanes, listenerOptions.laneEvents()));
    ListenerFeed feed = engine.call(tracker -> new ListenerFeed(listener, tracker.follow(first)));
    start();
    feeds.add(feed);
    sleeper.call();
    return listener;
  }

  /** Adds a listener that gets every event from now on. */
  public BlockEventListener add(String name, BlockEventCallback callback) throws IOException {
    return add(name, callback, ListenerOptions.defaults());
  }

  private List<ListenerLane> lanes(
      BlockEventListener listener, BlockEventCallback callback, int count, int capacity) {
    List<ListenerLane> lanes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lanes.add(new ListenerLane(listener, callback, threads, capacity, wakeFeeder));
    }
    return List.copyOf(lanes);
  }

  private void checkOpen() {
    if (isClosing) {
      throw new IllegalStateException("callbacks are closed: shard=" + shard);
    }
  }

  private void checkLanes(int lanes) {
    int total = lanes;
    for (ListenerFeed feed : feeds) {
      total += feed.listener().lanes().size();
    }
    if (total > CallbackThreads.MAX_LANES) {
      throw new IllegalStateException(
          "too many listeners: maxLanes="
              + CallbackThreads.MAX_LANES
              + ", lanes="
              + total
              + ", listeners="
              + feeds.size());
    }
  }

  private void start() {
    if (feeder == null) {
      threads.start();
      Thread thread = daemon("feed", this::feed);
      thread.start();
      feeder = thread;
    }
  }

  private boolean isDue() {
    return isClosing || engine.position() > seen;
  }

  private void feed() {
    while (!isClosing) {
      seen = engine.position();
      boolean hasFed = false;
      for (ListenerFeed feed : feeds) {
        hasFed |= feed(feed);
      }
      if (!hasFed) {
        sleeper.sleep();
      }
    }
  }

  /** What goes wrong with one listener ends that one. */
  private boolean feed(ListenerFeed feed) {
    BlockEventListener listener = feed.listener();
    boolean hasFed = false;
    if (!listener.isClosed()) {
      try {
        hasFed = feed.feed(seen);
      } catch (RuntimeException | Error e) {
        LOG.error("listener cannot be fed any more: listener={}", listener.name(), e);
        listener.noteFailure(e);
        listener.close();
      }
    }
    if (listener.isClosed()) {
      feeds.remove(feed);
      feed.close();
    }
    return hasFed;
  }

  /** Returns how many threads call listeners at most. */
  public int threads() {
    return threadCount;
  }

  /** Returns how many of them were started. */
  int threadsStarted() {
    return threads.started();
  }

  /** Returns what became of the events of each listener that is not closed. */
  public List<ListenerStatistics> statistics() {
    List<ListenerStatistics> all = new ArrayList<>();
    for (ListenerFeed feed : feeds) {
      all.add(feed.listener().statistics());
    }
    return List.copyOf(all);
  }

  /**
   * Waits until all listeners were given everything through a journal position. Called by a
   * listener it waits for nothing.
   *
   * @return false if the time was over before, or one of them was closed meanwhile
   */
  public boolean awaitDelivered(long position, long timeoutMs) throws InterruptedException {
    if (callers.contains(Thread.currentThread())) {
      return false;
    }
    long startNs = System.nanoTime();
    boolean isDelivered = true;
    for (ListenerFeed feed : feeds) {
      BlockEventListener listener = feed.listener();
      long goneMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
      try {
        isDelivered &= listener.awaitDelivered(position, Math.max(0, timeoutMs - goneMs));
      } catch (IllegalStateException e) {
        isDelivered = false; // It is closed.
      }
    }
    return isDelivered;
  }

  /**
   * Closes all listeners and ends the threads; does nothing if it is closed already.
   *
   * <p>Calls under way are waited for, up to the limit of the options; then their threads are
   * interrupted and left. What was not delivered is not: to have it delivered, wait for it before
   * ({@link BlockEventListener#awaitDelivered}). A listener may call this: it is not waited for
   * then. Interrupts do not end the waiting.
   */
  @Override
  public void close() {
    Thread feeding;
    synchronized (this) {
      if (isClosing) {
        return;
      }
      isClosing = true;
      feeding = feeder;
    }
    afterAppend.compareAndSet(appended, null);
    for (ListenerFeed feed : feeds) {
      feed.listener().close();
    }
    sleeper.call();
    threads.stop();
    boolean wasInterrupted = false;
    if (feeding != null) {
      wasInterrupted = join(feeding);
    }
    for (ListenerFeed feed : feeds) {
      feed.close();
    }
    feeds.clear();
    if (!callers.contains(Thread.currentThread())) {
      wasInterrupted |= awaitCalls();
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean join(Thread thread) {
    boolean wasInterrupted = false;
    while (true) {
      try {
        thread.join();
        return wasInterrupted;
      } catch (InterruptedException e) {
        wasInterrupted = true;
      }
    }
  }

  /** Returns whether it was interrupted. */
  private boolean awaitCalls() {
    boolean wasInterrupted = false;
    long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(options.closeLimitMs());
    while (true) {
      try {
        long remainingMs = TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime());
        if (!threads.await(Math.max(0, remainingMs))) {
          LOG.warn("listeners do not end, their threads are left: shard={}", shard);
          threads.interrupt();
        }
        return wasInterrupted;
      } catch (InterruptedException e) {
        wasInterrupted = true;
      }
    }
  }
}
