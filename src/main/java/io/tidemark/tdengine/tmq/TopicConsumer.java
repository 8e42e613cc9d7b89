package io.tidemark.tdengine.tmq;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A consumer that is subscribed to one topic and has all its vgroups.
 *
 * <p>Used by one thread at a time. After an exception of any method only {@link #close} may be
 * called.
 */
public interface TopicConsumer extends AutoCloseable {

  /**
   * Returns the rows of the next result, of any vgroup; none is no end.
   *
   * <p>A result without rows may still have moved the place of a vgroup: something that is no row
   * was passed.
   *
   * @param timeoutMs how long to wait for one
   */
  List<TopicRow> poll(long timeoutMs) throws IOException;

  /** Returns where the consumer stands in each vgroup that it was given. */
  Map<Integer, TopicPlace> places() throws IOException;

  /** Puts the consumer to a version of a vgroup that the server has, or behind its last. */
  void seek(int vgroupId, long version) throws IOException;

  @Override
  void close() throws IOException;
}
