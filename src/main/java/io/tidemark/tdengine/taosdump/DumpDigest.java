package io.tidemark.tdengine.taosdump;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private static final int BUFFER_LENGTH = 1 << 16;

  /** Reads every file of a directory. */
  static DumpDigest of(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(directory)) {
      files = tree.filter(Files::isRegularFile).sorted().toList();
    }
    MessageDigest digest = digest();
    long bytes = 0;
    byte[] buffer = new byte[BUFFER_LENGTH];
    for (Path file : files) {
      byte[] name = directory.relativize(file).toString().getBytes(StandardCharsets.UTF_8);
      long length = Files.size(file);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, name.length));
      digest.update(name);
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, length));
      try (InputStream in = Files.newInputStream(file)) {
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          digest.update(buffer, 0, read);
        }
      }
      bytes += length;
    }
    return new DumpDigest(bytes, HexFormat.of().formatHex(digest.digest()));
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
