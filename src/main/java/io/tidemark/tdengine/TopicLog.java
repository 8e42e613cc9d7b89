package io.tidemark.tdengine;

import io.tidemark.tracker.ChangeTracker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.agrona.concurrent.EpochClock;

/**
 * The rows of a vgroup in a topic: everything read is a hole, in which the blocks that had rows are
 * known.
 *
 * @param vnode needed for vnode.json and the names of the WAL's files
 * @param rows the vgroup's rows; stays open
 * @param clock says when rows were read
 */
public record TopicLog(VnodeDirectory vnode, RowFeed rows, EpochClock clock)
    implements FollowedLog {

  @Override
  public String shard() throws IOException, WalDecodeException {
    return WalEventSource.shardOf(vnode.config());
  }

  @Override
  public Map<String, String> labels() throws IOException, WalDecodeException {
    return WalLog.labels(vnode.config());
  }

  @Override
  public VgroupSource open(ChangeTracker tracker) throws IOException, WalDecodeException {
    return TopicEventSource.open(vnode.config(), tracker, rows, clock);
  }

  @Override
  public void describeIn(Path store, long storeId) throws IOException {
    StoredVnode.keep(store, storeId, vnode);
  }

  @Override
  public WalHeadroom headroom(long nextVersion, long nowMs) throws IOException, WalDecodeException {
    return WalHeadroom.of(vnode, nextVersion, nowMs);
  }
}
