package io.tidemark.tools;

import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import io.tidemark.plugin.ConfigurationSource;
import io.tidemark.plugin.LiveConfiguration;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tools.agent.Agent;
import io.tidemark.tools.agent.ControlClient;
import io.tidemark.tools.agent.ControlServer;
import io.tidemark.tools.agent.HttpEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Follows every vnode of a server, or every embedded engine, until it is stopped; or gives an order
 * to the one that does.
 */
@Command(
    name = AgentCommand.NAME,
    description = {
      "Follow every vnode of a data directory until SIGTERM, SIGINT or 'agent stop'.",
      "With an ORDER: tell it to the agent that runs, over its socket."
    },
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class AgentCommand implements Callable<Integer> {
  static final String NAME = "agent";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(
      arity = "0..1",
      paramLabel = "ORDER",
      description = "status, checkpoint, backup, pause, resume, reload or stop.")
  private ControlServer.@Nullable Order order;

  @Option(names = "--config", paramLabel = "FILE", description = "The configuration, a JSON file.")
  private @Nullable Path config;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "The server's data directory; goes before agent.data_directory.")
  private @Nullable String dataDirectory;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Directory of the stores; goes before bitmap_engine.persistence_path.")
  private @Nullable String store;

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "A value of the configuration; goes before all others. May be repeated.")
  private Map<String, String> values = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    LiveConfiguration live =
        LiveConfiguration.read(new ConfigurationSource(config, System.getenv(), overrides()));
    return order == null ? run(live, terminal) : send(order, live.current(), terminal);
  }

  private Map<String, String> overrides() {
    Map<String, String> overrides = new LinkedHashMap<>(values);
    if (dataDirectory != null) {
      overrides.put(ConfigurationKeys.DATA_DIRECTORY.path(), dataDirectory);
    }
    if (store != null) {
      overrides.put(ConfigurationKeys.PERSISTENCE_PATH.path(), store);
    }
    return overrides;
  }

  private static int send(ControlServer.Order order, Configuration configuration, Terminal terminal)
      throws IOException {
    String reply;
    try {
      reply = ControlClient.send(Agent.stores(configuration), order);
    } catch (ControlClient.NoAgentException e) {
      throw new CommandFailedException(ExitCode.NOT_READY, String.valueOf(e.getMessage()));
    }
    terminal.out().println(reply);
    terminal.out().flush();
    return reply.startsWith("{\"done\":false") ? ExitCode.FAILED : ExitCode.DONE;
  }

  private static int run(LiveConfiguration live, Terminal terminal)
      throws IOException, InterruptedException {
    Consumer<String> log = line -> terminal.note(Instant.now() + " " + line);
    Path stores = Agent.stores(live.current());
    VnodeFollower.Clocks clocks =
        new VnodeFollower.Clocks(SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE);
    CompletableFuture<Integer> ended = new CompletableFuture<>();
    try {
      follow(live, terminal, log, stores, clocks, ended);
      ended.complete(ExitCode.DONE);
    } finally {
      ended.complete(ExitCode.FAILED);
    }
    log.accept("stopped");
    return ExitCode.DONE;
  }

  /** Follows until the agent is told to stop; everything is closed when it returns. */
  private static void follow(
      LiveConfiguration live,
      Terminal terminal,
      Consumer<String> log,
      Path stores,
      VnodeFollower.Clocks clocks,
      Future<Integer> ended)
      throws IOException, InterruptedException {
    try (Agent agent =
            Agent.start(
                live, clocks, log, new AgentBackup(InstantSource.system(), System.getenv()));
        ControlServer control = ControlServer.start(agent, stores, log);
        HttpEndpoint http = http(agent)) {
      Thread hook = new Thread(() -> endBySignal(agent, ended), "tidemark-signal");
      Runtime.getRuntime().addShutdownHook(hook);
      int port = http == null ? -1 : http.port();
      terminal.event(
          "started",
          json -> {
            json.writeNumberField("pid", ProcessHandle.current().pid());
            json.writeStringField("store", stores.toString());
            json.writeNumberField("httpPort", port);
          });
      log.accept(
          "following: dataDirectory="
              + live.current().text(ConfigurationKeys.DATA_DIRECTORY)
              + ", stores="
              + stores
              + ", socket="
              + control.socket()
              + (port < 0 ? "" : ", httpPort=" + port));
      agent.awaitStopRequest();
      log.accept("stopping");
    }
  }

  private static @Nullable HttpEndpoint http(Agent agent) throws IOException {
    return agent.configuration().flag(ConfigurationKeys.HTTP_ENABLE)
        ? HttpEndpoint.start(agent)
        : null;
  }

  /** Runs when the JVM is told to end: lets the agent close its stores first. */
  private static void endBySignal(Agent agent, Future<Integer> ended) {
    if (ended.isDone()) {
      return;
    }
    agent.requestStop();
    try {
      // A signal that was obeyed is no failure.
      Runtime.getRuntime().halt(ended.get());
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
