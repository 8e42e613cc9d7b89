package io.tidemark.benchmarks;

import io.tidemark.tdengine.WalContent;
import io.tidemark.tdengine.WalWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A WAL of any size in the server's format: submits to a thousand tables in turn. */
final class GeneratedWal {
  private static final long SEGMENT_BYTES = 128L << 20;
  private static final long SUID = 4242;
  private static final int TABLES = 1000;

  private GeneratedWal() {}

  /** Writes segments until they have a length. */
  static void write(Path wal, long lengthBytes, int rows, int rowBytes) throws IOException {
    long written = 0;
    long timestamp = 1_700_000_000_000L;
    try (WalWriter writer = WalWriter.create(wal, 2, 0).buffered()) {
      long inSegment = 0;
      for (int table = 0; written < lengthBytes; table = (table + 1) % TABLES) {
        final List<WalContent.Row> block = new ArrayList<>(rows);
        for (int i = 0; i < rows; i++) {
          block.add(
              new WalContent.Row(4, 0, 1, timestamp + i * 1000L, ByteBuffer.allocate(rowBytes)));
        }
        timestamp += rows;
        writer.submit(new WalContent.Block(0x100, null, SUID, 1 + table, 1, block, List.of(), 0));
        final long recordBytes = 120L + (16L + rowBytes) * rows;
        written += recordBytes;
        inSegment += recordBytes;
        if (inSegment > SEGMENT_BYTES) {
          writer.roll();
          inSegment = 0;
        }
      }
    }
  }
}
