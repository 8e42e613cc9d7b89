package io.tidemark.tracker;

/**
 * What a program does with the events of a store.
 *
 * <p>Called by threads of {@link BlockEventCallbacks}, for one block by one at a time and in the
 * order of the journal; for different blocks by several at once, unless it was added with one lane.
 * Whatever it throws is counted and disturbs nobody else; the event is not given again.
 */
@FunctionalInterface
public interface BlockEventCallback {

  /**
   * Takes an event that is applied; it may not survive a power cut yet.
   *
   * @param event valid until this returns
   */
  void onEvent(BlockEvent event) throws Exception;

  /**
   * Takes a flush of every block up to a WAL offset. Everything before it was given, and nothing
   * behind it is given until this returns.
   */
  default void onFlushAll(long walOffset, long timestampNs, int generation) throws Exception {}

  /**
   * Takes note that the journal holds a closed interval of positions no longer: it was recycled
   * before the listener came to it, or cannot be read. Everything before it was given, and nothing
   * behind it is given until this returns.
   */
  default void missed(long firstPosition, long lastPosition) throws Exception {}
}
