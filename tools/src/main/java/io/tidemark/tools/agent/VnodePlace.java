package io.tidemark.tools.agent;

import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.tdengine.FollowedLog;
import io.tidemark.tdengine.RecycledHistory;
import io.tidemark.tdengine.TopicLog;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalHeadroom;
import io.tidemark.tdengine.WalLog;
import io.tidemark.tdengine.tsdb.TsdbHistory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A vnode of a server: read by its WAL or by a topic. */
record VnodePlace(VnodeDirectory vnode, AgentContext context) implements LogPlace {
  private static final String PREFIX = "vnode";

  @Override
  public String name() {
    return String.valueOf(vnode.path().getFileName());
  }

  @Override
  public Path directory() {
    return vnode.path();
  }

  @Override
  public Path logDirectory() {
    return vnode.walDirectory();
  }

  @Override
  public Map<String, String> labels() {
    return Map.of("database", "", "vgroup", name().substring(PREFIX.length()));
  }

  private int vgroupId() {
    return Integer.parseInt(name().substring(PREFIX.length()));
  }

  @Override
  public boolean isWanted(Configuration configuration) {
    return !EnginePlace.areWanted(configuration);
  }

  @Override
  public String source(Configuration configuration) {
    return configuration.text(ConfigurationKeys.SOURCE);
  }

  @Override
  public String wayOf(Configuration configuration) {
    return AgentTopics.wayOf(configuration);
  }

  @Override
  public FollowedLog log(Configuration configuration) throws IOException {
    if (AgentTopics.isByTopic(configuration)) {
      return new TopicLog(
          vnode, context.topics().rows(configuration, vgroupId()), context.clocks().epoch());
    }
    return new WalLog(
        vnode,
        configuration.flag(ConfigurationKeys.SEED_FROM_DATA_FILES)
            ? new TsdbHistory(vnode)
            : RecycledHistory.NONE);
  }

  @Override
  public void release() {
    context.topics().release(vgroupId());
  }

  @Override
  public WalHeadroom headroom(long nextVersion, long nowMs) throws IOException, WalDecodeException {
    return WalHeadroom.of(vnode, nextVersion, nowMs);
  }
}
