package io.tidemark.tools;

import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import io.tidemark.tdengine.tsdb.TableRows;
import io.tidemark.tdengine.tsdb.Tombstone;
import io.tidemark.tdengine.tsdb.TsdbFile;
import io.tidemark.tdengine.tsdb.TsdbFileSet;
import io.tidemark.tdengine.tsdb.TsdbScan;
import io.tidemark.tdengine.tsdb.TsdbScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shows what the data files of a vnode hold. */
final class TsdbInspection {
  static final String LIST = "current.json";

  private final Terminal terminal;

  TsdbInspection(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Returns whether a vnode has data files; one whose first commit is to come has none. */
  static boolean canShow(VnodeDirectory vnode) {
    return Files.isRegularFile(vnode.dataFileDirectory().resolve(LIST));
  }

  void show(VnodeDirectory vnode) throws IOException, WalDecodeException {
    TsdbScan scan = TsdbScanner.scan(vnode);
    terminal.line(terminal.bold("data files " + vnode.dataFileDirectory()));
    terminal.paragraph("committed", "through version " + scan.committedVersion());
    Table table = new Table("  ");
    table.row("file set", "tables", "rows", "first", "last", "deletions", "stt", "bytes");
    for (TsdbFileSet set : scan.fileSets()) {
      List<TableRows> tables =
          scan.tables().stream().filter(rows -> rows.fileSet() == set.number()).toList();
      long rows = tables.stream().mapToLong(TableRows::rows).sum();
      String first = version(tables.stream().mapToLong(TableRows::minVersion).min().orElse(-1));
      String last = version(tables.stream().mapToLong(TableRows::maxVersion).max().orElse(-1));
      long deletions =
          scan.tombstones().stream()
              .map(Tombstone::fileSet)
              .filter(number -> number == set.number())
              .count();
      terminal.event(
          "fileSet",
          json -> {
            json.writeStringField("number", Long.toString(set.number()));
            json.writeNumberField("tables", tables.size());
            json.writeNumberField("rows", rows);
            json.writeStringField("first", first);
            json.writeStringField("last", last);
            json.writeNumberField("deletions", deletions);
            json.writeNumberField("sttFiles", set.stt().size());
            json.writeNumberField("lengthBytes", bytes(set));
          });
      table.row(
          set.number(), tables.size(), rows, first, last, deletions, set.stt().size(), bytes(set));
    }
    table.lines().forEach(terminal::line);
  }

  private static String version(long version) {
    return version < 0 ? "-" : Long.toString(version);
  }

  private static long bytes(TsdbFileSet set) {
    return bytes(set.head())
        + bytes(set.data())
        + bytes(set.tomb())
        + set.stt().stream().mapToLong(TsdbFile::lengthBytes).sum();
  }

  private static long bytes(@Nullable TsdbFile file) {
    return file == null ? 0 : file.lengthBytes();
  }
}
