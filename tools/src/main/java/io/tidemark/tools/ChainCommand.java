package io.tidemark.tools;

import io.tidemark.errors.MissingRunException;
import io.tidemark.tracker.Chains;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.StoreIdentity;
import io.tidemark.tracker.StoreReader;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the chains of backups of a store, and forgets some. */
@Command(
    name = ChainCommand.NAME,
    description = {
      "List the chains of backups that a store knows, or forget some.",
      "A chain keeps all history since its last run; the next run of one that",
      "was forgotten has to be a full one."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class ChainCommand implements Callable<Integer> {
  static final String NAME = "chain";

  private static final double NS_PER_DAY = TimeUnit.DAYS.toNanos(1);

  /** How long history is kept is for others to say. */
  private static final TrackerOptions KEEP_ALL =
      TrackerOptions.builder().unlimited().mergeFanIn(0).journalKeepBytes(Long.MAX_VALUE).build();

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "STORE", description = "A store: the directory with the file STORE.")
  private Path store;

  /** Which chains are forgotten. */
  private static final class Drop {
    @Option(names = "--drop", paramLabel = "CHAIN", description = "Forget this chain.")
    private @Nullable String name;

    @Option(
        names = "--drop-idle",
        paramLabel = "DAYS",
        description = {
          "Forget every chain whose next run would copy a change",
          "that is older than the newest one by more than this."
        })
    private @Nullable Long days;
  }

  @ArgGroup private @Nullable Drop drop;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    if (drop != null) {
      for (String name : dropped(drop)) {
        terminal.event("dropped", json -> json.writeStringField("chain", name));
        terminal.line("dropped chain " + name);
      }
    }
    show(terminal);
    return ExitCode.DONE;
  }

  private List<String> dropped(Drop asked) throws IOException {
    String shard = StoreIdentity.open(store).shard();
    try (ChangeTracker tracker = ChangeTracker.open(store, shard, KEEP_ALL)) {
      if (asked.days != null) {
        return tracker.backups().dropIdle(TimeUnit.DAYS.toNanos(asked.days));
      }
      String name = String.valueOf(asked.name);
      if (!tracker.chains().all().containsKey(name)) {
        throw new MissingRunException(
            "store has no such chain: chain="
                + name
                + ", chains="
                + tracker.chains().all().keySet()
                + ", directory="
                + store);
      }
      tracker.backups().drop(name);
      return List.of(name);
    }
  }

  private void show(Terminal terminal) throws IOException {
    StoreReader reader = StoreReader.open(store);
    Table table = new Table("");
    table.row("chain", "through", "behind", "prepared", "owes since, days");
    for (Map.Entry<String, Chains.Chain> entry : reader.chains().entrySet()) {
      Chains.Chain chain = entry.getValue();
      long behind = reader.lastPosition() - chain.cursor();
      long backlogNs = reader.view().backlogNs(chain.cursor());
      terminal.event(
          NAME,
          json -> {
            json.writeStringField("name", entry.getKey());
            json.writeStringField("cursor", Long.toString(chain.cursor()));
            json.writeStringField("behind", Long.toString(behind));
            if (chain.hasRun()) {
              json.writeStringField("prepared", Long.toString(chain.prepared()));
            }
            json.writeStringField("backlogNs", Long.toString(backlogNs));
          });
      table.row(
          entry.getKey(),
          chain.cursor(),
          behind,
          chain.hasRun() ? chain.prepared() : "-",
          String.format(Locale.ROOT, "%.1f", backlogNs / NS_PER_DAY));
    }
    List<String> lines = table.lines();
    if (lines.size() == 1) {
      terminal.line("no chains");
    } else {
      lines.forEach(terminal::line);
    }
  }
}
