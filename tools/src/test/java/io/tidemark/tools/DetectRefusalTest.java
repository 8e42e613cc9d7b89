package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What detect refuses, and where it fails. */
class DetectRefusalTest {
  private static final String NAME = "incremental_bitmap_tool detect: ";
  private static final String SEE = " (see: incremental_bitmap_tool detect --help)";

  @TempDir private Path directory;

  private DetectDirectory place;
  private Path data;
  private Path stores;
  private Path output;

  @BeforeEach
  void writeFirstSnapshot() throws IOException {
    place = DetectDirectory.create(directory);
    data = place.data();
    stores = place.stores();
    output = place.output();
  }

  @Test
  void shouldTakeTheSpecificationsFormUnchanged() {
    Tool run =
        Tool.run(
            "--detect",
            "--host",
            "localhost",
            "--port",
            "6030",
            "--database",
            "test_db",
            "--since",
            "1640995200",
            "--output",
            output);

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        NAME
            + "--host needs a source over JDBC, which is not available yet: give --data-dir with"
            + " the server's data directory: host=localhost"
            + SEE,
        run.errLine());
  }

  @Test
  void shouldTakeABareNumberAsSecondsInTheSpecificationsForm() {
    Tool run =
        Tool.run(
            "--detect",
            "--data-dir",
            data,
            "--database",
            "power",
            "--since",
            "1640995200",
            "--output",
            output);

    assertEquals(ExitCode.DONE, run.exitCode());
    assertEquals("--since 1640995200 is taken as seconds since the epoch", run.errLine());
    assertEquals(
        "{asked=1640995200, form=time, generation=null, walOffset=null,"
            + " timestampNs=1640995200000000000}",
        Json.read(output).get("since").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1640995200", "wal:", "time:2026-01-31", "never"})
  void shouldRefuseABadSinceBeforeItReadsAnything(String since) {
    Tool run = place.detect("--since", since);

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertTrue(run.errLine().startsWith(NAME + "--since "), run.err());
    assertTrue(run.errLine().endsWith(": value=" + since + SEE), run.err());
    assertFalse(Files.exists(output));
  }

  @Test
  void shouldRefuseLastWithoutAStore() {
    Tool run = place.detect("--since", "last");

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        NAME + "--since last needs the store of the last detection: give --store" + SEE,
        run.errLine());
  }

  @Test
  void shouldListWhatIsThereWhenTheDatabaseOrVgroupIsUnknown() {
    Tool database = place.detect("--database", "water");
    Tool vgroup = place.detect("--vgroup", 7);

    assertEquals(ExitCode.USAGE, database.exitCode());
    assertEquals(NAME + "unknown database: value=water, there=power" + SEE, database.errLine());
    assertEquals(ExitCode.USAGE, vgroup.exitCode());
    assertEquals(NAME + "unknown vgroup: value=7, there=[23, 24]" + SEE, vgroup.errLine());
  }

  @Test
  void shouldRefuseADirectoryThatHoldsNoVnode() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));

    Tool missing = Tool.run("detect", directory.resolve("nowhere"), "--output", output);
    Tool nothing = Tool.run("detect", empty, "--output", output);
    Tool none = Tool.run("detect", "--output", output);

    assertEquals(ExitCode.USAGE, missing.exitCode());
    assertEquals(
        NAME + "directory does not exist: directory=" + directory.resolve("nowhere"),
        missing.errLine());
    assertEquals(ExitCode.USAGE, nothing.exitCode());
    assertEquals(NAME + "directory holds no vnode: directory=" + empty, nothing.errLine());
    assertEquals(ExitCode.USAGE, none.exitCode());
    assertEquals(
        NAME + "no data directory given: give DATA_DIR, --data-dir or --store" + SEE,
        none.errLine());
  }

  @Test
  void shouldSayThatItMayNotReadADirectory() throws IOException {
    assumeFalse("root".equals(System.getProperty("user.name")), "root may read every directory");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("---------"));
    try {
      Tool run = place.detect();

      assertEquals(ExitCode.FAILED, run.exitCode());
      assertEquals(NAME + "no permission to read: directory=" + data, run.errLine());
    } finally {
      Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void shouldRefuseAnOutputItCannotWriteBeforeItReadsAnything() {
    Path nowhere = directory.resolve("no/such.json");
    Tool missing = Tool.run("detect", data, "--store", stores, "--output", nowhere);
    Tool isDirectory = Tool.run("detect", data, "--store", stores, "--output", directory);

    assertEquals(ExitCode.USAGE, missing.exitCode());
    assertEquals(
        NAME + "cannot write the output: its directory does not exist: file=" + nowhere,
        missing.errLine());
    assertEquals(ExitCode.USAGE, isDirectory.exitCode());
    assertEquals(
        NAME + "cannot write the output: it is a directory: file=" + directory,
        isDirectory.errLine());
    assertFalse(Files.exists(stores));
  }

  @Test
  void shouldRefuseAStoreInsideTheServersDirectory() {
    Tool inside = place.detect("--store", data.resolve("stores"));

    assertEquals(ExitCode.USAGE, inside.exitCode());
    assertEquals(
        NAME
            + "--store lies inside the server's data directory: directory="
            + data.resolve("stores")
            + SEE,
        inside.errLine());
    assertFalse(Files.exists(data.resolve("stores")));
  }

  @Test
  void shouldRefuseToPutAStoreIntoAVnode() {
    Tool beside = Tool.run("detect", data.resolve("vnode23"), "--store", data, "--output", output);

    assertEquals(ExitCode.USAGE, beside.exitCode());
    assertEquals(
        NAME
            + "--store would put a store into a vnode of the server: directory="
            + data.resolve("vnode23")
            + SEE,
        beside.errLine());
  }

  @Test
  void shouldRefuseOneStoreWhereADirectoryOfStoresIsMeant() {
    place.detect("--store", stores);

    Tool run = place.detect("--store", stores.resolve("vnode23"));

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertEquals(
        NAME
            + "--store takes a directory of stores, this is one store: directory="
            + stores.resolve("vnode23")
            + SEE,
        run.errLine());
  }

  @Test
  void shouldBePartialWhenOneOfTheStoresIsLocked() throws Exception {
    VnodeDirectory vnode = VnodeDirectory.find(data).get(1);
    Path locked = stores.resolve("vnode24");
    try (ChangeTracker holder =
        ChangeTracker.open(
            locked, WalEventSource.shardOf(vnode.config()), TrackerOptions.defaults())) {
      assertEquals(0, holder.position());

      Tool both = place.detect("--store", stores, "--since", "last");
      final Json document = Json.read(output);
      final Tool only = place.detect("--store", stores, "--since", "last", "--vgroup", 24);

      String message =
          "store is locked: holder=pid=" + ProcessHandle.current().pid() + ", directory=" + locked;
      assertEquals(ExitCode.PARTIAL, both.exitCode());
      assertEquals(NAME + "1 of 2 vgroups failed; vnode24: " + message, both.errLine());
      assertEquals("NOT_READY", document.get("verdict").value());
      assertEquals(1, document.get("vgroups").list().size());
      assertEquals(
          "[{vgroup=vnode24, exitCode=6, error=" + message + "}]",
          document.get("failures").toString());
      assertEquals(ExitCode.LOCKED, only.exitCode());
      assertEquals(NAME + "vnode24: " + message, only.errLine());
    }
  }

  @Test
  void shouldRefuseAStoreOfANewerFormat() throws IOException {
    place.detect("--store", stores, "--vgroup", 23);
    Path identity = stores.resolve("vnode23/STORE");
    byte[] bytes = Files.readAllBytes(identity);
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    header.putShort(10, (short) 99).putInt(12, 0);
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, 64);
    header.putInt(12, (int) crc.getValue());
    Files.write(identity, bytes);

    Tool run = place.detect("--store", stores, "--vgroup", 23);

    assertEquals(ExitCode.FAILED, run.exitCode());
    assertEquals(
        NAME
            + "vnode23: file format is newer than this program reads: type=STORE, newest=1,"
            + " actual=99, file="
            + identity,
        run.errLine());
  }

  @Test
  void shouldRefuseTheStoreOfAnotherLog() throws IOException {
    place.detect("--store", stores, "--vgroup", 23);
    Path config = data.resolve("vnode23/vnode.json");
    Files.writeString(
        config, Files.readString(config).replace("2904008795430054708", "2904008795430054709"));

    Tool run = place.detect("--store", stores, "--vgroup", 23);

    assertEquals(ExitCode.FAILED, run.exitCode());
    assertTrue(
        run.errLine().startsWith(NAME + "vnode23: store tracks another log: expected="), run.err());
  }

  @Test
  void shouldFailForAVnodeWhoseConfigurationIsNoJson() throws IOException {
    Files.writeString(data.resolve("vnode23/vnode.json"), "nonsense");

    Tool run = place.detect();

    assertEquals(ExitCode.PARTIAL, run.exitCode());
    assertTrue(run.errLine().startsWith(NAME + "1 of 2 vgroups failed; vnode23: "), run.err());
    assertTrue(run.errLine().contains("vnode.json"), run.err());
  }
}
