package io.tidemark.tdengine.taosdump;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Everything that one call of taosdump wrote, reduced to what proves it.
 *
 * @param lengthBytes bytes of all files
 * @param sha256 of each file's path, length and content, in order of paths, in hexadecimal digits
 */
record DumpDigest(long lengthBytes, String sha256) {
  /** Reads every file of a directory. */
  static DumpDigest of(Path directory) throws IOException {
    Reading reading = new Reading(directory);
    for (Path file : reading.files()) {
      try (InputStream in = reading.open(file)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
    }
    return reading.end();
  }

  /** The digest while the files are read, each to its end, in the order in which they are given. */
  static final class Reading {
    private final Path directory;
    private final List<Path> files;
    private final MessageDigest digest = digest();
    private long bytes;

    Reading(Path directory) throws IOException {
      this.directory = directory;
      try (Stream<Path> tree = Files.walk(directory)) {
        files = tree.filter(Files::isRegularFile).sorted().toList();
      }
    }

    /** Returns the files in order of paths. */
    List<Path> files() {
      return files;
    }

    /** Returns the bytes of the next file, which are taken in as they are read. */
    InputStream open(Path file) throws IOException {
      byte[] name = directory.relativize(file).toString().getBytes(StandardCharsets.UTF_8);
      long length = Files.size(file);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, name.length));
      digest.update(name);
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, length));
      bytes += length;
      return new DigestInputStream(Files.newInputStream(file), digest);
    }

    /** Returns what all files that were read come to. */
    DumpDigest end() {
      return new DumpDigest(bytes, HexFormat.of().formatHex(digest.digest()));
    }
  }

  /** Returns the SHA-256 of some bytes, in hexadecimal digits. */
  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
