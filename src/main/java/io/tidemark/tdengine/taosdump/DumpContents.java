package io.tidemark.tdengine.taosdump;

import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one call of taosdump left, counted in its files, each of which was read to its last byte.
 *
 * @param rows of all tables
 * @param tables how many have rows
 * @param table one of them; empty if there is none
 * @param findings why it cannot be restored as it is, a line each; none if it can
 */
record DumpContents(long rows, long tables, String table, List<String> findings) {

  /** Copies the list. */
  DumpContents {
    findings = List.copyOf(findings);
  }

  /**
   * Reads the output of a call. Holds the names of its tables that have rows, else nothing that
   * grows.
   *
   * @param dump what taosdump was given to write to
   */
  static DumpContents of(Path dump) throws IOException {
    if (!Files.isDirectory(dump)) {
      return new DumpContents(0, 0, "", List.of("directory is missing: directory=" + dump));
    }
    List<Path> files;
    try (Stream<Path> tree = Files.walk(dump)) {
      files = tree.filter(Files::isRegularFile).sorted().toList();
    }
    return new Count().of(files, dump);
  }

  /**
   * Returns the findings, and whether the rows are those that were asked for and that taosdump said
   * it copied.
   *
   * @param call what was asked for
   * @param said how many rows it said
   * @param place the directory, for messages
   */
  List<String> findings(DumpCall call, long said, Path place) {
    List<String> all = new ArrayList<>(findings);
    boolean isOther = tables > 1 || (tables == 1 && !table.equals(call.name()));
    if (call.scope() == DumpCall.Scope.TABLE && isOther) {
      all.add(
          "rows are of other tables than the one asked for: expected="
              + call.name()
              + ", one="
              + table
              + ", tables="
              + tables
              + ", directory="
              + place);
    }
    if (rows != said) {
      all.add(
          "rows in the files are not those that taosdump counted: expected="
              + said
              + ", actual="
              + rows
              + ", directory="
              + place);
    }
    return all;
  }

  /** The count while files are read: those with rows, then those that define tables. */
  private static final class Count {

    /*
     *   dbs.sql                                 without it nothing is loaded
     *   taosdump.<us>/dbs.sql                   the statements that create database and stables
     *     <database>.<hash>.avro-tbtags (.m)    child tables and their tags
     *     <database>.<us>.avro-ntb (.m)         normal tables
     *     data0-<hash>/                         rows of a stable's tables; data0-0 those of normal ones
     *       <database>.<us>.<n>.avro  stbname
     *
     * A restore looks for rows in directories that are named so and nowhere else. It loses those of a table
     * that neither of the other two kinds defines.
     */

    private static final String STATEMENTS = "dbs.sql";
    private static final String ROWS = ".avro";
    private static final String TAGS = ".avro-tbtags";
    private static final String NORMAL_TABLES = ".avro-ntb";
    private static final String DATA = "data";

    /** The field of rows, tags and normal tables that names the table. */
    private static final List<String> TABLE = List.of("tbname");

    private final Set<String> undefined = new HashSet<>();
    private final List<String> findings = new ArrayList<>();
    private long rows;
    private @Nullable String table;

    private DumpContents of(List<Path> files, Path dump) throws IOException {
      if (!files.contains(dump.resolve(STATEMENTS))) {
        findings.add("file is missing: file=" + dump.resolve(STATEMENTS));
      }
      for (Path file : files) {
        if (file.toString().endsWith(ROWS)) {
          rows(file);
        }
      }
      int tables = undefined.size();
      for (Path file : files) {
        if (file.toString().endsWith(TAGS) || file.toString().endsWith(NORMAL_TABLES)) {
          read(file, undefined::remove);
        }
      }
      if (!undefined.isEmpty()) {
        findings.add(
            "rows are of tables that are not defined: tables="
                + undefined.size()
                + ", one="
                + undefined.iterator().next()
                + ", directory="
                + dump);
      }
      return new DumpContents(rows, tables, table == null ? "" : table, findings);
    }

    private void rows(Path file) throws IOException {
      Path directory = file.getParent();
      if (directory == null || !String.valueOf(directory.getFileName()).startsWith(DATA)) {
        findings.add("rows lie where no restore looks for them: file=" + file);
      }
      rows += read(file, this::row);
    }

    private void row(String name) {
      // A table has a file of its own.
      if (!name.equals(table)) {
        undefined.add(name);
        table = name;
      }
    }

    /** Returns the number of records; 0, and a finding, if the container is damaged. */
    private long read(Path file, Consumer<String> names) throws IOException {
      try {
        return AvroContainer.read(
            file,
            TABLE,
            texts -> {
              String name = texts[0];
              if (name != null) {
                names.accept(name);
              }
            });
      } catch (CorruptFileException e) {
        findings.add(String.valueOf(e.getMessage()));
        return 0;
      }
    }
  }
}
