package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.tdengine.VnodeDirectoryException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VnodeDirectoryTest {
  private static final String CONFIG =
      """
      {"config": {"vgId": "9", "dbname": "1.my.db", "dbId": "-5", "precision": 2,
        "daysPerFile": "600", "keep0": "1", "keep1": "2", "keep2": "3", "hashBegin": "0",
        "hashEnd": "4294967295", "wal.retentionPeriod": "3600", "wal.level": "1",
        "nested": [{"a": [1, null, true]}]},
       "state": {"commit version": "-1", "commit ID": "0", "commit term": "-1"}}
      """;

  @TempDir Path directory;

  private Path vnodes = Path.of("");

  @BeforeEach
  void makeVnodes() throws IOException {
    vnodes = directory.resolve("taos/data/vnode");
    makeVnode(vnodes.resolve("vnode10"));
    makeVnode(vnodes.resolve("vnode9"));
    Files.createDirectory(vnodes.resolve("vnode"));
    Files.createDirectory(vnodes.resolve("vnodeX"));
    Files.writeString(vnodes.resolve("vnodes.json"), "{}");
  }

  @Test
  void shouldFindVnodesFromEveryLevel() throws IOException {
    final List<VnodeDirectory> expected =
        List.of(
            new VnodeDirectory(vnodes.resolve("vnode9")),
            new VnodeDirectory(vnodes.resolve("vnode10")));

    assertEquals(expected, VnodeDirectory.find(vnodes));
    assertEquals(expected, VnodeDirectory.find(directory.resolve("taos/data")));
    assertEquals(expected, VnodeDirectory.find(directory.resolve("taos")));
    assertEquals(expected.subList(0, 1), VnodeDirectory.find(vnodes.resolve("vnode9")));
  }

  @Test
  void shouldReadItsConfiguration() throws Exception {
    final VnodeConfig config = VnodeDirectory.find(vnodes).get(0).config();

    assertEquals(
        new VnodeConfig(
            9,
            "my.db",
            -5,
            TimestampPrecision.NANOSECOND,
            600,
            1,
            2,
            3,
            0,
            4_294_967_295L,
            3600,
            0,
            1,
            0,
            -1,
            0,
            -1,
            0,
            0),
        config);
  }

  @Test
  void shouldReadTheConfigurationsAServerWrote() throws Exception {
    for (final VnodeDirectory vnode : Corpus.vnodes().toList()) {
      final VnodeConfig config = vnode.config();

      assertEquals("vnode" + config.vgroupId(), String.valueOf(vnode.path().getFileName()));
      assertEquals(1440, config.minutesPerFileSet());
      final boolean isMisc = config.database().equals("misc");
      assertEquals(
          isMisc ? TimestampPrecision.MICROSECOND : TimestampPrecision.MILLISECOND,
          config.precision());
    }
  }

  @Test
  void shouldSayWhyAConfigurationIsUnusable() throws IOException {
    assertEquals(
        "missing value: name=config.vgId, file=", configRefusal(CONFIG.replace("vgId", "x")));
    assertEquals(
        "not a whole number: value=9a, name=config.vgId, file=",
        configRefusal(CONFIG.replace("\"9\"", "\"9a\"")));
    assertEquals(
        "number out of range: value=9999999999, name=config.vgId, file=",
        configRefusal(CONFIG.replace("\"9\"", "9999999999")));
    assertEquals(
        "unknown precision: value=3, name=config.precision, file=",
        configRefusal(CONFIG.replace("\"precision\": 2", "\"precision\": 3")));
    assertEquals(
        "impossible length of a file set: value=0, name=config.daysPerFile, file=",
        configRefusal(CONFIG.replace("\"600\"", "0")));
    assertEquals("not a JSON object: file=", configRefusal(""));
    assertEquals("not a JSON object: file=", configRefusal("[]"));
    assertEquals("malformed JSON: ", configRefusal("{\"a\"").substring(0, 16));
    assertEquals(
        "JSON is nested too deep", configRefusal("{\"a\": " + "[".repeat(99)).substring(0, 23));
  }

  @Test
  void shouldSayWhyADirectoryIsUnusable() throws IOException {
    final Path file = Files.createFile(directory.resolve("file"));
    final Path missing = directory.resolve("missing");
    final Path empty = Files.createDirectory(directory.resolve("empty"));

    assertRefused(Reason.MISSING, "directory does not exist: directory=" + missing, missing);
    assertRefused(Reason.NOT_A_DIRECTORY, "not a directory: file=" + file, file);
    assertRefused(Reason.NO_VNODE, "directory holds no vnode: directory=" + empty, empty);
  }

  @Test
  void shouldSayWhatAVnodeLacks() throws IOException {
    final Path noWal = directory.resolve("a/vnode3");
    Files.createDirectories(noWal);
    Files.writeString(noWal.resolve("vnode.json"), CONFIG);
    final Path noConfig = directory.resolve("b/vnode4");
    Files.createDirectories(noConfig.resolve("wal"));

    assertRefused(
        Reason.INCOMPLETE_VNODE, "vnode is incomplete: missing=wal, directory=" + noWal, noWal);
    assertRefused(
        Reason.INCOMPLETE_VNODE,
        "vnode is incomplete: missing=vnode.json, directory=" + noConfig,
        directory.resolve("b"));
  }

  @Test
  void shouldSayThatADirectoryMayNotBeRead() throws IOException {
    final Path closed = Files.createDirectory(directory.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));

    // The superuser may read everything; for anyone else the directory is closed.
    if (Files.isReadable(closed)) {
      assertRefused(Reason.NO_VNODE, "directory holds no vnode: directory=" + closed, closed);
    } else {
      assertRefused(Reason.NO_PERMISSION, "no permission to read: directory=" + closed, closed);
    }
  }

  private static void assertRefused(Reason reason, String message, Path path) {
    final VnodeDirectoryException e =
        assertThrows(VnodeDirectoryException.class, () -> VnodeDirectory.find(path));
    assertEquals(reason, e.reason());
    assertEquals(message, e.getMessage());
  }

  private String configRefusal(String json) throws IOException {
    final Path file = directory.resolve("vnode.json");
    Files.writeString(file, json);
    final WalDecodeException e =
        assertThrows(WalDecodeException.class, () -> VnodeConfig.read(file));
    return String.valueOf(e.getMessage()).replace(file.toString(), "");
  }

  private static void makeVnode(Path path) throws IOException {
    Files.createDirectories(path.resolve("wal"));
    Files.writeString(path.resolve("vnode.json"), CONFIG);
  }
}
