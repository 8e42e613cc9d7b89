package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.block.WalPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinceParserTest {

  @Test
  void shouldReadEveryForm() {
    assertEquals(new Since.Offset(0), SinceParser.parse("wal:0"));
    assertEquals(new Since.Offset(-1), SinceParser.parse("wal:18446744073709551615"));
    assertEquals(new Since.Position(new WalPosition(2, 27)), SinceParser.parse("wal:2/27"));
    assertEquals(
        new Since.Position(new WalPosition(-1, -1)),
        SinceParser.parse("wal:4294967295/18446744073709551615"));
    assertEquals(new Since.Last(), SinceParser.parse("last"));
    assertEquals(new Since.Time(1_640_995_200_000_000_000L), SinceParser.parse("time:1640995200s"));
    assertEquals(new Since.Time(1_500_000_000L), SinceParser.parse("time:1.5s"));
    assertEquals(new Since.Time(-2_000_000L), SinceParser.parse("time:-2ms"));
    assertEquals(new Since.Time(3_000L), SinceParser.parse("time:3us"));
    assertEquals(new Since.Time(Long.MAX_VALUE), SinceParser.parse("time:9223372036854775807ns"));
    assertEquals(
        new Since.Time(1_640_995_200_000_000_000L), SinceParser.parse("time:2022-01-01T00:00:00Z"));
    assertEquals(
        new Since.Time(1_640_966_400_500_000_000L),
        SinceParser.parse("time:2022-01-01T00:00:00.5+08:00"));
    assertEquals(
        new Since.Time(1_640_995_200_000_000_000L), SinceParser.parseSeconds("1640995200"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|is empty: write wal:N, wal:GENERATION/N, time:T or last",
        "20|needs a prefix: write wal:20 for a WAL offset or time:20s for seconds since the epoch",
        "yesterday|is none of wal:N, wal:GENERATION/N, time:T or last",
        "LAST|is none of wal:N, wal:GENERATION/N, time:T or last",
        "lsn:5|is none of wal:N, wal:GENERATION/N, time:T or last",
        "wal:|has no WAL offset",
        "wal:-1|has a WAL offset that is no whole number of 0 or more",
        "wal:1.5|has a WAL offset that is no whole number of 0 or more",
        "wal:x|has a WAL offset that is no whole number of 0 or more",
        "wal:18446744073709551616|has a WAL offset above 18446744073709551615",
        "wal:/5|has no generation",
        "wal:1/|has no WAL offset",
        "wal:0/5|has a generation outside 1 to 4294967295",
        "wal:4294967296/5|has a generation outside 1 to 4294967295",
        "wal:1/2/3|has a WAL offset that is no whole number of 0 or more",
        "time:|has no time: write time:2026-01-31T08:00:00Z or time:1640995200s",
        "time:1640995200|has a number without a unit: append s, ms, us or ns",
        "time:5h|has the unknown unit h: use s, ms, us or ns",
        "time:0.5ns|is finer than a nanosecond",
        "time:2026-01-31T08:00:00|has a time without a zone: append Z or an offset such as +08:00",
        "time:2026-01-31|has a time without a zone: append Z or an offset such as +08:00",
        "time:soon|has no ISO-8601 time such as 2026-01-31T08:00:00+08:00",
        "time:2026-13-31T08:00:00Z|has no ISO-8601 time such as 2026-01-31T08:00:00+08:00",
        "time:9223372036855s|lies beyond what nanoseconds since the epoch can say, 1677-09-21 to"
            + " 2262-04-11",
        "time:2300-01-01T00:00:00Z|lies beyond what nanoseconds since the epoch can say, 1677-09-21"
            + " to 2262-04-11"
      })
  void shouldRefuseEveryOtherValueWithItsReason(String value, String reason) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> SinceParser.parse(value));

    assertEquals("--since " + reason + ": value=" + value, refused.getMessage());
  }
}
