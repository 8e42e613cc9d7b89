package io.tidemark.tdengine.tsdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.Corpus;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data files that are wrong in every way are found to be wrong, with the place. */
class TsdbDamageTest {
  private static final long SEED = 6;
  private static final int PAGE = 4096;
  private static final int CONTENT = PAGE - Integer.BYTES;

  @TempDir Path directory;
  private VnodeDirectory vnode;
  private TsdbScan intact;

  @BeforeEach
  void copyVnodes() throws Exception {
    use("s6-wave3-flushed/vnode24");
  }

  private void use(String name) throws Exception {
    Path copy = directory.resolve(name.replace('/', '-')).resolve(Path.of(name).getFileName());
    Files.createDirectories(copy.getParent());
    FileTrees.copy(Corpus.root().resolve(name), copy);
    vnode = VnodeDirectory.find(copy).get(0);
    intact = TsdbScanner.scan(vnode);
  }

  /** Returns the files that a scan reads. */
  private List<Path> files() throws IOException {
    return FileTrees.files(vnode.dataFileDirectory()).stream()
        .filter(file -> file.toString().matches(".*[.](head|stt|tomb)"))
        .toList();
  }

  @Test
  void shouldFindEveryFlippedByte() throws Exception {
    int stride = Rounds.of("tidemark.tsdb.stride", 31, 331);
    for (String name : List.of("s6-wave3-flushed/vnode24", "s7-power8-stt/vnode25")) {
      if (!name.startsWith("s6")) {
        use(name);
      }
      for (Path file : files()) {
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i < bytes.length; i += stride) {
          bytes[i] ^= 0x40;
          Files.write(file, bytes);
          bytes[i] ^= 0x40;

          String message = failure();

          int page = i / PAGE;
          assertTrue(
              message.startsWith("malformed data file: wrong checksum of a page: page=" + page),
              message);
          assertTrue(
              message.endsWith(", offset=" + (long) page * CONTENT + ", file=" + file), message);
        }
        Files.write(file, bytes);
      }
    }
  }

  @Test
  void shouldFindEveryCut() throws Exception {
    int stride = Rounds.of("tidemark.tsdb.stride", 31, 331);
    for (Path file : files()) {
      byte[] bytes = Files.readAllBytes(file);
      for (int length = 0; length < bytes.length; length += stride) {
        Files.write(file, Arrays.copyOf(bytes, length));

        String message = failure();

        assertTrue(message.startsWith("malformed data file: file is cut off: "), message);
        assertTrue(message.contains("expectedBytes=" + bytes.length), message);
        assertTrue(message.contains("actualBytes=" + length + ", "), message);
      }
      Files.write(file, bytes);
    }
  }

  @Test
  void shouldFindAPageThatLiesInAnothersPlace() throws Exception {
    use("s7-power8-stt/vnode25");
    Path file = vnode.dataFileDirectory().resolve("v25f20758ver1.stt");
    byte[] bytes = Files.readAllBytes(file);
    byte[] swapped = bytes.clone();
    System.arraycopy(bytes, 0, swapped, PAGE, PAGE);
    System.arraycopy(bytes, PAGE, swapped, 0, PAGE);
    Files.write(file, swapped);

    assertTrue(failure().startsWith("malformed data file: "));
  }

  @Test
  void shouldNameAFileThatIsMissing() throws Exception {
    Path file = files().get(0);
    Files.delete(file);

    IOException e = assertThrows(IOException.class, () -> TsdbScanner.scan(vnode));

    assertEquals(file.toString(), e.getMessage());
  }

  @Test
  void shouldRefuseAnotherFormatEncryptionAndOtherDisks() throws Exception {
    Path current = vnode.dataFileDirectory().resolve("current.json");
    String text = Files.readString(current);

    Files.writeString(current, text.replaceFirst("\"fmtv\":1", "\"fmtv\":2"));
    assertEquals(
        "unsupported data file: another format: name=fmtv, expected=1, actual=2, offset=0, file="
            + current,
        failure());

    Files.writeString(current, text.replaceFirst("\"did.level\":0", "\"did.level\":1"));
    assertEquals(
        "unsupported data file: file lies on another disk: fid=20756, level=1, disk=0, offset=0,"
            + " file="
            + current,
        failure());

    Files.writeString(current, text);
    Path config = vnode.configFile();
    String before = Files.readString(config);
    Files.writeString(
        config,
        before.replaceFirst(
            "\"tsdb.encryptAlgorithm\":\\s*\"0\"", "\"tsdb.encryptAlgorithm\": \"1\""));
    assertEquals(
        "unsupported data file: encrypted pages: tsdb.encryptAlgorithm=1, offset=0, file=" + config,
        failure());

    Files.writeString(
        config, before.replaceFirst("\"tsdbPageSize\":\\s*\"4096\"", "\"tsdbPageSize\": \"512\""));
    assertTrue(failure().contains("impossible length of a page: limitBytes="));
  }

  @Test
  void shouldNeverBeConfusedByAnAlteredList() throws Exception {
    Path current = vnode.dataFileDirectory().resolve("current.json");
    byte[] bytes = Files.readAllBytes(current);
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < Rounds.of("tidemark.tsdb.lists", 2000, 200); i++) {
      byte[] altered =
          random.nextInt(4) == 0
              ? Arrays.copyOf(bytes, random.nextInt(bytes.length))
              : flipped(bytes, random);
      Files.write(current, altered);

      scanOrFail(new String(altered, StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void shouldNeverBeConfusedByContentsBehindARightChecksum() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    int found = 0;
    int rounds = Rounds.of("tidemark.tsdb.contents", 1500, 200);
    List<Path> files = files();
    for (int i = 0; i < rounds; i++) {
      Path file = files.get(random.nextInt(files.size()));
      byte[] bytes = Files.readAllBytes(file);
      byte[] altered = bytes;
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        altered = flippedContent(altered, random);
      }
      Files.write(file, altered);

      found += scanOrFail(file.toString()) ? 0 : 1;

      Files.write(file, bytes);
    }
    // Most of a page is header or room that nobody looks at.
    assertTrue(found > rounds / 20, "found=" + found);
  }

  private static byte[] flipped(byte[] bytes, SplittableRandom random) {
    byte[] altered = bytes.clone();
    altered[random.nextInt(bytes.length)] = (byte) random.nextInt();
    return altered;
  }

  private static byte[] flippedContent(byte[] bytes, SplittableRandom random) {
    byte[] altered = bytes.clone();
    int page = random.nextInt(bytes.length / PAGE) * PAGE;
    int limit = random.nextBoolean() ? 1200 : CONTENT;
    altered[page + random.nextInt(limit)] = (byte) random.nextInt();
    CRC32C crc = new CRC32C();
    crc.update(altered, page, CONTENT);
    ByteBuffer.wrap(altered)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(page + CONTENT, (int) crc.getValue());
    return altered;
  }

  /** Scans, which may fail in no other way than by naming what is wrong. */
  private boolean scanOrFail(String what) throws Exception {
    try {
      TsdbScan scan = TsdbScanner.scan(vnode);
      assertFalse(scan.tables().size() > intact.tables().size() * 1000);
      return true;
    } catch (IOException e) {
      assertFalse(String.valueOf(e.getMessage()).isEmpty());
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError("scan failed: " + what, e);
    }
  }

  private String failure() {
    return String.valueOf(
        assertThrows(TsdbFormatException.class, () -> TsdbScanner.scan(vnode)).getMessage());
  }
}
