package io.tidemark.segment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;

/** A payload that no mapping can hold is refused while it is written. */
class SectionOutputTest {

  @Test
  void shouldRefuseAPayloadThatIsTooLongToBeMapped() throws IOException {
    SectionOutput out = new SectionOutput(OutputStream.nullOutputStream(), 1);
    byte[] piece = new byte[1 << 26];
    for (int i = 0; i < 31; i++) {
      out.put(piece, 0, piece.length);
    }

    IOException e = assertThrows(IOException.class, () -> out.put(piece, 0, piece.length));

    assertEquals("file would be too long: limit=2147483583", e.getMessage());
  }
}
