package io.tidemark.tdengine.taosdump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.taosdump.TaosdumpOutcome.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TaosdumpOutputTest {
  private static final String RED = "\u001b[31m";
  private static final String GREEN = "\u001b[32m";
  private static final String PLAIN = "\u001b[0m";
  private static final TaosdumpOutcome ALL_ROWS = new TaosdumpOutcome(Kind.DONE, 31180, "");

  static List<Transcript> recorded() {
    List<Transcript> all = new ArrayList<>(Transcript.exports());
    all.addAll(Transcript.restores());
    return all;
  }

  private static TaosdumpOutcome outcome(Direction direction, int exitCode, String... streams)
      throws IOException {
    List<InputStream> in = new ArrayList<>();
    for (String stream : streams) {
      in.add(new ByteArrayInputStream(stream.getBytes(StandardCharsets.UTF_8)));
    }
    return TaosdumpOutput.outcome(direction, exitCode, in);
  }

  @ParameterizedTest
  @MethodSource("recorded")
  void shouldReadEveryRecordedCall(Transcript call) throws IOException {
    TaosdumpOutcome found = outcome(call.direction(), call.exitCode(), call.text());

    assertEquals(RecordedOutcomes.of(call), found);
  }

  @Test
  void shouldKnowWhatBecameOfEveryRecordedCallAndOfNoOther() {
    assertEquals(29, Transcript.exports().size());
    assertEquals(8, Transcript.restores().size());
    Map<Kind, Long> kinds = new EnumMap<>(Kind.class);
    recorded().forEach(call -> kinds.merge(RecordedOutcomes.of(call).kind(), 1L, Long::sum));

    assertTrue(kinds.keySet().containsAll(List.of(Kind.values())), kinds.toString());
  }

  @Test
  void shouldReadThroughColoursDotsAndCarriageReturns() throws IOException {
    String text = "..." + GREEN + "OK: " + PLAIN + GREEN + "31180 row(s) dumped out!" + PLAIN;

    assertEquals(ALL_ROWS, outcome(Direction.OUT, 0, text + "\r\n"));
    assertEquals(ALL_ROWS, outcome(Direction.OUT, 0, "...\r" + text));
  }

  @Test
  void shouldFindAnErrorInsideALineThatAnotherThreadBegan() throws IOException {
    String text =
        ".OK: table: d" + RED + "ERROR: no memory" + PLAIN + "\nOK: 5 row(s) dumped out!\n";

    assertEquals(new TaosdumpOutcome(Kind.FAILED, 0, "no memory"), outcome(Direction.OUT, 0, text));
  }

  @Test
  void shouldFindAnErrorOnEitherStream() throws IOException {
    String good = "OK: 5 row(s) dumped out!\n";

    assertEquals(Kind.FAILED, outcome(Direction.OUT, 0, good, "ERROR: bad\n").kind());
    assertEquals(Kind.FAILED, outcome(Direction.OUT, 0, "ERROR: bad\n", good).kind());
    assertEquals(Kind.DONE, outcome(Direction.OUT, 0, good, "").kind());
    assertEquals(Kind.DONE, outcome(Direction.OUT, 0, "", good).kind());
  }

  @Test
  void shouldTakeAWarningOfLostRowsForAnError() throws IOException {
    String text =
        "WARN: [0] -5 row(s) of file(a.avro) failed to dumped in!\nOK: 0 row(s) dumped in!\n";

    assertEquals(
        new TaosdumpOutcome(
            Kind.FAILED, 0, "WARN: [0] -5 row(s) of file(a.avro) failed to dumped in!"),
        outcome(Direction.IN, 0, text));
  }

  @Test
  void shouldNotTakeSilenceForSuccess() throws IOException {
    TaosdumpOutcome silent =
        new TaosdumpOutcome(Kind.FAILED, 0, "taosdump printed no single total of rows: totals=0");

    assertEquals(silent, outcome(Direction.OUT, 0));
    assertEquals(silent, outcome(Direction.OUT, 0, "OK: 5 row(s) dumped in!\n"));
    assertEquals(silent, outcome(Direction.OUT, 0, "OK: 5 row(s) dumped out\n"));
    assertEquals(silent, outcome(Direction.OUT, 0, "OK: 9999999999999999999 row(s) dumped out!"));
  }

  @Test
  void shouldNotChooseBetweenTwoTotals() throws IOException {
    String text = "OK: table: OK: 7 row(s) dumped out! dumped\nOK: 5 row(s) dumped out!\n";

    assertEquals(
        "taosdump printed no single total of rows: totals=2",
        outcome(Direction.OUT, 0, text).detail());
  }

  @Test
  void shouldNameTheLastLineOfACallThatFailedWithoutAnError() throws IOException {
    assertEquals(
        "taosdump failed: exitCode=64, lastLine=unknown option",
        outcome(Direction.OUT, 64, "usage\n\nunknown option\n").detail());
    assertEquals("taosdump failed: exitCode=137", outcome(Direction.OUT, 137, "").detail());
  }

  @Test
  void shouldNotCallAnObjectMissingIfSomethingElseWentWrongToo() throws IOException {
    String text = "ERROR: Invalid table/stable d9\nERROR: no memory\n";

    assertEquals(
        new TaosdumpOutcome(Kind.FAILED, 0, "Invalid table/stable d9"),
        outcome(Direction.OUT, 0, text));
  }

  @Test
  void shouldKeepLittleOfALineWithoutEnd() throws IOException {
    String text = "x".repeat(1 << 20) + " ERROR: " + "y".repeat(1 << 20) + "\n";

    TaosdumpOutcome found = outcome(Direction.OUT, 0, text);

    assertEquals(Kind.FAILED, found.kind());
    assertTrue(found.detail().length() < 1_000, String.valueOf(found.detail().length()));
  }

  @Test
  void shouldFindAnErrorWhereverALongLineIsCut() throws IOException {
    for (int before = (1 << 16) - 8; before <= (1 << 16) + 1; before++) {
      String text = "x".repeat(before) + "ERROR: lost\nOK: 5 row(s) dumped out!\n";

      assertEquals(Kind.FAILED, outcome(Direction.OUT, 0, text).kind(), "before=" + before);
    }
  }
}
