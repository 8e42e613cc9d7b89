package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.block.ChangeKind;
import io.tidemark.block.WalPosition;
import io.tidemark.tracker.BlockChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Definition blocks agree with the statements that were sent to the server. */
class DefinitionBlocksTest {
  private static final Pattern CREATE_STABLE = Pattern.compile("^create stable (\\w+)\\.(\\w+)");
  private static final Pattern CREATE_NORMAL = Pattern.compile("^create table (\\w+)\\.(\\w+) \\(");
  private static final Pattern USING = Pattern.compile("(\\w+)\\.(\\w+) using \\w+\\.(\\w+) tags");
  private static final Pattern ALTER_TABLE = Pattern.compile("^alter table (\\w+)\\.(\\w+)");
  private static final Pattern ALTER_STABLE = Pattern.compile("^alter stable (\\w+)\\.(\\w+)");
  private static final Pattern DROP_TABLE = Pattern.compile("^drop table (\\w+)\\.(\\w+)");
  private static final Pattern DROP_STABLE = Pattern.compile("^drop stable (\\w+)\\.(\\w+)");

  @TempDir Path directory;

  static Stream<Path> snapshots() {
    return Corpus.snapshots().stream();
  }

  /** What the statements say of the definitions of one database. */
  private static final class Statements {
    private final Set<String> created = new TreeSet<>();
    private final Set<String> altered = new TreeSet<>();
    private final Set<String> dropped = new TreeSet<>();
    private final Map<String, String> stableOf = new HashMap<>();

    void add(String database, String sql) {
      each(CREATE_STABLE, database, sql, match -> created.add("stable " + match.group(2)));
      each(CREATE_NORMAL, database, sql, match -> created.add("table " + match.group(2)));
      each(
          USING,
          database,
          sql,
          match -> {
            created.add("table " + match.group(2));
            stableOf.put("table " + match.group(2), "stable " + match.group(3));
          });
      each(ALTER_TABLE, database, sql, match -> altered.add("table " + match.group(2)));
      each(ALTER_STABLE, database, sql, match -> altered.add("stable " + match.group(2)));
      each(DROP_TABLE, database, sql, match -> dropped.add("table " + match.group(2)));
      each(
          DROP_STABLE,
          database,
          sql,
          match -> {
            String stable = "stable " + match.group(2);
            dropped.add(stable);
            stableOf.forEach(
                (table, of) -> {
                  if (of.equals(stable)) {
                    dropped.add(table);
                  }
                });
          });
    }

    private static void each(
        Pattern pattern, String database, String sql, Consumer<Matcher> action) {
      Matcher match = pattern.matcher(sql);
      while (match.find()) {
        if (match.group(1).equals(database)) {
          action.accept(match);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("snapshots")
  void shouldAgreeWithTheStatements(Path snapshot) throws Exception {
    FlatJson manifest = FlatJson.read(snapshot.resolve("manifest.json"));
    String database = Corpus.vnodesOf(snapshot).get(0).config().database();
    Statements said = new Statements();
    List<String> statements = statements();
    for (String sql : statements.subList(0, (int) manifest.number("statements_so_far"))) {
      said.add(database, sql);
    }

    Set<String> created = new TreeSet<>();
    Set<String> altered = new TreeSet<>();
    Set<String> dropped = new TreeSet<>();
    for (VnodeDirectory vnode : Corpus.vnodesOf(snapshot)) {
      Path place = directory.resolve(String.valueOf(vnode.path().getFileName()));
      try (VnodeStore store = new VnodeStore(vnode, place)) {
        store.catchUp();
        BlockCatalog names = BlockCatalog.of(store.tracker().catalog());
        for (BruteForceWal.Message message : BruteForceWal.read(vnode.walDirectory())) {
          definitions(store, names, message, created, altered, dropped);
        }
      }
    }

    // Schemaless lines and bulk loaders create and alter what no statement names.
    altered.retainAll(said.created);
    Set<String> known = new TreeSet<>(said.created);
    known.addAll(names(manifest, "truth." + database + ".tables[", "table_name", "table "));
    known.addAll(names(manifest, "truth." + database + ".stables[", "stable_name", "stable "));
    assertEquals(known, created);
    assertEquals(said.altered, altered);
    assertEquals(said.dropped, dropped);
    assertTrue(!created.isEmpty(), "nothing was compared");
  }

  /** Sorts the definition blocks that changed in one version by what happened to them. */
  private static void definitions(
      VnodeStore store,
      BlockCatalog names,
      BruteForceWal.Message message,
      Set<String> created,
      Set<String> altered,
      Set<String> dropped) {
    WalPosition version = new WalPosition(1, message.version());
    for (BlockChange change : store.tracker().view().changedIn(version, version).changes()) {
      BlockName name = Objects.requireNonNull(names.name(change.blockId()));
      if (name.kind() == BlockName.Kind.DATA) {
        continue;
      }
      boolean isStable = name.kind() == BlockName.Kind.STABLE;
      String key = isStable ? "stable " + name.stable() : "table " + name.table();
      if (change.kind() == ChangeKind.NEW) {
        created.add(key);
      } else if (change.kind() == ChangeKind.DELETED) {
        dropped.add(key);
      } else if (!message.is(MessageType.VND_DELETE)) {
        altered.add(key);
      }
    }
  }

  private static Set<String> names(FlatJson json, String prefix, String field, String kind)
      throws WalDecodeException {
    Set<String> names = new TreeSet<>();
    for (String path : json.paths()) {
      if (path.startsWith(prefix) && path.endsWith("." + field)) {
        names.add(kind + json.text(path));
      }
    }
    return names;
  }

  private static List<String> statements() throws IOException {
    List<String> statements = new ArrayList<>();
    String text = Files.readString(Corpus.root().resolve("statements.json"));
    try (JsonParser json = new JsonFactory().createParser(text)) {
      int depth = 0;
      String sql = "";
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          depth++;
        } else if (token == JsonToken.END_OBJECT) {
          depth--;
          if (depth == 0) {
            statements.add(sql);
            sql = "";
          }
        } else if (token == JsonToken.VALUE_STRING && "sql".equals(json.currentName())) {
          sql = json.getText();
        }
      }
    }
    return statements;
  }
}
