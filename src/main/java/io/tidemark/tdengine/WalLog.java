package io.tidemark.tdengine;

import io.tidemark.tracker.ChangeTracker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The WAL files of a vnode.
 *
 * @param history asked about versions that the server recycled before they were read
 */
public record WalLog(VnodeDirectory vnode, RecycledHistory history) implements FollowedLog {

  @Override
  public String shard() throws IOException, WalDecodeException {
    return WalEventSource.shardOf(vnode.config());
  }

  @Override
  public Map<String, String> labels() throws IOException, WalDecodeException {
    return labels(vnode.config());
  }

  static Map<String, String> labels(VnodeConfig config) {
    Map<String, String> labels = new TreeMap<>();
    labels.put("database", config.database());
    labels.put("vgroup", String.valueOf(config.vgroupId()));
    return labels;
  }

  @Override
  public WalEventSource open(ChangeTracker tracker) throws IOException, WalDecodeException {
    return WalEventSource.open(vnode, tracker, history);
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
