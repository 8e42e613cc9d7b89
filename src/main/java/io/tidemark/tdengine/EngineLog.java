package io.tidemark.tdengine;

import io.tidemark.ingest.EmbeddedLogTail;
import io.tidemark.storage.StorageIO;
import io.tidemark.tracker.ChangeTracker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The log of an embedded engine, which may be open in another process.
 *
 * @param io where it is
 * @param directory the engine's
 */
public record EngineLog(StorageIO io, Path directory) implements FollowedLog {

  @Override
  public String shard() throws IOException {
    return EmbeddedLogTail.shard(io, directory);
  }

  @Override
  public Map<String, String> labels() {
    return labels(directory);
  }

  /** Returns the labels of an engine's metrics. */
  public static Map<String, String> labels(Path directory) {
    return Map.of("engine", String.valueOf(directory.toAbsolutePath().normalize().getFileName()));
  }

  @Override
  public VgroupSource open(ChangeTracker tracker) throws IOException {
    return EngineEventSource.open(io, directory, tracker);
  }

  /**
   * {@inheritDoc}
   *
   * <p>An engine does not say how much log it keeps: what it has ended and nobody has read it may
   * delete at any flush. Records of its open file are not counted before they are read.
   */
  @Override
  public WalHeadroom headroom(long nextVersion, long nowMs) throws IOException {
    long unread = EmbeddedLogTail.endedRecordsFrom(io, directory, nextVersion);
    return new WalHeadroom(unread, unread == 0 ? WalHeadroom.UNLIMITED : 0);
  }
}
