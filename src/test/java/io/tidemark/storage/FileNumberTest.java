package io.tidemark.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Numbers in names of files. */
class FileNumberTest {

  @Test
  void shouldReadWhatItWrote() {
    for (long number : new long[] {0, 1, 9, 10, 1L << 32, Long.MAX_VALUE}) {
      assertEquals(OptionalLong.of(number), FileNumber.parse(FileNumber.format(number)));
    }
    assertEquals("00000000000000000501", FileNumber.format(501));
    assertEquals("09223372036854775807", FileNumber.format(Long.MAX_VALUE));
  }

  @Test
  void shouldWriteAsciiDigitsInEveryLocale() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertEquals("00000000000000000501", FileNumber.format(501));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void shouldRefuseWhatItNeverWrites() {
    for (String name :
        List.of(
            "",
            "501",
            "+0000000000000000501",
            "-0000000000000000501",
            "0000000000000000050a",
            "٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٥٠١",
            "09223372036854775808",
            "000000000000000000501")) {
      assertEquals(OptionalLong.empty(), FileNumber.parse(name), name);
    }
  }
}
