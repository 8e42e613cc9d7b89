package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells once when something is written to the log of an idle vnode or engine, as the operating
 * system sees it.
 *
 * <p>A hint, not a promise: where the system has no such notices, or no more of them, it tells
 * nothing. Whoever waits for it looks again by himself after a while. Thread-safe.
 */
public final class WalWatch implements AutoCloseable {
  /*
   * Once. A watched directory makes each write dearer for the server, and wakes a thread here. So it is
   * watched from when its log is idle until the first write: a busy log is never watched.
   *
   * What was written before the watch began is not told of: look once more when it has begun.
   */

  private final @Nullable WatchService service;
  private final Map<WatchKey, Runnable> waiting = new HashMap<>(); // Guarded by this.

  private WalWatch(@Nullable WatchService service) {
    this.service = service;
  }

  /** Begins with no log; where the system cannot tell anything it never will. */
  public static WalWatch open() {
    WalWatch watch;
    try {
      watch = new WalWatch(FileSystems.getDefault().newWatchService());
    } catch (IOException | UnsupportedOperationException e) {
      return new WalWatch(null);
    }
    Thread thread = new Thread(watch::tell, "tidemark-watch-files");
    thread.setDaemon(true);
    thread.start();
    return watch;
  }

  /**
   * Asks to be told of the next write to a file in the directory of a log.
   *
   * @param onWrite called once, by a thread of the watch that it must not hold up
   * @return whether the watch began only now: then look once more
   */
  public synchronized boolean once(Path logDirectory, Runnable onWrite) {
    if (service == null) {
      return false;
    }
    try {
      WatchKey key =
          logDirectory.register(
              service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      return waiting.put(key, onWrite) == null;
    } catch (IOException | ClosedWatchServiceException e) {
      return false;
    }
  }

  private void tell() {
    try {
      while (service != null) {
        WatchKey key = service.take();
        Runnable onWrite = forget(key);
        if (onWrite != null) {
          onWrite.run();
        }
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      // Nobody wants to be told any more.
    }
  }

  private synchronized @Nullable Runnable forget(WatchKey key) {
    key.cancel();
    return waiting.remove(key);
  }

  /** Tells nothing any more. */
  @Override
  public void close() throws IOException {
    if (service != null) {
      service.close();
    }
  }
}
