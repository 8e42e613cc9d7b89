package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way the bytes of a segment can be wrong, over every record of a small WAL. */
class WalReaderDamageTest {
  private static final int VGROUP = 3;
  private static final long SUID = 77;
  private static final long NEXT_SEGMENT = 8;
  private static final long BODY_SAMPLES = 12;

  @TempDir Path directory;

  private Path log = Path.of("");
  private byte[] bytes = new byte[0];
  private final List<Place> places = new ArrayList<>();

  /** Where an intact record lies. */
  private record Place(long version, long term, int offset, int length) {
    String step() {
      return WalSteps.record(version, term, offset);
    }

    int end() {
      return offset + length;
    }
  }

  @BeforeEach
  void writeSmallWal() throws IOException {
    try (WalWriter writer = WalWriter.create(directory, VGROUP, 0)) {
      writer.noop();
      writer.createStable(WalContent.Stable.of("s", SUID));
      writer.createTables(List.of(WalContent.Table.child("a", 1, "s", SUID)));
      writer.submit(WalContent.Block.rows(SUID, 1, 1, 2, 3));
      writer.submit(WalContent.Block.columns(SUID, 1, 4, 5));
      writer.delete(WalContent.Delete.of(SUID, 1, 1, 2, 2));
      writer.commit();
      writer.submit(WalContent.Block.rows(SUID, 1, 9));
    }
    log = WalSegment.logFile(directory, 0);
    bytes = Files.readAllBytes(log);
    for (final BruteForceWal.Message message : BruteForceWal.read(directory)) {
      places.add(
          new Place(
              message.version(), message.term(), message.offset(), 56 + message.bodyLength()));
    }
  }

  @Test
  void shouldReadAnUndamagedSegment() throws IOException {
    assertEquals(expected(-1, false), read());
  }

  @Test
  void shouldSkipExactlyTheRecordWithAFlippedBit() throws IOException {
    try (WalReader reader = WalReader.open(directory)) {
      for (int i = 0; i < places.size(); i++) {
        for (final int offset : sampledOffsets(places.get(i))) {
          for (int bit = 0; bit < 8; bit++) {
            final byte[] damaged = bytes.clone();
            damaged[offset] ^= (byte) (1 << bit);
            Files.write(log, damaged);
            reader.seekToSegmentOf(0);

            assertEquals(expected(i, false), WalSteps.of(reader), "offset=" + offset);
          }
        }
      }
    }
  }

  @Test
  void shouldSkipExactlyTheRecordWithAFlippedBitInAnOlderSegment() throws IOException {
    writeNextSegment();
    try (WalReader reader = WalReader.open(directory)) {
      for (int i = 0; i < places.size(); i++) {
        for (final int offset : sampledOffsets(places.get(i))) {
          final byte[] damaged = bytes.clone();
          damaged[offset] ^= 0x10;
          Files.write(log, damaged);
          reader.seekToSegmentOf(0);

          assertEquals(expected(i, true), WalSteps.of(reader), "offset=" + offset);
        }
      }
    }
  }

  @Test
  void shouldWaitForTheRestOfARecordCutAtAnyByte() throws IOException {
    try (WalReader reader = WalReader.open(directory)) {
      for (int i = 0; i < places.size(); i++) {
        final Place place = places.get(i);
        for (int cut = place.offset; cut < place.end(); cut++) {
          Files.write(log, Arrays.copyOf(bytes, cut));
          reader.seekToSegmentOf(0);
          final List<String> steps = startOf(i);
          steps.add(cut == place.offset ? "end" : WalSteps.tail(place.offset, cut - place.offset));
          assertEquals(steps, WalSteps.of(reader), "cut=" + cut);

          append(Arrays.copyOfRange(bytes, cut, place.end()));

          assertEquals(List.of(place.step(), "end"), WalSteps.of(reader), "cut=" + cut);
        }
      }
    }
  }

  @Test
  void shouldReportARecordCutAtAnyByteAsDamageOnceTheServerWentOn() throws IOException {
    try (WalReader reader = WalReader.open(directory)) {
      for (int i = 0; i < places.size(); i++) {
        final Place place = places.get(i);
        for (int cut = place.offset + 1; cut < place.end(); cut++) {
          Files.write(log, Arrays.copyOf(bytes, cut));
          Files.deleteIfExists(WalSegment.logFile(directory, NEXT_SEGMENT));
          reader.seekToSegmentOf(0);
          WalSteps.of(reader);

          writeNextSegment();

          final List<String> steps = new ArrayList<>();
          steps.add(WalSteps.damaged(place.offset, cut - place.offset));
          steps.addAll(nextSegment());
          assertEquals(steps, WalSteps.of(reader), "cut=" + cut);
        }
      }
    }
  }

  @Test
  void shouldFindRecordsWrittenBehindARecordCutAtAnyByte() throws IOException {
    try (WalReader reader = WalReader.open(directory)) {
      for (int i = 0; i < places.size(); i++) {
        final Place place = places.get(i);
        for (int cut = place.offset + 1; cut < place.end(); cut++) {
          Files.write(log, Arrays.copyOf(bytes, cut));
          appendNoops(place.version, 2, 3);

          final List<String> steps = startOf(i);
          steps.add(WalSteps.damaged(place.offset, cut - place.offset));
          for (int n = 0; n < 3; n++) {
            steps.add(WalSteps.record(place.version + n, 2, cut + 64L * n));
          }
          steps.add("end");
          reader.seekToSegmentOf(0);
          assertEquals(steps, WalSteps.of(reader), "cut=" + cut);
        }
      }
    }
  }

  @Test
  void shouldYieldRepeatedVersionsAsTheyLie() throws IOException {
    appendNoops(5, 2, 2);
    appendNoops(5, 3, 1);

    final List<String> steps = startOf(places.size());
    steps.add(WalSteps.record(5, 2, bytes.length));
    steps.add(WalSteps.record(6, 2, bytes.length + 64L));
    steps.add(WalSteps.record(5, 3, bytes.length + 128L));
    steps.add("end");
    assertEquals(steps, read());
  }

  @Test
  void shouldSkipGarbageBetweenRecords() throws IOException {
    final SplittableRandom random = new SplittableRandom(1);
    for (final int length : new int[] {1, 7, 8, 55, 56, 57, 300, 70_000}) {
      for (int i = 0; i < places.size(); i++) {
        final Place place = places.get(i);
        final byte[] garbage = new byte[length];
        random.nextBytes(garbage);
        Files.write(log, inserted(place.offset, garbage));

        final List<String> steps = startOf(i);
        steps.add(WalSteps.damaged(place.offset, length));
        for (final Place later : places.subList(i, places.size())) {
          steps.add(WalSteps.record(later.version, later.term, later.offset + length));
        }
        steps.add("end");
        assertEquals(steps, read(), "length=" + length);
      }
    }
  }

  @Test
  void shouldTakeZerosForATailUntilARecordFollows() throws IOException {
    for (final int length : new int[] {1, 55, 56, 4096, 3 << 20}) {
      Files.write(log, bytes);
      append(new byte[length]);
      try (WalReader reader = WalReader.open(directory)) {
        final List<String> steps = startOf(places.size());
        steps.add(WalSteps.tail(bytes.length, length));
        assertEquals(steps, WalSteps.of(reader));

        appendNoops(8, 2, 1);

        assertEquals(
            List.of(
                WalSteps.damaged(bytes.length, length),
                WalSteps.record(8, 2, bytes.length + length),
                "end"),
            WalSteps.of(reader));
      }
    }
  }

  @Test
  void shouldSayWhatIsWrong() throws IOException {
    final Place place = places.get(3);
    assertEquals("wrong header CRC:", prefixOfReason(place.offset + 17, (byte) 1));
    assertEquals("wrong body CRC: e", prefixOfReason(place.offset + 60, (byte) 1));
    assertEquals("no record magic: ", prefixOfReason(place.offset, (byte) 1));

    assertEquals("impossible body length: bodyLength=-5", reasonOfHeader(32, -5, 4));
    assertEquals("impossible body length: bodyLength=2147483647", reasonOfHeader(32, -1 >>> 1, 4));
    assertEquals("unknown record layout: protocolVersion=1", reasonOfHeader(38, 1, 1));

    Files.write(log, Arrays.copyOf(bytes, place.offset + 60));
    assertEquals(
        "torn record body: bodyLength=" + (place.length - 56) + ", availableBytes=4", tailReason());
    Files.write(log, Arrays.copyOf(bytes, place.offset + 20));
    assertEquals("torn record header: availableBytes=20", tailReason());
  }

  @Test
  void shouldNotAllocateForALengthTheFileDoesNotHave() throws IOException {
    final Place place = places.get(3);
    Files.write(log, withHeaderField(place, 32, 1 << 30, 4));

    // What follows lies inside the length claimed and is newer in version: the server cannot have
    // put it there after the torn record. It stays in the tail until the server goes on.
    final List<String> steps = startOf(3);
    steps.add(WalSteps.tail(place.offset, bytes.length - place.offset));
    assertEquals(steps, read());
  }

  @Test
  void shouldReadFilesShorterThanAHeader() throws IOException {
    for (int length = 0; length < 56; length++) {
      Files.write(log, Arrays.copyOf(bytes, length));

      final String last = length == 0 ? "end" : WalSteps.tail(0, length);
      assertEquals(List.of("segment 0", last), read());
    }
  }

  @Test
  void shouldPassOverAMissingSegment() throws IOException {
    writeNextSegment();
    try (WalWriter writer = WalWriter.create(directory, VGROUP, 20)) {
      writer.noop();
    }
    Files.delete(WalSegment.logFile(directory, NEXT_SEGMENT));

    final List<String> steps = startOf(places.size());
    steps.addAll(List.of("segment 20", "record 20 term 1 at 0", "end"));
    assertEquals(steps, read());
  }

  @Test
  void shouldReadWithoutIndexAndSummary() throws IOException {
    Files.write(new WalSegment(0, log, 0).indexFile(), new byte[] {1, 2, 3});
    Files.writeString(directory.resolve("meta-ver0"), "{");
    Files.writeString(directory.resolve("meta-ver.tmp"), "");
    Files.writeString(directory.resolve("notes.log"), "no segment");
    Files.createDirectory(directory.resolve("00000000000000000005.log"));
    Files.writeString(directory.resolve("99999999999999999999.log"), "no version");

    assertEquals(expected(-1, false), read());
  }

  @Test
  void shouldSearchInLinearTimeWhateverTheFileHolds() throws IOException {
    // Intact headers one after another, each claiming all that follows, none with its body.
    final int count = 40_000;
    final ByteBuffer headers = ByteBuffer.allocate(56 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      headers.position(56 * i);
      headers.put(withHeaderField(places.get(0), 32, 56 * (count - i - 1), 4), 0, 56);
    }
    Files.write(log, headers.array());
    appendNoops(1, 2, 1);
    writeNextSegment();

    final List<String> steps = assertTimeoutPreemptively(Duration.ofSeconds(60), () -> read());

    assertTrue(steps.contains("segment 8"), steps::toString);
    assertTrue(steps.get(1).startsWith("damaged"), steps::toString);
  }

  @Test
  void shouldNotTakeARecordStoredInAColumnForOne() throws IOException {
    final byte[] image = Arrays.copyOfRange(bytes, places.get(1).offset, places.get(2).end());
    Files.write(log, bytes);
    try (WalWriter writer = WalWriter.create(directory.resolve("other"), VGROUP, 8)) {
      writer.append(MessageType.VND_SUBMIT, image);
      writer.noop();
    }
    final byte[] added = Files.readAllBytes(WalSegment.logFile(directory.resolve("other"), 8));
    added[57] ^= 1;
    append(added);

    final int length = 56 + 8 + image.length;
    final List<String> steps = startOf(places.size());
    steps.add(WalSteps.damaged(bytes.length, length));
    steps.add(WalSteps.record(9, 1, bytes.length + length));
    steps.add("end");
    assertEquals(steps, read());
  }

  private List<String> read() throws IOException {
    try (WalReader reader = WalReader.open(directory)) {
      return WalSteps.of(reader);
    }
  }

  /** The segment step and the records before one. */
  private List<String> startOf(int place) {
    final List<String> steps = new ArrayList<>();
    steps.add(WalSteps.segment(0));
    places.subList(0, place).forEach(p -> steps.add(p.step()));
    return steps;
  }

  private List<String> expected(int damaged, boolean hasNextSegment) {
    final List<String> steps = new ArrayList<>();
    steps.add(WalSteps.segment(0));
    for (int i = 0; i < places.size(); i++) {
      final Place place = places.get(i);
      if (i != damaged) {
        steps.add(place.step());
      } else if (i < places.size() - 1 || hasNextSegment) {
        steps.add(WalSteps.damaged(place.offset, place.length));
      } else {
        steps.add(WalSteps.tail(place.offset, place.length));
        return steps;
      }
    }
    if (hasNextSegment) {
      steps.addAll(nextSegment());
    } else {
      steps.add("end");
    }
    return steps;
  }

  private static List<String> nextSegment() {
    return List.of("segment 8", "record 8 term 1 at 0", "end");
  }

  private void writeNextSegment() throws IOException {
    try (WalWriter writer = WalWriter.create(directory, VGROUP, NEXT_SEGMENT)) {
      writer.noop();
    }
  }

  private static List<Integer> sampledOffsets(Place place) {
    final List<Integer> offsets = new ArrayList<>();
    for (int i = 0; i < 56; i++) {
      offsets.add(place.offset + i);
    }
    final SplittableRandom random = new SplittableRandom(place.version);
    random.ints(BODY_SAMPLES, place.offset + 56, place.end()).forEach(offsets::add);
    return offsets;
  }

  private void append(byte[] added) throws IOException {
    Files.write(log, added, StandardOpenOption.APPEND);
  }

  private void appendNoops(long firstVersion, long term, int count) throws IOException {
    try (WalWriter writer = WalWriter.create(directory, VGROUP, 0)) {
      writer.nextVersion(firstVersion).term(term);
      for (int i = 0; i < count; i++) {
        writer.noop();
      }
    }
  }

  private byte[] inserted(int offset, byte[] garbage) {
    final byte[] result = new byte[bytes.length + garbage.length];
    System.arraycopy(bytes, 0, result, 0, offset);
    System.arraycopy(garbage, 0, result, offset, garbage.length);
    System.arraycopy(bytes, offset, result, offset + garbage.length, bytes.length - offset);
    return result;
  }

  /** Returns the segment with one field of a header changed and the header's checksum right. */
  private byte[] withHeaderField(Place place, int field, int value, int length) {
    final byte[] changed = bytes.clone();
    for (int i = 0; i < length; i++) {
      changed[place.offset + field + i] = (byte) (value >> (8 * i));
    }
    final long crc = BruteForceWal.crc32c(changed, place.offset + 16, 40);
    for (int i = 0; i < 4; i++) {
      changed[place.offset + 8 + i] = (byte) (crc >> (8 * i));
    }
    return changed;
  }

  private String reasonOfHeader(int field, int value, int length) throws IOException {
    Files.write(log, withHeaderField(places.get(3), field, value, length));
    return firstReason();
  }

  private String prefixOfReason(int offset, byte flipped) throws IOException {
    final byte[] damaged = bytes.clone();
    damaged[offset] ^= flipped;
    Files.write(log, damaged);
    return firstReason().substring(0, 17);
  }

  private String firstReason() throws IOException {
    try (WalReader reader = WalReader.open(directory)) {
      while (reader.next() != WalReader.Step.DAMAGED) {
        assertEquals("", reader.damageReason());
      }
      return reader.damageReason();
    }
  }

  private String tailReason() throws IOException {
    try (WalReader reader = WalReader.open(directory)) {
      WalSteps.of(reader);
      final WalTail tail = reader.tail();
      assertNotNull(tail);
      return tail.reason();
    }
  }
}
