package io.tidemark.benchmarks.follow;

import io.tidemark.metrics.StoreCounters;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKey;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.plugin.StoreSettings;
import io.tidemark.tdengine.IngestReport;
import io.tidemark.tdengine.RecycledHistory;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalLog;
import io.tidemark.tdengine.WalWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;

/** Follows a vnode with the turns of an agent, in one thread, until it is closed. */
final class FollowLoop {
  /** The name of the thread. */
  static final String THREAD = "tidemark-follow";

  private static final long REST_MS = 100;

  /** Is told what is applied. */
  interface Observer {
    /** Everything below a version is applied, by the nano clock since. */
    void onApplied(long nextVersion, long sinceNs);
  }

  private final VnodeFollower follower;
  private final VnodeDirectory vnode;
  private final Configuration configuration;
  private final Observer observer;
  private final @Nullable WalWatch watch;
  private final Thread thread = new Thread(this::run, THREAD);
  private volatile boolean isOver;
  private volatile boolean isStirred;
  private volatile @Nullable Exception failure;
  private long idleMs;

  private FollowLoop(
      VnodeFollower follower,
      VnodeDirectory vnode,
      Configuration configuration,
      Observer observer,
      @Nullable WalWatch watch) {
    this.follower = follower;
    this.vnode = vnode;
    this.configuration = configuration;
    this.observer = observer;
    this.watch = watch;
  }

  static FollowLoop start(
      VnodeDirectory vnode,
      Path store,
      Configuration configuration,
      Observer observer,
      boolean isWatched)
      throws IOException, WalDecodeException {
    VnodeFollower follower =
        VnodeFollower.open(
            new WalLog(vnode, RecycledHistory.NONE),
            store,
            StoreSettings.options(configuration, StoreSettings.openEvents(configuration, 1)),
            StoreCounters.inMemory(Map.of(), SystemEpochClock.INSTANCE),
            System.currentTimeMillis(),
            new VnodeFollower.Clocks(SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE));
    FollowLoop loop =
        new FollowLoop(
            follower, vnode, configuration, observer, isWatched ? WalWatch.open() : null);
    loop.thread.start();
    return loop;
  }

  private void run() {
    try {
      long refreshNs = System.nanoTime();
      long checkpointNs = refreshNs;
      follower.limitOpenEvents(StoreSettings.openEvents(configuration, 1));
      while (!isOver) {
        IngestReport report = follower.poll(number(ConfigurationKeys.BUFFER_SIZE));
        long now = System.nanoTime();
        observer.onApplied(follower.standing().nextVersion(), now);
        if (now - checkpointNs > seconds(number(ConfigurationKeys.CHECKPOINT_INTERVAL_SECONDS))) {
          follower.checkpoint();
          checkpointNs = now;
        }
        if (now - refreshNs
            > TimeUnit.MILLISECONDS.toNanos(number(ConfigurationKeys.REFRESH_INTERVAL_MS))) {
          follower.refresh();
          refreshNs = now;
        }
        rest(report);
      }
    } catch (IOException | WalDecodeException | RuntimeException e) {
      failure = e;
    }
  }

  private static long seconds(long seconds) {
    return TimeUnit.SECONDS.toNanos(seconds);
  }

  private long number(ConfigurationKey key) {
    return configuration.number(key);
  }

  private void rest(IngestReport report) {
    if (!report.isAtEnd()) {
      return;
    }
    boolean isFresh = report.records() > 0 || idleMs == 0 || isStirred;
    isStirred = false;
    idleMs = isFresh ? number(ConfigurationKeys.POLL_INTERVAL_MS) : 2 * idleMs;
    long maxMs = number(ConfigurationKeys.IDLE_POLL_INTERVAL_MS);
    idleMs = Math.min(idleMs, maxMs);
    if (idleMs >= Math.min(REST_MS, maxMs)
        && watch != null
        && watch.once(vnode.walDirectory(), this::stir)) {
      return;
    }
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(idleMs));
  }

  private void stir() {
    isStirred = true;
    LockSupport.unpark(thread);
  }

  /** Stops following and closes the store. */
  void end() throws IOException, InterruptedException {
    isOver = true;
    thread.join();
    if (watch != null) {
      watch.close();
    }
    follower.close();
    follower.counters().close();
    if (failure != null) {
      throw new IOException("follower failed", failure);
    }
  }
}
