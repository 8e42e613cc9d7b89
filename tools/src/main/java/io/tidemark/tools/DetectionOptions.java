package io.tidemark.tools;

import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options that say where a detection looks, what it keeps, and since when it asks. */
final class DetectionOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

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
      description = {
        "Keep one store per vgroup, DIR/vnode<ID>; else a temporary one is used.",
        "Without DATA_DIR: ask the stores in DIR as they are, and change nothing."
      })
  private @Nullable Path store;

  @Option(
      names = "--since",
      paramLabel = "POSITION",
      description = {
        "wal:N or wal:GENERATION/N: changed after that WAL offset;",
        "time:T: events at or after T, an ISO-8601 time with zone or a number with unit s, ms, us"
            + " or ns;",
        "last: since the last detection, for script the last --run, with this store.",
        "Default: everything known."
      })
  private @Nullable String since;

  @Option(names = "--database", paramLabel = "NAME", description = "Only this database.")
  private @Nullable String database;

  @Option(names = "--vgroup", paramLabel = "ID", description = "Only this vgroup.")
  private @Nullable Integer vgroup;

  @Nullable Path store() {
    return store;
  }

  @Nullable String database() {
    return database;
  }

  @Nullable Integer vgroup() {
    return vgroup;
  }

  /** Returns the value of {@code --since}; empty if there is none. */
  String asked() {
    return since == null ? "" : since;
  }

  /** Returns the data directory; null if none is given. */
  @Nullable Path dataDirectory() {
    if (dataDirectory != null && dataDirectoryOption != null) {
      throw usage(
          "data directory given twice: DATA_DIR="
              + dataDirectory
              + ", --data-dir="
              + dataDirectoryOption);
    }
    return dataDirectory != null ? dataDirectory : dataDirectoryOption;
  }

  /**
   * Returns what {@code --since} means.
   *
   * @param isBareNumberTaken whether a bare number is seconds since the epoch
   */
  Since since(Terminal terminal, boolean isBareNumberTaken) {
    if (since == null) {
      return new Since.Ever();
    }
    try {
      if (isBareNumberTaken && SinceParser.isBareNumber(since)) {
        Since seconds = SinceParser.parseSeconds(since);
        terminal.note("--since " + since + " is taken as seconds since the epoch");
        return seconds;
      }
      Since parsed = SinceParser.parse(since);
      if (parsed instanceof Since.Last && store == null) {
        throw usage("--since last needs the store of the last detection: give --store");
      }
      if (parsed instanceof Since.Last && dataDirectory() == null) {
        throw usage(
            "--since last moves a cursor, which takes DATA_DIR: give it too, or --since wal:G/N as"
                + " the last answer printed it");
      }
      return parsed;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** Reads what a vgroup is. */
  @FunctionalInterface
  private interface ConfigOf<T> {
    VnodeConfig read(T vgroup) throws IOException, WalDecodeException;
  }

  /** Returns the vnodes that the filters leave; one whose database is not readable stays. */
  List<VnodeDirectory> choose(List<VnodeDirectory> all) {
    return choose(all, VnodeDirectory::config);
  }

  /**
   * Returns the stores that the filters leave, of those in the directory of stores, which nobody
   * else has to be asked for.
   */
  List<VgroupPlace> chooseStores() throws IOException {
    Path stores = store;
    if (stores == null) {
      throw usage("no directory of stores given: give --store");
    }
    checkIsNoStore(stores);
    List<VgroupPlace> all = VgroupPlace.inStores(stores);
    if (all.isEmpty()) {
      throw usage("no store of a vgroup here: directory=" + stores);
    }
    return choose(all, VgroupPlace::config);
  }

  private <T> List<T> choose(List<T> all, ConfigOf<T> configOf) {
    List<T> chosen = new ArrayList<>();
    TreeSet<String> databases = new TreeSet<>();
    TreeSet<Integer> vgroups = new TreeSet<>();
    for (T vnode : all) {
      try {
        VnodeConfig config = configOf.read(vnode);
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

  /** Tells if a position is asked of several logs. */
  void noteUnrelatedLogs(Terminal terminal, Since wanted, int vgroups) {
    if (vgroups > 1 && (wanted instanceof Since.Offset || wanted instanceof Since.Position)) {
      terminal.note(
          "--since "
              + since
              + " is applied to each of "
              + vgroups
              + " vgroups, whose logs are unrelated: --vgroup chooses one");
    }
  }

  /** Refuses to put stores where they would be mixed up with something else. */
  void checkStores(Path directory, List<VnodeDirectory> vnodes) throws IOException {
    Path stores = store;
    if (stores == null) {
      return;
    }
    checkIsNoStore(stores);
    for (VnodeDirectory vnode : vnodes) {
      Path place = stores.resolve(vnode.path().toAbsolutePath().normalize().getFileName());
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

  private void checkIsNoStore(Path stores) {
    if (Files.exists(stores.resolve("STORE"))) {
      throw usage("--store takes a directory of stores, this is one store: directory=" + stores);
    }
    if (Files.exists(stores) && !Files.isDirectory(stores)) {
      throw usage("--store is not a directory: file=" + stores);
    }
  }
}
