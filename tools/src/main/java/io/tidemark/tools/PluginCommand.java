package io.tidemark.tools;

import io.tidemark.backup.BackupProgress;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupStatistics;
import io.tidemark.backup.LiveEngine;
import io.tidemark.plugin.BackupPlugin;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.plugin.ConfigurationSource;
import io.tidemark.plugin.LiveConfiguration;
import io.tidemark.plugin.PluginContext;
import io.tidemark.plugin.PluginInfo;
import io.tidemark.plugin.PluginRegistry;
import io.tidemark.plugin.RestoreReport;
import io.tidemark.plugin.VerifyReport;
import io.tidemark.tracker.Chains;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Has a backup plugin work on an embedded engine: the library's, or that of a jar. */
@Command(
    name = PluginCommand.NAME,
    description = {
      "Have a backup plugin estimate, back up, verify or restore an embedded engine:",
      "the one that comes along, or that of --jar."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class PluginCommand implements Callable<Integer> {
  static final String NAME = "plugin";

  /** What is to be done. */
  enum Action {
    /** Say what plugins there are. */
    LIST,
    /** Say how many bytes the changed blocks hold. */
    ESTIMATE,
    /** Take a run. */
    BACKUP,
    /** Verify every byte of a run, or of all. */
    VERIFY,
    /** Restore a run into a new directory. */
    RESTORE,
    /** Say what the plugin did since it was loaded. */
    STATS
  }

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private KeyOptions key;

  @Parameters(
      paramLabel = "ACTION",
      description = "list, estimate, backup, verify, restore or stats.")
  private Action action;

  @Option(names = "--jar", paramLabel = "FILE", description = "Load the plugin of this jar.")
  private @Nullable Path jar;

  @Option(
      names = "--id",
      paramLabel = "NAME",
      description = "The plugin of this name. Default: that of --jar, or plugin.name")
  private @Nullable String id;

  @Option(names = "--config", paramLabel = "FILE", description = "Its configuration.")
  private @Nullable Path config;

  @Option(names = "--engine", paramLabel = "DIR", description = "The embedded engine.")
  private @Nullable Path engine;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Store that tracks it; created if it is new.")
  private @Nullable Path store;

  @Option(names = "--backups", paramLabel = "DIR", description = "Where its backups are.")
  private @Nullable Path backups;

  @Option(
      names = "--chain",
      paramLabel = "NAME",
      defaultValue = Chains.DEFAULT,
      description = "Chain to add to. Default: ${DEFAULT-VALUE}")
  private String chain;

  @Option(names = "--full", description = "With backup: copy everything.")
  private boolean isFull;

  @Option(names = "--run", paramLabel = "RUN", description = "The run to verify or restore.")
  private @Nullable String run;

  @Option(
      names = "--target",
      paramLabel = "DIR",
      description = "With restore: a new or empty directory.")
  private @Nullable Path target;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    Configuration configuration =
        LiveConfiguration.read(new ConfigurationSource(config, System.getenv(), Map.of()))
            .current();
    try (PluginRegistry plugins = PluginRegistry.open()) {
      String loaded = jar == null ? null : plugins.load(jar).name();
      if (action == Action.LIST) {
        plugins.list().forEach(info -> tell(info, terminal));
        return ExitCode.DONE;
      }
      String chosen = loaded == null ? configuration.text(ConfigurationKeys.PLUGIN_NAME) : loaded;
      return work(plugins.plugin(id == null ? chosen : id), configuration, terminal);
    }
  }

  /** Returns the value of an option that the action needs. */
  private <T> T needed(String option, @Nullable T value) {
    if (value == null) {
      throw new ParameterException(
          spec.commandLine(), action.name().toLowerCase(Locale.ROOT) + " needs " + option);
    }
    return value;
  }

  private int work(BackupPlugin plugin, Configuration configuration, Terminal terminal)
      throws IOException {
    Path engineDirectory = needed("--engine", engine);
    Path storeDirectory = needed("--store", store);
    Path kept = needed("--backups", backups);
    if (action == Action.RESTORE) {
      needed("--run", run);
      needed("--target", target);
    }
    try (EngineAndStore tracked = EngineAndStore.open(engineDirectory, storeDirectory)) {
      plugin.init(
          new PluginContext(
              configuration,
              tracked.engine().events().shard(),
              tracked.store(),
              storeDirectory,
              tracked.engine(),
              kept,
              key.keys()));
      try {
        return act(plugin, tracked.engine(), terminal);
      } finally {
        // Before its engine and store are closed.
        plugin.shutdown();
      }
    }
  }

  private int act(BackupPlugin plugin, LiveEngine live, Terminal terminal) throws IOException {
    if (action == Action.ESTIMATE) {
      long bytes = plugin.estimateBackupSize(0, -1);
      terminal.line("changed blocks hold " + ByteSize.text(bytes) + " before compression");
      terminal.event("estimate", json -> json.writeNumberField("contentBytes", bytes));
      return ExitCode.DONE;
    }
    plugin.start();
    switch (action) {
      case BACKUP -> {
        BackupRequest request =
            isFull ? BackupRequest.full(chain) : BackupRequest.incremental(chain);
        ProgressPrinter printer = new ProgressPrinter(terminal);
        BackupProgress.Listener follow =
            progress -> {
              printer.onProgress(progress);
              live.follow();
            };
        BackupCommand.tell(plugin.backup(request, follow), terminal);
      }
      case VERIFY -> {
        return tell(plugin.verify(run), terminal);
      }
      case RESTORE ->
          tell(plugin.restore(needed("--run", run), needed("--target", target)), terminal);
      default -> tell(plugin.statistics(), terminal);
    }
    return ExitCode.DONE;
  }

  private static void tell(PluginInfo info, Terminal terminal) {
    terminal.line(info.name() + "  " + info.version() + "  " + info.capabilities());
    terminal.event(
        NAME,
        json -> {
          json.writeStringField("name", info.name());
          json.writeStringField("version", info.version());
          json.writeNumberField("apiVersion", info.apiVersion());
        });
  }

  private static int tell(VerifyReport report, Terminal terminal) {
    for (String finding : report.findings()) {
      terminal.line(terminal.bad("WRONG") + "  " + finding);
      terminal.event("finding", json -> json.writeStringField("message", finding));
    }
    boolean isGood = report.findings().isEmpty();
    terminal.line(
        (isGood ? terminal.good("verified") : terminal.bad("VERIFICATION FAILED"))
            + ": "
            + DetectionSummary.counted(report.runs().size(), "run"));
    terminal.event(
        "result",
        json -> {
          json.writeBooleanField("good", isGood);
          json.writeNumberField("runs", report.runs().size());
          json.writeNumberField("findings", report.findings().size());
        });
    return isGood ? ExitCode.DONE : ExitCode.VERIFICATION_FAILED;
  }

  private static void tell(RestoreReport report, Terminal terminal) {
    terminal.line(
        terminal.good("restored")
            + " "
            + DetectionSummary.counted(report.blocks(), "block")
            + " of "
            + DetectionSummary.counted(report.runs().size(), "run")
            + ", "
            + ByteSize.text(report.bytes()));
    terminal.event(
        "restored",
        json -> {
          json.writeNumberField("blocks", report.blocks());
          json.writeNumberField("runs", report.runs().size());
          json.writeNumberField("contentBytes", report.bytes());
        });
  }

  private static void tell(BackupStatistics done, Terminal terminal) {
    terminal.line(done.toString());
    terminal.event(
        "statistics",
        json -> {
          json.writeNumberField("runs", done.runs());
          json.writeNumberField("rolledForward", done.rolledForward());
          json.writeNumberField("failed", done.failed());
          json.writeNumberField("blocks", done.blocks());
          json.writeNumberField("contentBytes", done.contentBytes());
        });
  }
}
