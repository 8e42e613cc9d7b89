package io.tidemark.tdengine.tmq;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A file that holds a password in its first line, for nobody but its owner to read. */
public final class PasswordFile {
  private static final Set<PosixFilePermission> OWNERS =
      Set.copyOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  private static final long LENGTH_MAX = 4096;

  private PasswordFile() {}

  /**
   * Reads the password.
   *
   * @throws IOException if there is none, or if others may read it too; it tells nothing of the
   *     contents
   */
  public static String read(Path file) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (!OWNERS.containsAll(permissions)) {
      throw new IOException(
          "password file may be read by others: allowed=rw-------, actual="
              + PosixFilePermissions.toString(permissions)
              + ", file="
              + file);
    }
    long length = Files.size(file);
    if (length > LENGTH_MAX) {
      throw new IOException(
          "password file is too long: limitBytes="
              + LENGTH_MAX
              + ", lengthBytes="
              + length
              + ", file="
              + file);
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty() || lines.get(0).isEmpty()) {
      throw new IOException("password file holds no password: file=" + file);
    }
    return lines.get(0);
  }
}
