package io.tidemark.tools;

import io.tidemark.block.Verdict;
import io.tidemark.errors.TidemarkException;
import io.tidemark.storage.Directories;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tools.Detection.VgroupFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says which blocks of a data directory changed after a position, a time or the last detection. */
@Command(
    name = DetectCommand.NAME,
    description = "Say which blocks changed, with a verdict.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class DetectCommand implements Callable<Integer> {
  static final String NAME = "detect";

  /** Says that the command came in the specification's form. */
  static final String FLAG_FORM = "--flag-form";

  private static final String STANDARD_OUTPUT = "-";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(
      paramLabel = "DATA_DIR",
      arity = "0..1",
      description = "Directory that holds vnode<ID>/ or vnode/vnode<ID>/.")
  private @Nullable Path dataDirectory;

  @Option(names = "--data-dir", paramLabel = "DATA_DIR", description = "The same as an option.")
  private @Nullable Path dataDirectoryOption;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Keep one store per vgroup, DIR/vnode<ID>; else a temporary one is used.")
  private @Nullable Path store;

  @Option(
      names = "--since",
      paramLabel = "POSITION",
      description = {
        "wal:N or wal:GENERATION/N: changed after that WAL offset;",
        "time:T: events at or after T, an ISO-8601 time with zone or a number with unit s, ms, us"
            + " or ns;",
        "last: since the last detection with this store. Default: everything known."
      })
  private @Nullable String since;

  @Option(names = "--database", paramLabel = "NAME", description = "Only this database.")
  private @Nullable String database;

  @Option(names = "--vgroup", paramLabel = "ID", description = "Only this vgroup.")
  private @Nullable Integer vgroup;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      defaultValue = "incremental_blocks.json",
      description = "Where the result goes, - for standard output. Default: ${DEFAULT-VALUE}")
  private String output;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "For a source over JDBC, which is not available yet.")
  private @Nullable String host;

  @Option(names = "--port", paramLabel = "PORT", description = "Goes with --host.")
  private @Nullable Integer port;

  @Option(names = FLAG_FORM, hidden = true)
  private boolean isFlagForm;

  @Override
  public Integer call() throws IOException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    Path directory = dataDirectory();
    Since wanted = since(terminal);
    boolean isOnStandardOutput = output.equals(STANDARD_OUTPUT);
    if (!isOnStandardOutput) {
      OutputFile.checkWritable(Path.of(output));
    }
    List<VnodeDirectory> vnodes = choose(VnodeDirectory.find(directory));
    if (vnodes.size() > 1 && (wanted instanceof Since.Offset || wanted instanceof Since.Position)) {
      terminal.note(
          "--since "
              + since
              + " is applied to each of "
              + vnodes.size()
              + " vgroups, whose logs are unrelated: --vgroup chooses one");
    }
    if (host != null || port != null) {
      terminal.note("--host and --port are not used: --data-dir was given");
    }
    Path stores = store == null ? Files.createTempDirectory("tidemark-detect-") : store;
    try {
      if (store != null) {
        checkStores(stores, directory, vnodes);
      }
      return detect(terminal, vnodes, stores, wanted, isOnStandardOutput);
    } finally {
      if (store == null) {
        Directories.deleteTree(stores);
      }
    }
  }

  private Path dataDirectory() {
    if (dataDirectory != null && dataDirectoryOption != null) {
      throw usage(
          "data directory given twice: DATA_DIR="
              + dataDirectory
              + ", --data-dir="
              + dataDirectoryOption);
    }
    Path directory = dataDirectory != null ? dataDirectory : dataDirectoryOption;
    if (directory != null) {
      return directory;
    }
    if (host != null || port != null) {
      throw usage(
          "--host needs a source over JDBC, which is not available yet: give --data-dir with the"
              + " server's data directory: host="
              + host);
    }
    throw usage("no data directory given: give DATA_DIR or --data-dir");
  }

  private Since since(Terminal terminal) {
    if (since == null) {
      return new Since.Ever();
    }
    try {
      if (isFlagForm && SinceParser.isBareNumber(since)) {
        Since seconds = SinceParser.parseSeconds(since);
        terminal.note("--since " + since + " is taken as seconds since the epoch");
        return seconds;
      }
      Since parsed = SinceParser.parse(since);
      if (parsed instanceof Since.Last && store == null) {
        throw usage("--since last needs the store of the last detection: give --store");
      }
      return parsed;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Returns the vnodes that the filters leave; one whose database is not readable stays. */
  private List<VnodeDirectory> choose(List<VnodeDirectory> all) {
    List<VnodeDirectory> chosen = new ArrayList<>();
    TreeSet<String> databases = new TreeSet<>();
    TreeSet<Integer> vgroups = new TreeSet<>();
    for (VnodeDirectory vnode : all) {
      try {
        var config = vnode.config();
        databases.add(config.database());
        vgroups.add(config.vgroupId());
        if ((database == null || database.equals(config.database()))
            && (vgroup == null || vgroup == config.vgroupId())) {
          chosen.add(vnode);
        }
      } catch (IOException | WalDecodeException e) {
        chosen.add(vnode);
      }
    }
    if (database != null && !databases.contains(database)) {
      throw usage("unknown database: value=" + database + ", there=" + String.join(",", databases));
    }
    if (vgroup != null && !vgroups.contains(vgroup)) {
      throw usage("unknown vgroup: value=" + vgroup + ", there=" + vgroups);
    }
    if (chosen.isEmpty()) {
      throw usage("vgroup holds another database: vgroup=" + vgroup + ", database=" + database);
    }
    return chosen;
  }

  /** Refuses to put stores where they would be mixed up with something else. */
  private void checkStores(Path stores, Path directory, List<VnodeDirectory> vnodes)
      throws IOException {
    if (Files.exists(stores.resolve("STORE"))) {
      throw usage("--store takes a directory of stores, this is one store: directory=" + stores);
    }
    if (Files.exists(stores) && !Files.isDirectory(stores)) {
      throw usage("--store is not a directory: file=" + stores);
    }
    for (VnodeDirectory vnode : vnodes) {
      Path place = stores.resolve(nameOf(vnode));
      if (Files.exists(new VnodeDirectory(place).configFile())) {
        throw usage("--store would put a store into a vnode of the server: directory=" + place);
      }
    }
    Path existing = stores.toAbsolutePath().normalize();
    while (!Files.exists(existing)) {
      Path parent = existing.getParent();
      if (parent == null) {
        return;
      }
      existing = parent;
    }
    if (existing.toRealPath().startsWith(directory.toRealPath())) {
      throw usage("--store lies inside the server's data directory: directory=" + stores);
    }
  }

  private int detect(
      Terminal terminal,
      List<VnodeDirectory> vnodes,
      Path stores,
      Since wanted,
      boolean isOnStandardOutput)
      throws IOException {
    List<VgroupDetection> open = new ArrayList<>();
    try {
      List<VgroupDetection> answered = new ArrayList<>();
      List<VgroupAnswer> answers = new ArrayList<>();
      List<VgroupFailure> failures = new ArrayList<>();
      for (VnodeDirectory vnode : vnodes) {
        String name = nameOf(vnode);
        try {
          VgroupDetection detection = VgroupDetection.open(vnode, stores.resolve(storeName(vnode)));
          open.add(detection);
          answers.add(detection.answer(wanted));
          answered.add(detection);
        } catch (IOException | WalDecodeException | RuntimeException e) {
          failures.add(new VgroupFailure(name, Failures.exitCodeOf(e), Failures.messageOf(e)));
          if (common.isDebug()) {
            e.printStackTrace(spec.commandLine().getErr());
          }
        }
      }
      String asked = since == null ? "" : since;
      Detection result =
          new Detection(Clock.systemUTC().instant(), asked, wanted, answers, failures);
      if (!answers.isEmpty()) {
        publish(result, terminal, isOnStandardOutput);
      }
      boolean isCursorMoved = store != null && movesCursor(wanted);
      for (int i = 0; isCursorMoved && i < answered.size(); i++) {
        if (answers.get(i).changes().verdict() != Verdict.NOT_READY) {
          answered.get(i).acknowledge(answers.get(i));
        }
      }
      report(result, terminal, isOnStandardOutput, isCursorMoved);
      return result.exitCode();
    } finally {
      close(open);
    }
  }

  private static String nameOf(VnodeDirectory vnode) {
    return String.valueOf(vnode.path().toAbsolutePath().normalize().getFileName());
  }

  private static String storeName(VnodeDirectory vnode) throws IOException, WalDecodeException {
    return "vnode" + vnode.config().vgroupId();
  }

  /** Whether an answer has everything up to its end, so that the next may begin there. */
  private static boolean movesCursor(Since wanted) {
    return wanted instanceof Since.Ever || wanted instanceof Since.Last;
  }

  private void publish(Detection result, Terminal terminal, boolean isOnStandardOutput)
      throws IOException {
    if (isOnStandardOutput) {
      BlocksDocument.write(result, terminal.out(), !terminal.isJson());
      terminal.out().flush();
      if (terminal.out().checkError()) {
        throw new CommandFailedException(
            ExitCode.FAILED, "cannot write the output: standard output is closed");
      }
    } else {
      OutputFile.write(Path.of(output), out -> BlocksDocument.write(result, out, true));
    }
  }

  private void report(
      Detection result, Terminal terminal, boolean isOnStandardOutput, boolean isCursorMoved) {
    if (!result.answers().isEmpty() && !(isOnStandardOutput && terminal.isJson())) {
      Terminal target = isOnStandardOutput ? terminal.withTextOnErr() : terminal;
      new DetectionSummary(target).print(result, output, isCursorMoved);
    }
    if (!result.failures().isEmpty()) {
      VgroupFailure first = result.failures().get(0);
      String place = first.vgroup() + ": " + first.message();
      String count =
          result.failures().size()
              + " of "
              + (result.failures().size() + result.answers().size())
              + " vgroups failed; ";
      CommandLine commandLine = spec.commandLine();
      boolean isOnly = result.failures().size() == 1 && result.answers().isEmpty();
      terminal.note(spec.qualifiedName() + ": " + (isOnly ? "" : count) + place);
      commandLine.getErr().flush();
    }
  }

  private static void close(List<VgroupDetection> open) throws IOException {
    IOException failure = null;
    for (VgroupDetection detection : open) {
      try {
        detection.close();
      } catch (IOException e) {
        failure = e;
      } catch (TidemarkException e) {
        // What broke the store was told when it did; closing it can only say so again.
        failure = failure == null ? new IOException(e.getMessage(), e) : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
