package io.tidemark.tdengine.taosdump;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.file.CodecFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DumpContentsTest {
  private static final CodecFactory CODEC = CodecFactory.snappyCodec();
  private static final DumpCall ALL = new DumpCall(DumpCall.Scope.DATABASE, "power", null, 0, 0);

  @TempDir private Path dump;

  @BeforeEach
  void writeTwoTablesOfAStableAndANormalOne() throws IOException {
    Files.writeString(dump.resolve("dbs.sql"), "#!dumpdb: power:\n");
    AvroFiles.rows(dump.resolve("taosdump.1/data0-13E2E57E/power.1.0.avro"), CODEC, "d0", 40);
    AvroFiles.rows(dump.resolve("taosdump.1/data0-13E2E57E/power.2.1.avro"), CODEC, "d1", 2);
    AvroFiles.rows(dump.resolve("taosdump.1/data0-0/power.3.0.avro"), CODEC, "ntb", 7);
    AvroFiles.tags(dump.resolve("taosdump.1/power.13E2E57E.avro-tbtags"), "d0", "d1", "d2");
    AvroFiles.normalTable(
        dump.resolve("taosdump.1/power.4.avro-ntb"), "ntb", "CREATE TABLE `ntb` (`ts` TIMESTAMP)");
    Files.writeString(dump.resolve("taosdump.1/power.13E2E57E.avro-tbtags.m"), "{}");
    Files.writeString(dump.resolve("taosdump.1/data0-13E2E57E/stbname"), "meters");
  }

  private List<String> findings() throws IOException {
    return DumpContents.of(dump).findings(ALL, 49, dump);
  }

  @Test
  void shouldCountRowsAndTables() throws Exception {
    DumpContents contents = DumpContents.of(dump);

    assertEquals(new DumpContents(49, 3, "d1", List.of(), DumpDigest.of(dump)), contents);
    assertEquals(List.of(), contents.findings(ALL, 49, dump));
    assertEquals(
        List.of(
            "rows in the files are not those that taosdump counted: expected=50, actual=49,"
                + " directory="
                + dump),
        contents.findings(ALL, 50, dump));
  }

  @Test
  void shouldMissWhatIsNotThere() throws Exception {
    Files.delete(dump.resolve("taosdump.1/data0-13E2E57E/power.2.1.avro"));
    Files.delete(dump.resolve("dbs.sql"));

    assertEquals(
        List.of(
            "file is missing: file=" + dump.resolve("dbs.sql"),
            "rows in the files are not those that taosdump counted: expected=49, actual=47,"
                + " directory="
                + dump),
        findings());
    Path none = dump.resolve("none");
    assertEquals(
        List.of("directory is missing: directory=" + none), DumpContents.of(none).findings());
  }

  @Test
  void shouldFindRowsThatARestoreWouldLose() throws Exception {
    AvroFiles.tags(dump.resolve("taosdump.1/power.13E2E57E.avro-tbtags"), "d1");
    Path elsewhere = dump.resolve("taosdump.1/other/power.5.0.avro");
    Files.createDirectories(elsewhere.getParent());
    Files.move(dump.resolve("taosdump.1/data0-0/power.3.0.avro"), elsewhere);

    assertEquals(
        List.of(
            "rows lie where no restore looks for them: file=" + elsewhere,
            "rows are of tables that are not defined: tables=1, one=d0, directory=" + dump),
        findings());
  }

  @Test
  void shouldFindADamagedContainerAndGoOnBehindIt() throws Exception {
    Path first = dump.resolve("taosdump.1/data0-13E2E57E/power.1.0.avro");
    Path tags = dump.resolve("taosdump.1/power.13E2E57E.avro-tbtags");
    for (Path file : List.of(first, tags)) {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    }

    List<String> findings = findings();

    assertEquals(4, findings.size(), findings.toString());
    assertEquals("corrupt file: it is cut, block=1, file=" + tags, findings.get(1));
    assertEquals(
        "rows are of tables that are not defined: tables=2, one=d0, directory=" + dump,
        findings.get(2));
    assertEquals(
        "rows in the files are not those that taosdump counted: expected=49, actual=9, directory="
            + dump,
        findings.get(3));
  }

  @Test
  void shouldFindAFileTooMany() throws Exception {
    AvroFiles.rows(dump.resolve("taosdump.1/data0-13E2E57E/power.9.9.avro"), CODEC, "d2", 1);
    Path text = dump.resolve("taosdump.1/data0-0/power.9.9.avro");
    Files.writeString(text, "not a container");

    assertEquals(
        List.of(
            "corrupt file: it is no container of Avro, block=0, file=" + text,
            "rows in the files are not those that taosdump counted: expected=49, actual=50,"
                + " directory="
                + dump),
        findings());
  }

  @Test
  void shouldFindRowsOfATableThatNobodyAskedFor() throws Exception {
    DumpCall d0 = new DumpCall(DumpCall.Scope.TABLE, "d0", null, 0, 0);
    DumpContents three = DumpContents.of(dump);

    assertEquals(
        List.of(
            "rows are of other tables than the one asked for: expected=d0, one=d1, tables=3,"
                + " directory="
                + dump),
        three.findings(d0, 49, dump));
    Files.delete(dump.resolve("taosdump.1/data0-13E2E57E/power.2.1.avro"));
    Files.delete(dump.resolve("taosdump.1/data0-0/power.3.0.avro"));
    assertEquals(List.of(), DumpContents.of(dump).findings(d0, 40, dump));
  }
}
