package io.tidemark.tools;

import io.tidemark.block.WalPosition;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the value of {@code --since}; every value it refuses is refused with the reason. */
final class SinceParser {
  private static final String WAL = "wal:";
  private static final String TIME = "time:";
  private static final String LAST = "last";
  private static final String FORMS = "wal:N, wal:GENERATION/N, time:T or last";

  private static final Pattern NUMBER = Pattern.compile("[+-]?\\d+(\\.\\d+)?");
  private static final Pattern WITH_UNIT = Pattern.compile("([+-]?\\d+(?:\\.\\d+)?)([A-Za-z]+)");
  private static final Pattern NO_ZONE =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?)?");
  private static final BigInteger OFFSET_MAX =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
  private static final BigInteger GENERATION_MAX =
      BigInteger.ONE.shiftLeft(32).subtract(BigInteger.ONE);
  private static final Map<String, Long> NS_PER_UNIT =
      Map.of("s", 1_000_000_000L, "ms", 1_000_000L, "us", 1_000L, "ns", 1L);
  private static final String UNITS = "s, ms, us or ns";

  private SinceParser() {}

  /** Returns whether the value is a number without a prefix: the specification's form. */
  static boolean isBareNumber(String value) {
    return NUMBER.matcher(value).matches();
  }

  /**
   * Reads a value in the specification's form: seconds since the epoch.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static Since parseSeconds(String value) {
    return new Since.Time(nanoseconds(value, "s", value));
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static Since parse(String value) {
    if (value.isEmpty()) {
      throw refused("is empty: write " + FORMS, value);
    }
    if (value.equals(LAST)) {
      return new Since.Last();
    }
    if (value.startsWith(WAL)) {
      return parsePosition(value.substring(WAL.length()), value);
    }
    if (value.startsWith(TIME)) {
      return parseTime(value.substring(TIME.length()), value);
    }
    if (isBareNumber(value)) {
      throw refused(
          "needs a prefix: write wal:"
              + value
              + " for a WAL offset or time:"
              + value
              + "s for seconds since the epoch",
          value);
    }
    throw refused("is none of " + FORMS, value);
  }

  private static Since parsePosition(String text, String value) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return new Since.Offset(offset(text, value));
    }
    BigInteger generation = unsigned(text.substring(0, slash), "generation", value);
    if (generation.signum() == 0 || generation.compareTo(GENERATION_MAX) > 0) {
      throw refused("has a generation outside 1 to " + GENERATION_MAX, value);
    }
    long walOffset = offset(text.substring(slash + 1), value);
    return new Since.Position(new WalPosition(generation.intValue(), walOffset));
  }

  private static long offset(String text, String value) {
    BigInteger offset = unsigned(text, "WAL offset", value);
    if (offset.compareTo(OFFSET_MAX) > 0) {
      throw refused("has a WAL offset above " + OFFSET_MAX, value);
    }
    return offset.longValue();
  }

  private static BigInteger unsigned(String text, String what, String value) {
    if (text.isEmpty()) {
      throw refused("has no " + what, value);
    }
    if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw refused("has a " + what + " that is no whole number of 0 or more", value);
    }
    return new BigInteger(text);
  }

  private static Since parseTime(String text, String value) {
    if (text.isEmpty()) {
      throw refused("has no time: write time:2026-01-31T08:00:00Z or time:1640995200s", value);
    }
    if (isBareNumber(text)) {
      throw refused("has a number without a unit: append " + UNITS, value);
    }
    Matcher withUnit = WITH_UNIT.matcher(text);
    if (withUnit.matches()) {
      return new Since.Time(nanoseconds(withUnit.group(1), withUnit.group(2), value));
    }
    if (NO_ZONE.matcher(text).matches()) {
      throw refused("has a time without a zone: append Z or an offset such as +08:00", value);
    }
    try {
      return new Since.Time(nanoseconds(OffsetDateTime.parse(text).toInstant(), value));
    } catch (DateTimeParseException e) {
      throw refused("has no ISO-8601 time such as 2026-01-31T08:00:00+08:00", value, e);
    }
  }

  private static long nanoseconds(Instant instant, String value) {
    try {
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), 1_000_000_000L), instant.getNano());
    } catch (ArithmeticException | DateTimeException e) {
      throw beyond(value, e);
    }
  }

  private static long nanoseconds(String number, String unit, String value) {
    Long factor = NS_PER_UNIT.get(unit);
    if (factor == null) {
      throw refused("has the unknown unit " + unit + ": use " + UNITS, value);
    }
    BigDecimal exact = new BigDecimal(number).multiply(BigDecimal.valueOf(factor));
    if (exact.stripTrailingZeros().scale() > 0) {
      throw refused("is finer than a nanosecond", value);
    }
    try {
      return exact.longValueExact();
    } catch (ArithmeticException e) {
      throw beyond(value, e);
    }
  }

  private static IllegalArgumentException beyond(String value, Throwable cause) {
    return refused(
        "lies beyond what nanoseconds since the epoch can say, 1677-09-21 to 2262-04-11",
        value,
        cause);
  }

  private static IllegalArgumentException refused(String what, String value) {
    return new IllegalArgumentException("--since " + what + ": value=" + value);
  }

  private static IllegalArgumentException refused(String what, String value, Throwable cause) {
    return new IllegalArgumentException("--since " + what + ": value=" + value, cause);
  }
}
