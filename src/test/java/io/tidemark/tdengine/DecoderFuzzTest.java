package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bodies a server wrote, changed at random: a decoder refuses or decodes, nothing else. */
class DecoderFuzzTest {
  private static final int ROUNDS_PER_BODY = 200;
  private static final int BODY_LENGTH_MAX = 64 << 10;

  private static final List<Body> BODIES = new ArrayList<>();

  private record Body(MessageClass kind, ByteBuffer bytes) {}

  @BeforeAll
  static void readBodies() throws Exception {
    for (final VnodeDirectory vnode : Corpus.vnodes().toList()) {
      for (final BruteForceWal.Message message : BruteForceWal.read(vnode.walDirectory())) {
        final MessageClass kind = MessageType.classOf(message.type());
        if (kind != MessageClass.NO_CHANGE && message.bodyLength() <= BODY_LENGTH_MAX) {
          final byte[] log =
              Files.readAllBytes(WalSegment.logFile(vnode.walDirectory(), message.segment()));
          final int offset = message.offset() + 56;
          final byte[] body = Arrays.copyOfRange(log, offset, offset + message.bodyLength());
          BODIES.add(new Body(kind, ByteBuffer.wrap(body)));
        }
      }
    }
  }

  @Test
  void shouldRefuseOrDecodeABodyChangedAtRandom() {
    int refused = 0;
    long seed = 0;
    for (final Body body : BODIES) {
      for (int round = 0; round < ROUNDS_PER_BODY; round++) {
        seed++;
        refused +=
            isRefused(body.kind, mutated(WalContent.bytesOf(body.bytes), seed), seed) ? 1 : 0;
      }
    }
    assertTrue(refused > seed / 10, "refused=" + refused + ", rounds=" + seed);
  }

  @Test
  void shouldRefuseABodyCutAtAnyByte() {
    for (final Body body : BODIES) {
      final byte[] whole = WalContent.bytesOf(body.bytes);
      if (whole.length <= 1000 && body.kind != MessageClass.COMMIT) {
        for (int length = 0; length < whole.length; length++) {
          final byte[] cut = Arrays.copyOf(whole, length);
          if (length >= 4) {
            putLength(cut);
          }
          // A DELETE may end behind its column's name or its time: older servers wrote it so.
          final boolean isRefused = isRefused(body.kind, cut, length);
          assertTrue(
              isRefused || body.kind == MessageClass.DELETE, body.kind + ", length=" + length);
        }
      }
    }
  }

  @Test
  void shouldRefuseBytesBehindTheMessage() {
    for (final Body body : BODIES) {
      if (body.kind != MessageClass.COMMIT) {
        final byte[] whole = WalContent.bytesOf(body.bytes);
        final byte[] longer = Arrays.copyOf(whole, whole.length + 1);
        putLength(longer);

        assertTrue(isRefused(body.kind, longer, 0), body.kind.name());
      }
    }
  }

  @Test
  void shouldRefuseAWrongContentLength() {
    final byte[] body = {9, 0, 0, 0, 1, 0, 0, 0};
    final ByteBuffer buffer = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);

    final WalDecodeException e =
        assertThrows(
            WalDecodeException.class, () -> new SubmitDecoder().wrap(buffer, 0, body.length));

    assertEquals(
        "malformed message: content length differs from body length: contentLength=9,"
            + " bodyOffset=4, message=SUBMIT",
        e.getMessage());
  }

  @Test
  void shouldRefuseWhatASubmitMayNotHold() {
    for (final int flags : new int[] {0x8, 0x10, 0x20, 0x40, 0x80, 0x200, 0x10000, -1}) {
      final WalBody out = new WalBody().begin(1).i64(Long.reverseBytes(1));
      final int part = out.beginPart();
      out.unsigned(1);
      new WalContent.Block(flags, null, 1, 2, 1, List.of(WalContent.Row.of(1, 1)), List.of(), 0)
          .write(out);
      final ByteBuffer body = out.endPart(part).finish();

      final WalDecodeException e =
          assertThrows(
              WalDecodeException.class,
              () -> new SubmitDecoder().wrap(body, 0, body.limit()).nextTable());

      assertTrue(e.toString().contains("unknown table flags: tableFlags=" + flags), e::toString);
    }
  }

  @Test
  void shouldRefuseRowsItDoesNotKnow() {
    final ByteBuffer none = ByteBuffer.allocate(0);

    assertEquals(
        "unknown row flags: rowFlags=132", refusalOf(new WalContent.Row(132, 0, 1, 1, none)));
    assertEquals(
        "unknown row flags: rowFlags=52", refusalOf(new WalContent.Row(52, 0, 1, 1, none)));
    assertEquals("unknown row flags: rowFlags=0", refusalOf(new WalContent.Row(0, 0, 1, 1, none)));
    assertEquals(
        "unknown number of primary keys: keyCount=3",
        refusalOf(new WalContent.Row(4, 3, 1, 1, none)));
  }

  private static String refusalOf(WalContent.Row row) {
    final WalBody out = new WalBody().begin(1).i64(Long.reverseBytes(1));
    final int part = out.beginPart();
    out.unsigned(1);
    new WalContent.Block(0x100, null, 1, 2, 1, List.of(row), List.of(), 0).write(out);
    final ByteBuffer body = out.endPart(part).finish();
    final String message =
        String.valueOf(
            assertThrows(
                    WalDecodeException.class,
                    () -> new SubmitDecoder().wrap(body, 0, body.limit()).nextTable())
                .getMessage());
    return message.substring("malformed message: ".length(), message.indexOf(", bodyOffset"));
  }

  private static byte[] mutated(byte[] original, long seed) {
    final SplittableRandom random = new SplittableRandom(seed);
    byte[] body = original.clone();
    for (int n = random.nextInt(1, 5); n > 0 && body.length > 8; n--) {
      final int at = random.nextInt(random.nextBoolean() ? Math.min(body.length, 80) : body.length);
      switch (random.nextInt(5)) {
        case 0 -> body[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> body[at] = (byte) random.nextInt();
        case 2 -> body[at] = (byte) (random.nextBoolean() ? 0xFF : 0x80);
        case 3 -> body = Arrays.copyOf(body, at);
        default ->
            Arrays.fill(
                body, at, Math.min(body.length, at + 8), (byte) (random.nextBoolean() ? -1 : 0));
      }
    }
    if (random.nextInt(10) > 0 && body.length >= 4) {
      putLength(body);
    }
    return body;
  }

  private static void putLength(byte[] body) {
    ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).putInt(0, body.length);
  }

  private static boolean isRefused(MessageClass kind, byte[] body, long seed) {
    // In the middle of a larger buffer: a read beyond the body must not go unnoticed.
    final ByteBuffer buffer =
        ByteBuffer.allocate(body.length + 32).order(ByteOrder.LITTLE_ENDIAN).put(16, body);
    try {
      decode(kind, buffer, 16, body.length);
      return false;
    } catch (WalDecodeException e) {
      return true;
    } catch (RuntimeException | Error e) {
      throw new AssertionError("decoder failed: kind=" + kind + ", seed=" + seed, e);
    }
  }

  private static void decode(MessageClass kind, ByteBuffer body, int offset, int length)
      throws WalDecodeException {
    switch (kind) {
      case SUBMIT -> {
        final SubmitDecoder decoder = new SubmitDecoder().wrap(body, offset, length);
        while (decoder.nextTable()) {
          assertTrue(decoder.rowCount() <= length / 8);
          final CreateTableRequest request = decoder.createRequest();
          if (request != null) {
            assertTrue(!request.name().isEmpty());
            assertEquals(request.suid() == 0, request.stableName() == null);
          }
        }
      }
      case CREATE_TABLE -> {
        final CreateTableDecoder decoder = new CreateTableDecoder().wrap(body, offset, length);
        while (decoder.nextTable()) {
          assertTrue(!decoder.request().name().isEmpty());
        }
      }
      case DROP_TABLE -> {
        final DropTableDecoder decoder = new DropTableDecoder().wrap(body, offset, length);
        while (decoder.nextTable()) {
          assertTrue(!decoder.name().isEmpty());
        }
      }
      case CREATE_STB, ALTER_STB, DROP_STB -> new StableDecoder().wrap(body, offset, length);
      case ALTER_TABLE -> new AlterTableDecoder().wrap(body, offset, length);
      case DELETE -> {
        final DeleteDecoder decoder = new DeleteDecoder().wrap(body, offset, length);
        assertTrue(decoder.uidCount() <= length / 8);
      }
      case COMMIT, NO_CHANGE, UNKNOWN -> {}
    }
  }
}
