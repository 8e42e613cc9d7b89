package io.tidemark.tools.agent;

import io.tidemark.plugin.Configuration;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.taosdump.SecretVariables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The backup that an agent takes by order; one at a time, in a thread of its own. */
public interface BackupJob {
  /** Holds the pass phrase of encrypted archives; it is in no configuration. */
  String PASS_PHRASE_VARIABLE = SecretVariables.PASS_PHRASE;

  /** Work that opens stores itself. */
  @FunctionalInterface
  interface Work<T> {

    /** Works. */
    T work() throws IOException;
  }

  /**
   * An embedded engine that is followed.
   *
   * @param name of its store
   * @param directory the engine's
   * @param store that tracks it
   * @param openEventsMax how many events that store may hold that are not sealed
   */
  record Engine(String name, Path directory, Path store, int openEventsMax) {}

  /** What an agent gives to a backup. */
  interface Stores {

    /** Returns what is in force. */
    Configuration configuration();

    /** Returns the vnodes that are followed. */
    List<VnodeDirectory> vnodes();

    /** Returns the embedded engines that are followed. */
    List<Engine> engines();

    /** Returns the directory that holds a store for each, under the vnode's name. */
    Path directory();

    /** Closes all stores, works, and goes on following; nothing is lost meanwhile. */
    <T> T lend(Work<T> work) throws IOException;

    /** Closes the store of one engine, works, and goes on following it. */
    <T> T lend(Engine engine, Work<T> work) throws IOException;
  }

  /** Hears how a backup gets on, in its thread. */
  interface Listener {

    /**
     * Hears what will be done.
     *
     * @param name of the backup's directory
     * @param isResumed whether a backup is gone on with that was interrupted
     * @param isFull whether everything is copied
     */
    void onPlan(String name, boolean isResumed, boolean isFull, int calls);

    /** Hears what was done. */
    void onProgress(int callsDone, long rows, long remainingMs);
  }

  /** Takes a backup; returns when it is complete. */
  void run(Stores stores, Listener listener) throws IOException;

  /** Makes a run end soon, with a failure. Any thread. */
  void cancel();
}
