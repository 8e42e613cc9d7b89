package io.tidemark.tools.agent;

import io.tidemark.plugin.Configuration;
import io.tidemark.tdengine.VnodeDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** What an agent gives to a backup: its configuration, and its stores for a while. */
record LentStores(AgentContext context, FollowedLogs logs) implements BackupJob.Stores {

  @Override
  public Configuration configuration() {
    return context.configuration();
  }

  @Override
  public List<VnodeDirectory> vnodes() {
    return logs.all().stream().map(one -> one.place().vnode()).filter(Objects::nonNull).toList();
  }

  @Override
  public List<BackupJob.Engine> engines() {
    return logs.all().stream()
        .filter(one -> one.place() instanceof EnginePlace)
        .map(
            one ->
                new BackupJob.Engine(
                    one.name(), one.place().directory(), one.store(), context.openEventsMax()))
        .toList();
  }

  @Override
  public Path directory() {
    return Agent.stores(configuration());
  }

  @Override
  public <T> T lend(BackupJob.Work<T> work) throws IOException {
    return lend(logs.all(), work);
  }

  /** Takes the stores of logs one in another, always in the order of their names. */
  private static <T> T lend(List<FollowedVgroup> lenders, BackupJob.Work<T> work)
      throws IOException {
    return lenders.isEmpty()
        ? work.work()
        : lenders.get(0).lend(() -> lend(lenders.subList(1, lenders.size()), work));
  }

  @Override
  public <T> T lend(BackupJob.Engine engine, BackupJob.Work<T> work) throws IOException {
    for (FollowedVgroup one : logs.all()) {
      if (one.name().equals(engine.name())) {
        return one.lend(work);
      }
    }
    throw new IOException("engine is not followed any more: directory=" + engine.directory());
  }
}
