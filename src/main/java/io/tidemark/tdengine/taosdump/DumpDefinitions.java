package io.tidemark.tdengine.taosdump;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The statements with which dumps create their database, stables and normal tables. One thread. */
final class DumpDefinitions {

  /*
   * A dump has the server's own statements: SHOW CREATE of each stable in dbs.sql, and of each normal table in a
   * container, with IF NOT EXISTS and the database's name put in. Their canonical form is without both:
   *
   *   CREATE STABLE `meters` (`ts` TIMESTAMP, `current` FLOAT) TAGS (`groupid` INT)
   *
   * which is what the server answers again, in any database. Nothing else is changed: that a column is
   * compressed otherwise is another definition.
   */

  /** Where what a restore compares the target with lies in an export's directory. */
  static final String FILE_NAME = "definitions.sql";

  private static final String STATEMENTS = "dbs.sql";
  private static final String NORMAL_TABLES = ".avro-ntb";
  private static final String NAME = "(?:`((?:[^`]|``)*)`|([^\\s`.(]+))";
  private static final Pattern OBJECT =
      Pattern.compile(
          "CREATE (STABLE|TABLE) (?:IF NOT EXISTS )?(?:(?:`[^`]*`|[^\\s`.(]+)\\.)?"
              + NAME
              + "\\s*(\\(.*)",
          Pattern.DOTALL);
  private static final Pattern DATABASE = Pattern.compile("CREATE DATABASE .*", Pattern.DOTALL);
  private static final Pattern PRECISION = Pattern.compile("\\bPRECISION '([^']*)'");
  private static final Pattern KEEP = Pattern.compile("\\bKEEP ([^\\s;]+)");
  private static final Pattern DURATION = Pattern.compile("\\bDURATION ([^\\s;]+)");

  private final SortedSet<String> statements = new TreeSet<>();
  private String database = "";

  /** Returns those in the output of all calls that are done and did not find their object gone. */
  static DumpDefinitions of(DumpDirectory directory, int calls) throws IOException {
    DumpDefinitions definitions = new DumpDefinitions();
    for (int call = 1; call <= calls; call++) {
      if (!directory.isGone(call)) {
        definitions.add(directory.dump(call));
      }
    }
    return definitions;
  }

  /** Takes in what one call of taosdump left. */
  void add(Path dump) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(dump)) {
      files = tree.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      if (String.valueOf(file.getFileName()).equals(STATEMENTS)) {
        statementsOf(file).forEach(this::take);
      } else if (file.toString().endsWith(NORMAL_TABLES)) {
        AvroContainer.read(
            file,
            List.of("sql"),
            texts -> {
              String sql = texts[0];
              if (sql != null) {
                take(sql);
              }
            });
      }
    }
  }

  /** Returns the statements of a file, each of which begins at the beginning of a line. */
  private static List<String> statementsOf(Path file) throws IOException {
    List<String> found = new ArrayList<>();
    StringBuilder statement = new StringBuilder();
    // What is no UTF-8 is taken for other letters, not refused: a comment may hold anything.
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    for (String line : text.split("\n", -1)) {
      if (line.startsWith("CREATE ") || line.startsWith("#!")) {
        found.add(statement.toString());
        statement.setLength(0);
      }
      statement.append(line).append('\n');
    }
    found.add(statement.toString());
    return found;
  }

  private void take(String sql) {
    String statement = sql.strip();
    if (statement.endsWith(";")) {
      statement = statement.substring(0, statement.length() - 1).strip();
    }
    Matcher object = OBJECT.matcher(statement);
    if (object.matches()) {
      String quoted = object.group(2);
      String name = quoted == null ? object.group(3) : quoted;
      statements.add("CREATE " + object.group(1) + " `" + name + "` " + object.group(4));
    } else if (DATABASE.matcher(statement).matches()) {
      database = statement;
    }
  }

  /** Returns what the dumps say, reduced to fingerprints. */
  DumpSchema schema() {
    List<ObjectDefinition> definitions = new ArrayList<>();
    for (String statement : statements) {
      Matcher object = OBJECT.matcher(statement);
      boolean isObject = object.matches();
      assert isObject : statement;
      definitions.add(
          new ObjectDefinition(
              object.group(1).equals("STABLE"),
              String.valueOf(object.group(2)),
              DumpDigest.sha256(statement.getBytes(StandardCharsets.UTF_8))));
    }
    return new DumpSchema(property(PRECISION), property(KEEP), property(DURATION), definitions);
  }

  private @Nullable String property(Pattern pattern) {
    Matcher found = pattern.matcher(database);
    return found.find() ? found.group(1) : null;
  }

  /**
   * Returns the statements that a restore can compare with those of the target, one a line: without
   * those of several lines, and of names that the shell taos would take for something else.
   */
  String comparable() {
    StringBuilder lines = new StringBuilder();
    for (String statement : statements) {
      Matcher object = OBJECT.matcher(statement);
      boolean isOfOneLine = statement.chars().noneMatch(Character::isISOControl);
      if (isOfOneLine && object.matches() && ObjectNames.isForSql(object.group(2))) {
        lines.append(statement).append('\n');
      }
    }
    return lines.toString();
  }
}
