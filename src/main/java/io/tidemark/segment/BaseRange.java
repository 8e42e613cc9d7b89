package io.tidemark.segment;

import io.tidemark.storage.FileNumber;
import java.util.HexFormat;

/**
 * One file of the base as the manifest names it.
 *
 * @param firstId first id of its range, which ends before the next range's; first of a container
 * @param position journal position of the fold that wrote it
 * @param payloadLength bytes behind its header
 * @param payloadCrc CRC32C of those bytes
 */
record BaseRange(long firstId, long position, long payloadLength, int payloadCrc) {
  static final String SUFFIX = ".base";

  /** Returns the name of its file: first id in hexadecimal, position in decimal. */
  String fileName() {
    return HexFormat.of().toHexDigits(firstId) + "-" + FileNumber.format(position) + SUFFIX;
  }
}
