package io.tidemark.tdengine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A private copy of a vnode whose WAL a test may damage. */
final class WalFiles {
  private static final int HEADER_LENGTH = 56;
  private static final int HEADER_CRC_OFFSET = 8;
  private static final int HEADER_CRC_START = 16;
  private static final int TERM_OFFSET = 48;

  private final Path root;

  /** Copies vnode.json and the WAL of a vnode into an empty directory. */
  WalFiles(VnodeDirectory vnode, Path root) throws IOException {
    this.root = root;
    Files.createDirectories(wal());
    Files.copy(vnode.configFile(), root.resolve("vnode.json"));
    for (Path file : files(vnode.walDirectory())) {
      Files.copy(file, wal().resolve(String.valueOf(file.getFileName())));
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.sorted().toList();
    }
  }

  VnodeDirectory vnode() {
    return new VnodeDirectory(root);
  }

  Path wal() {
    return root.resolve("wal");
  }

  Path segment(long firstVersion) {
    return wal().resolve(String.format("%020d.log", firstVersion));
  }

  /** Returns the segments' files in order. */
  List<Path> segments() throws IOException {
    return files(wal()).stream().filter(file -> file.toString().endsWith(".log")).toList();
  }

  void flipBit(BruteForceWal.Message record, int offset, int bit) throws IOException {
    byte[] bytes = Files.readAllBytes(segment(record.segment()));
    bytes[record.offset() + offset] ^= (byte) (1 << bit);
    Files.write(segment(record.segment()), bytes);
  }

  /** Cuts the record's segment inside the record. */
  void truncate(BruteForceWal.Message record, int keep) throws IOException {
    byte[] bytes = Files.readAllBytes(segment(record.segment()));
    Files.write(segment(record.segment()), Arrays.copyOf(bytes, record.offset() + keep));
  }

  /** Puts bytes before the record. */
  void insert(BruteForceWal.Message record, byte[] garbage) throws IOException {
    byte[] bytes = Files.readAllBytes(segment(record.segment()));
    ByteBuffer out = ByteBuffer.allocate(bytes.length + garbage.length);
    out.put(bytes, 0, record.offset()).put(garbage);
    out.put(bytes, record.offset(), bytes.length - record.offset());
    Files.write(segment(record.segment()), out.array());
  }

  /** Overwrites the record with zeros, header and body. */
  void zero(BruteForceWal.Message record) throws IOException {
    byte[] bytes = Files.readAllBytes(segment(record.segment()));
    Arrays.fill(
        bytes, record.offset(), record.offset() + HEADER_LENGTH + record.bodyLength(), (byte) 0);
    Files.write(segment(record.segment()), bytes);
  }

  /** Appends records again at the end of the log, in a higher term, as a restarted server does. */
  void repeat(List<BruteForceWal.Message> records, long term) throws IOException {
    List<byte[]> copies = new ArrayList<>();
    for (BruteForceWal.Message record : records) {
      byte[] bytes = Files.readAllBytes(segment(record.segment()));
      byte[] copy =
          Arrays.copyOfRange(
              bytes, record.offset(), record.offset() + HEADER_LENGTH + record.bodyLength());
      ByteBuffer header = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
      header.putLong(TERM_OFFSET, term);
      header.putInt(
          HEADER_CRC_OFFSET,
          (int) BruteForceWal.crc32c(copy, HEADER_CRC_START, HEADER_LENGTH - HEADER_CRC_START));
      copies.add(copy);
    }
    List<Path> segments = segments();
    Path last = segments.get(segments.size() - 1);
    for (byte[] copy : copies) {
      Files.write(last, copy, StandardOpenOption.APPEND);
    }
  }
}
