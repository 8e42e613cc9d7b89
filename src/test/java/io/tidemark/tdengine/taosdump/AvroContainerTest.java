package io.tidemark.tdengine.taosdump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.testing.Rounds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.avro.file.CodecFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Containers that Avro's own writer wrote, right and wrong. */
class AvroContainerTest {
  private static final int ROWS = 20;

  /** Each block of LZMA asks for a dictionary of its own. */
  private static final int ROWS_OF_LZMA = 4;

  private static final int SYNC_BYTES = 16;
  private static final List<String> TABLE = List.of("tbname");

  @TempDir private Path directory;

  private Path file;

  @BeforeEach
  void nameFile() {
    file = directory.resolve("data0-1/power.1.0.avro");
  }

  static Stream<Arguments> codecs() {
    return Stream.of(
        Arguments.of(CodecFactory.nullCodec(), ROWS),
        Arguments.of(CodecFactory.deflateCodec(9), ROWS),
        Arguments.of(CodecFactory.snappyCodec(), ROWS),
        Arguments.of(AvroFiles.lzma(), ROWS_OF_LZMA));
  }

  private long count(byte[] bytes) throws IOException {
    return AvroContainer.read(new ByteArrayInputStream(bytes), file, TABLE, texts -> {});
  }

  private String damage(byte[] bytes) {
    return String.valueOf(
        assertThrows(CorruptFileException.class, () -> count(bytes)).getMessage());
  }

  /** Returns where blocks end, the header for one; the sync marker is that of the writer. */
  private static Set<Integer> ends(byte[] bytes) {
    Set<Integer> ends = new HashSet<>();
    for (int i = SYNC_BYTES; i <= bytes.length; i++) {
      boolean isMarker = true;
      for (int j = 0; j < SYNC_BYTES; j++) {
        isMarker &= bytes[i - SYNC_BYTES + j] == j + 1;
      }
      if (isMarker) {
        ends.add(i);
      }
    }
    return ends;
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void shouldCountTheRecordsOfEveryCodecThatTaosdumpHas(CodecFactory codec, int rows)
      throws Exception {
    AvroFiles.rows(file, codec, "d0", rows);
    Set<String> tables = new HashSet<>();
    long[] texts = new long[1];

    long count =
        AvroContainer.read(
            file,
            List.of("tbname", "ts", "col0", "none"),
            record -> {
              tables.add(record[0]);
              texts[0] += record[2] == null ? 0 : 1;
              assertEquals(null, record[1]);
              assertEquals(null, record[3]);
            });

    assertEquals(rows, count);
    assertEquals(Set.of("d0"), tables);
    assertEquals(rows - (rows + 2) / 3, texts[0]);
    assertTrue(ends(Files.readAllBytes(file)).size() > 1, "no block at all");
  }

  @Test
  void shouldCountNoneInAContainerWithoutBlocks() throws Exception {
    byte[] whole = Files.readAllBytes(AvroFiles.rows(file, CodecFactory.snappyCodec(), "d0", 0));

    assertEquals(0, count(whole));
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void shouldFindACutWhereverItIsButBetweenBlocks(CodecFactory codec, int rows) throws Exception {
    byte[] whole = Files.readAllBytes(AvroFiles.rows(file, codec, "d0", rows));
    Set<Integer> ends = ends(whole);

    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      if (ends.contains(length)) {
        assertTrue(count(cut) < rows);
      } else {
        String damage = damage(cut);
        assertTrue(damage.startsWith("corrupt file: it is cut, block="), damage);
        assertTrue(damage.endsWith(", file=" + file), damage);
      }
    }
  }

  @Test
  void shouldFindEveryChangedByteOfABlockOfSnappy() throws Exception {
    byte[] whole = Files.readAllBytes(AvroFiles.rows(file, CodecFactory.snappyCodec(), "d0", ROWS));
    int first = ends(whole).stream().min(Integer::compare).orElseThrow();

    for (int i = first; i < whole.length; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= (byte) (1 << i % Byte.SIZE);
      assertTrue(damage(changed).startsWith("corrupt file: "));
    }
  }

  @ParameterizedTest
  @MethodSource("codecs")
  void shouldNameOrCountWhateverByteIsChanged(CodecFactory codec, int rows) throws Exception {
    byte[] whole = Files.readAllBytes(AvroFiles.rows(file, codec, "d0", rows));
    int bits = Rounds.of("tidemark.avro.bits", Byte.SIZE, 1);

    int found = 0;
    for (int i = 0; i < whole.length; i++) {
      for (int bit = 0; bit < bits; bit++) {
        byte[] changed = whole.clone();
        changed[i] ^= (byte) (1 << (bit + i) % Byte.SIZE);
        try {
          count(changed);
        } catch (CorruptFileException e) {
          found++;
        }
      }
    }

    assertTrue(found > whole.length * bits / 4, found + " of " + whole.length * bits);
  }

  @Test
  void shouldSayWhatIsWrong() throws Exception {
    byte[] whole = Files.readAllBytes(AvroFiles.rows(file, CodecFactory.nullCodec(), "d0", ROWS));
    String where = ", block=0, file=" + file;
    int header = ends(whole).stream().min(Integer::compare).orElseThrow();
    String latin = new String(whole, StandardCharsets.ISO_8859_1);

    assertEquals(
        "corrupt file: it is no container of Avro" + where,
        damage(text("Obx" + latin.substring(3))));
    assertEquals(
        "corrupt file: unknown codec: known=null,deflate,snappy,lzma, actual=zstd" + where,
        damage(text(latin.replace("avro.codec\u0008null", "avro.codec\u0008zstd"))));
    assertEquals(
        "corrupt file: it has no schema" + where,
        damage(text(latin.replace("avro.schema", "avro.scheme"))));
    assertTrue(
        damage(text(latin.replace("\"record\"", "\"rexord\"")))
            .startsWith("corrupt file: no schema of records: "));
    assertEquals(
        "corrupt file: wrong sync marker, block=1, file=" + file,
        damage(text(latin.substring(0, header - 1) + "x" + latin.substring(header))));
    assertEquals(
        "corrupt file: length out of range: min=0, max=67108864, actual=-64, block=1, file=" + file,
        damage(changed(latin, header + 1, 0x7f)));
    assertTrue(
        damage(changed(latin, header, 2))
            .startsWith("corrupt file: records end before their block: records=1, block=1"));
    assertTrue(
        damage(changed(latin, header, 120))
            .startsWith("corrupt file: records go on behind their block: records=60, block=1"));
  }

  private static byte[] text(String latin) {
    return latin.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] changed(String latin, int index, int value) {
    byte[] bytes = text(latin);
    bytes[index] = (byte) value;
    return bytes;
  }
}
