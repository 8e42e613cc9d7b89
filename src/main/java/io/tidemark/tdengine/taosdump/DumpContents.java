package io.tidemark.tdengine.taosdump;

import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What one call of taosdump left, counted in its files, each of which was read to its last byte,
 * once.
 *
 * @param rows of all tables
 * @param tables how many have rows
 * @param table one of them; empty if there is none
 * @param findings why it cannot be restored as it is, a line each; none if it can
 * @param digest of all files
 */
record DumpContents(
    long rows, long tables, String table, List<String> findings, DumpDigest digest) {

  /** Copies the list. */
  DumpContents {
    findings = List.copyOf(findings);
  }

  /**
   * Reads the output of a call. Holds the names of its tables, else nothing that grows.
   *
   * @param dump what taosdump was given to write to
   */
  static DumpContents of(Path dump) throws IOException {
    if (!Files.isDirectory(dump)) {
      List<String> missing = List.of("directory is missing: directory=" + dump);
      return new DumpContents(0, 0, "", missing, new DumpDigest(0, ""));
    }
    return new Count(dump).read();
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

  /** The count while files are read. */
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
     * that neither of the other two kinds defines. Which files come first does not matter: tables of both
     * kinds are compared when all are read.
     */

    private static final String STATEMENTS = "dbs.sql";
    private static final String ROWS = ".avro";
    private static final String TAGS = ".avro-tbtags";
    private static final String NORMAL_TABLES = ".avro-ntb";
    private static final String DATA = "data";

    /** The field of rows, tags and normal tables that names the table. */
    private static final List<String> TABLE = List.of("tbname");

    private final Path dump;
    private final DumpDigest.Reading reading;
    private final Set<String> withRows = new HashSet<>();
    private final Set<String> defined = new HashSet<>();
    private final List<String> findings = new ArrayList<>();
    private long rows;
    private String table = "";

    private Count(Path dump) throws IOException {
      this.dump = dump;
      this.reading = new DumpDigest.Reading(dump);
    }

    private DumpContents read() throws IOException {
      if (!reading.files().contains(dump.resolve(STATEMENTS))) {
        findings.add("file is missing: file=" + dump.resolve(STATEMENTS));
      }
      for (Path file : reading.files()) {
        try (InputStream in = reading.open(file)) {
          read(file, in);
          // What is behind the first damage counts for the digest only.
          in.transferTo(OutputStream.nullOutputStream());
        }
      }
      int tables = withRows.size();
      withRows.removeAll(defined);
      if (!withRows.isEmpty()) {
        findings.add(
            "rows are of tables that are not defined: tables="
                + withRows.size()
                + ", one="
                + withRows.iterator().next()
                + ", directory="
                + dump);
      }
      return new DumpContents(rows, tables, table, findings, reading.end());
    }

    private void read(Path file, InputStream in) throws IOException {
      String name = file.toString();
      if (name.endsWith(ROWS)) {
        rows(file, in);
      } else if (name.endsWith(TAGS) || name.endsWith(NORMAL_TABLES)) {
        read(file, in, defined::add);
      }
    }

    private void rows(Path file, InputStream in) throws IOException {
      Path directory = file.getParent();
      if (directory == null || !String.valueOf(directory.getFileName()).startsWith(DATA)) {
        findings.add("rows lie where no restore looks for them: file=" + file);
      }
      rows += read(file, in, this::row);
    }

    private void row(String name) {
      // A table has a file of its own.
      if (!name.equals(table)) {
        withRows.add(name);
        table = name;
      }
    }

    /** Returns the number of records; 0, and a finding, if the container is damaged. */
    private long read(Path file, InputStream in, Consumer<String> names) throws IOException {
      try {
        return AvroContainer.read(
            in,
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
