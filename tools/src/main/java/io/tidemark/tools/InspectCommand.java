package io.tidemark.tools;

import io.tidemark.storage.Directories;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Recognises a file or directory of ours or of TDengine and shows what it holds. */
@Command(
    name = InspectCommand.NAME,
    description = "Show what a store, a file of one, or a vnode of TDengine holds; change nothing.",
    mixinStandardHelpOptions = true,
    versionProvider = ToolVersion.class)
final class InspectCommand implements Callable<Integer> {
  static final String NAME = "inspect";

  private static final Pattern WAL_FILE = Pattern.compile("\\d{20}\\.(log|idx)|meta-ver\\d+");
  private static final String STORE_FILE = "STORE";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(
      paramLabel = "PATH",
      description = {
        "A store, a directory of stores, a journal directory, a file of a store,",
        "a WAL or tsdb directory, a vnode directory or a data directory."
      })
  private Path path;

  @Override
  public Integer call() throws IOException, WalDecodeException {
    Terminal terminal = Terminal.of(spec.commandLine(), common);
    if (Files.notExists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (Files.isRegularFile(path)) {
      new FileInspection(terminal).show(path);
      return ExitCode.DONE;
    }
    List<Path> entries = Directories.list(path);
    List<Path> stores =
        entries.stream().filter(entry -> Files.isRegularFile(entry.resolve(STORE_FILE))).toList();
    if (Files.isRegularFile(path.resolve(STORE_FILE))) {
      new StoreInspection(terminal).show(path);
    } else if (!stores.isEmpty()) {
      for (Path store : stores) {
        new StoreInspection(terminal).show(store);
      }
    } else if (entries.stream().anyMatch(InspectCommand::isQueueFile)) {
      new JournalInspection(terminal).show(path);
    } else if (entries.stream().anyMatch(InspectCommand::isWalFile)) {
      new WalInspection(terminal).show(path);
    } else if (entries.stream().anyMatch(InspectCommand::isListOfDataFiles)) {
      new TsdbInspection(terminal)
          .show(new VnodeDirectory(path.toAbsolutePath().resolveSibling("")));
    } else {
      for (VnodeDirectory vnode : VnodeDirectory.find(path)) {
        new WalInspection(terminal).show(vnode);
        if (TsdbInspection.canShow(vnode)) {
          new TsdbInspection(terminal).show(vnode);
        }
      }
    }
    return ExitCode.DONE;
  }

  private static boolean isQueueFile(Path file) {
    return String.valueOf(file.getFileName()).endsWith(".cq4");
  }

  private static boolean isListOfDataFiles(Path file) {
    return String.valueOf(file.getFileName()).equals(TsdbInspection.LIST);
  }

  private static boolean isWalFile(Path file) {
    return WAL_FILE.matcher(String.valueOf(file.getFileName())).matches();
  }
}
