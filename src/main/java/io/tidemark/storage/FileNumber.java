package io.tidemark.storage;

import java.util.OptionalLong;

/**
 * A number in the name of a file: twenty decimal digits, ASCII in every locale, so that names sort
 * as their numbers do.
 */
public final class FileNumber {

  /** Digits of a number; the highest {@code long} has one less. */
  public static final int DIGITS = 20;

  private static final String ZEROS = "0".repeat(DIGITS);

  private FileNumber() {}

  /**
   * Returns a number as it stands in a name.
   *
   * @param number not negative
   */
  public static String format(long number) {
    assert number >= 0 : "negative number in a file name: " + number;
    String digits = Long.toString(number);
    return ZEROS.substring(digits.length()) + digits;
  }

  /** Returns the number that the digits say; empty if these are not twenty digits of one. */
  public static OptionalLong parse(String digits) {
    if (digits.length() != DIGITS || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(digits));
    } catch (NumberFormatException e) {
      return OptionalLong.empty(); // above 2^63 - 1: no number of ours
    }
  }
}
