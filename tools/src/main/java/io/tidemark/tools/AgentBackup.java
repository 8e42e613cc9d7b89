package io.tidemark.tools;

import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.tools.agent.BackupJob;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Map;

/**
 * The backup that an agent takes: with taosdump where it follows vgroups, to an archive where it
 * follows embedded engines.
 */
final class AgentBackup implements BackupJob {
  private static final String EMBEDDED = "embedded";

  private final TaosdumpBackup vgroups;
  private final ArchiveBackup engines;

  AgentBackup(InstantSource clock, Map<String, String> environment) {
    this.vgroups = new TaosdumpBackup(clock, environment);
    this.engines = new ArchiveBackup(environment);
  }

  @Override
  public void run(Stores stores, Listener listener) throws IOException {
    if (stores.configuration().text(ConfigurationKeys.SOURCE).equals(EMBEDDED)) {
      engines.run(stores, listener);
    } else {
      vgroups.run(stores, listener);
    }
  }

  @Override
  public void cancel() {
    vgroups.cancel();
    engines.cancel();
  }
}
