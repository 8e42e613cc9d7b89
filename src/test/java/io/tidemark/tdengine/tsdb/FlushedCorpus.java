package io.tidemark.tdengine.tsdb;

import io.tidemark.tdengine.Corpus;
import io.tidemark.tdengine.FlatJson;
import io.tidemark.tdengine.VnodeDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The snapshots whose data files hold everything, and what the server answered. */
final class FlushedCorpus {

  /** What the server counted of one table. */
  record Counts(long rows, long firstTimestamp, long lastTimestamp) {}

  private FlushedCorpus() {}

  static List<Path> snapshots() {
    return Corpus.snapshots().stream()
        .filter(
            snapshot ->
                Corpus.vnodesOf(snapshot).stream()
                    .allMatch(vnode -> Files.exists(vnode.dataFileDirectory())))
        .toList();
  }

  static Stream<VnodeDirectory> vnodes() {
    return snapshots().stream().flatMap(snapshot -> Corpus.vnodesOf(snapshot).stream());
  }

  /** Returns what the server counted, by uid, of the tables that have rows. */
  static Map<Long, Counts> truth(Path snapshot, String database) throws Exception {
    FlatJson json = FlatJson.read(snapshot.resolve("manifest.json"));
    String prefix = "truth." + database + ".counts.";
    Map<Long, Counts> truth = new TreeMap<>();
    for (String path : json.paths()) {
      if (path.startsWith(prefix) && path.endsWith(".rows") && json.number(path) > 0) {
        String table = path.substring(0, path.length() - "rows".length());
        truth.put(
            json.number(table + "uid"),
            new Counts(
                json.number(path), json.number(table + "min_ts"), json.number(table + "max_ts")));
      }
    }
    return truth;
  }

  /** Returns the uids of all tables that the server had. */
  static List<Long> liveTables(Path snapshot, String database) throws Exception {
    FlatJson json = FlatJson.read(snapshot.resolve("manifest.json"));
    String prefix = "truth." + database + ".counts.";
    return json.paths().stream()
        .filter(path -> path.startsWith(prefix) && path.endsWith(".uid"))
        .map(path -> Long.valueOf(number(json, path)))
        .toList();
  }

  private static long number(FlatJson json, String path) {
    try {
      return json.number(path);
    } catch (Exception e) {
      throw new AssertionError(path, e);
    }
  }
}
