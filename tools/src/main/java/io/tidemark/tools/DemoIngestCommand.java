package io.tidemark.tools;

import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The process that the demo kills: for every line on standard input it reads all WALs to their
 * present end and prints how many records it has taken in. Never closes its stores in order.
 */
@Command(name = DemoIngestCommand.NAME, hidden = true)
final class DemoIngestCommand implements Callable<Integer> {
  static final String NAME = "demo-ingest";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DATA_DIR")
  private Path dataDirectory;

  @Option(names = "--store", required = true)
  private Path store;

  @Override
  public Integer call() throws IOException, WalDecodeException {
    List<WalEventSource> sources = new ArrayList<>();
    for (VnodeDirectory vnode : VnodeDirectory.find(dataDirectory)) {
      VnodeConfig config = vnode.config();
      ChangeTracker tracker =
          ChangeTracker.open(
              store.resolve("vnode" + config.vgroupId()),
              WalEventSource.shardOf(config),
              TrackerOptions.defaults());
      sources.add(WalEventSource.open(vnode, tracker));
    }
    PrintWriter out = spec.commandLine().getOut();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    long records = 0;
    while (in.readLine() != null) {
      for (WalEventSource source : sources) {
        records += source.catchUp().records();
      }
      out.println(records);
      out.flush();
    }
    return ExitCode.DONE;
  }
}
