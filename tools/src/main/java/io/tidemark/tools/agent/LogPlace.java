package io.tidemark.tools.agent;

import io.tidemark.plugin.Configuration;
import io.tidemark.tdengine.FollowedLog;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalHeadroom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a log lies that an agent may follow, and by what a configuration wants it read. */
interface LogPlace {

  /** Returns its name, which is that of its store as well. */
  String name();

  /** Returns the directory of the vnode or engine. */
  Path directory();

  /** Returns the directory in which every write to the log shows. */
  Path logDirectory();

  /** Returns the vnode that it is of; null for none. */
  @Nullable VnodeDirectory vnode();

  /** Returns the labels of its metrics until it was opened. */
  Map<String, String> labels();

  /** Returns whether a configuration wants it followed. */
  boolean isWanted(Configuration configuration);

  /** Returns by what it is read: a value of {@code agent.source}. */
  String source(Configuration configuration);

  /** Returns all of by what it is read: where it is another one it is opened anew. */
  String wayOf(Configuration configuration);

  /** Returns what opens it; {@link #release} when it is closed again, or could not be opened. */
  FollowedLog log(Configuration configuration) throws IOException;

  /** Gives back what it was read by; harmless where there is nothing. */
  void release();

  /**
   * Returns how long what was not read is kept, without opening anything.
   *
   * @param nextVersion the version that is due to be read
   */
  WalHeadroom headroom(long nextVersion, long nowMs) throws IOException, WalDecodeException;
}
