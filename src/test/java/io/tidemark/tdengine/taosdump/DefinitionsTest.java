package io.tidemark.tdengine.taosdump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.ChangeKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What dumps say of tables and stables, and what a restore makes of it. */
class DefinitionsTest {
  private static final String EXPORTED =
      "CREATE STABLE `stable` (`ts` TIMESTAMP, `value` INT) TAGS (`place` INT)";
  private static final String OTHER =
      "CREATE STABLE `stable` (`ts` TIMESTAMP, `value` BIGINT) TAGS (`place` INT)";

  @TempDir private Path directory;

  private Path dump;
  private StandIn server;

  @BeforeEach
  void makeServer() throws IOException {
    dump = directory.resolve("dump");
    server = StandIn.in(directory.resolve("server")).holds(4, "d0");
  }

  private void export(TaosdumpPlan plan) throws IOException {
    RunOptions options = new RunOptions(server.taosdump().toString(), Connection.DEFAULTS, 0, 0);
    new TaosdumpScript(plan, new ScriptNotes("a test", Instant.EPOCH, List.of())).writeTo(dump);
    new TaosdumpRunner(plan, dump, options, GoneObjects.NONE, RunListener.NONE).export();
  }

  private StandIn.Run restore() throws IOException, InterruptedException {
    return server.run(dump.resolve("restore.sh"), "power_r");
  }

  private static SetBuilder changed() {
    return new SetBuilder().rows(ChangeKind.DIRTY, "d0", "", 5);
  }

  private DumpDefinitions read(String sql) throws IOException {
    Files.createDirectories(dump.resolve("taosdump.1"));
    Files.writeString(dump.resolve("taosdump.1/dbs.sql"), sql);
    DumpDefinitions definitions = new DumpDefinitions();
    definitions.add(dump);
    return definitions;
  }

  @Test
  void shouldReadWhatADumpSaysInTheWordsOfTheServer() throws Exception {
    AvroFiles.normalTable(
        dump.resolve("taosdump.1/power.4.avro-ntb"),
        "ntb",
        "CREATE TABLE IF NOT EXISTS `power`.`ntb` (`ts` TIMESTAMP, `a b` NCHAR(5))");
    DumpDefinitions definitions =
        read(
            """
            #!server_ver: 3.3.7.5
            #!dumpdb: power:
            CREATE DATABASE IF NOT EXISTS power REPLICA 1   DURATION 10d KEEP 36d,36d,36d     PRECISION 'us' ;

            CREATE STABLE IF NOT EXISTS `power`.`meters` (`ts` TIMESTAMP) TAGS (`g` INT)
            CREATE STABLE IF NOT EXISTS power.evlog (`ts` TIMESTAMP) TAGS (`s` INT);
            CREATE STABLE IF NOT EXISTS `power`.`a.b` (`ts` TIMESTAMP) TAGS (`s` INT) COMMENT 'two
            lines'
            CREATE TABLE IF NOT EXISTS `power`.`d0` USING `power`.`meters` TAGS(1)
            """);

    DumpSchema schema = definitions.schema();

    assertEquals("us", schema.precision());
    assertEquals("36d,36d,36d", schema.keep());
    assertEquals("10d", schema.duration());
    assertEquals(
        List.of("stable a.b", "stable evlog", "stable meters", "table ntb"),
        schema.definitions().stream().map(ObjectDefinition::toString).toList());
    assertEquals(
        """
        CREATE STABLE `evlog` (`ts` TIMESTAMP) TAGS (`s` INT)
        CREATE STABLE `meters` (`ts` TIMESTAMP) TAGS (`g` INT)
        CREATE TABLE `ntb` (`ts` TIMESTAMP, `a b` NCHAR(5))
        """,
        definitions.comparable());
  }

  @Test
  void shouldGiveOneDefinitionOneFingerprintHoweverTheDatabaseIsCalled() throws Exception {
    String sha256 =
        read("CREATE STABLE `meters` (`ts` TIMESTAMP) TAGS (`g` INT)")
            .schema()
            .definitions()
            .get(0)
            .sha256();

    ObjectDefinition same =
        read("CREATE STABLE IF NOT EXISTS `other`.`meters` (`ts` TIMESTAMP) TAGS (`g` INT);\n")
            .schema()
            .definitions()
            .get(0);
    ObjectDefinition other =
        read("CREATE STABLE `meters` (`ts` TIMESTAMP) TAGS (`g` BIGINT)")
            .schema()
            .definitions()
            .get(0);

    assertEquals(new ObjectDefinition(true, "meters", sha256), same);
    assertEquals(sha256.substring(0, 12), same.shortFingerprint());
    assertNotEquals(sha256, other.sha256());
  }

  @Test
  void shouldKeepBothDefinitionsOfWhatWasAlteredWhileItWasExported() throws Exception {
    server.holds(5, "d1").write("definitions", EXPORTED + "\n");
    String alter = "echo '" + OTHER + "' >'" + server.file("definitions") + "'\n";
    server.write("hook", "[ ! -f '" + dump + "/calls/000001/rows' ] || " + alter);

    export(changed().rows(ChangeKind.DIRTY, "d1", "", 5).plan());

    assertEquals(OTHER + "\n" + EXPORTED + "\n", Files.readString(dump.resolve("definitions.sql")));
    ExportManifest manifest = ExportManifest.read(dump);
    assertEquals(2, manifest == null ? 0 : manifest.schema().definitions().size());
  }

  @Test
  void shouldLoadNothingIntoATargetThatIsDefinedOtherwise() throws Exception {
    export(changed().deletion("ntb", "", 1, 2).plan());
    server.write("target", OTHER + "\n");

    StandIn.Run refused = restore();

    assertEquals(1, refused.exitCode());
    assertTrue(
        refused
            .err()
            .endsWith(" load nevertheless: target=" + OTHER + ", exported=" + EXPORTED + "\n"),
        refused.err());
    assertEquals(List.of(), server.lines("loaded"));
    assertEquals(List.of(), server.lines("executed"));
    server.write("target", EXPORTED + "\n");
    assertEquals(0, restore().exitCode());
    assertEquals(1, server.lines("loaded").size());
    assertEquals(
        List.of("USE power_r;", "SHOW CREATE STABLE `stable`\\G;"),
        server.lines("asked").subList(2, 4));
  }

  @Test
  void shouldLoadIntoATargetThatLacksTheObjectOrIsNotThere() throws Exception {
    export(changed().plan());

    final StandIn.Run empty = restore();
    server.write("nodatabase", "");
    final StandIn.Run none = restore();
    StandIn.Run unknown = server.run(Map.of("TAOS", "/no/taos"), dump.resolve("restore.sh"), "p");

    assertEquals(0, empty.exitCode(), empty.err());
    assertEquals(0, none.exitCode(), none.err());
    assertEquals(0, unknown.exitCode(), unknown.err());
    assertTrue(
        unknown.out().contains("taos was not found, so definitions in the target are not compared"),
        unknown.out());
    assertEquals(3, server.lines("loaded").size());
  }

  @Test
  void shouldNotCompareWhatItDropsFirst() throws Exception {
    server.holds(4, "stable");
    export(
        new SetBuilder()
            .stable(ChangeKind.REPLACED, "stable")
            .rows(ChangeKind.DIRTY, "d0", "stable", 5)
            .plan());
    server.write("target", OTHER + "\n");

    StandIn.Run run = restore();

    assertEquals(0, run.exitCode(), run.err());
    assertEquals(List.of(), server.lines("asked"));
    assertTrue(
        server.lines("executed").contains("DROP STABLE IF EXISTS `stable`;"),
        server.lines("executed").toString());
  }

  @Test
  void shouldNotLoadIntoATargetThatDoesNotAnswer() throws Exception {
    export(changed().plan());
    Path broken = directory.resolve("taos");
    Files.writeString(broken, "#!/bin/sh\necho 'failed to connect to server'\nexit 0\n");
    assertTrue(broken.toFile().setExecutable(true));

    StandIn.Run unreachable =
        server.run(Map.of("TAOS", broken.toString()), dump.resolve("restore.sh"), "power_r");

    assertEquals(1, unreachable.exitCode());
    assertTrue(
        unreachable.err().contains("the target could not be asked for its definitions"),
        unreachable.err());
    assertEquals(List.of(), server.lines("loaded"));
  }
}
