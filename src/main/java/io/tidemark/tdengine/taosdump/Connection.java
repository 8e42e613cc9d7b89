package io.tidemark.tdengine.taosdump;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How taosdump reaches the server; what is null is left to its own default.
 *
 * @param host name or address
 * @param port 1 to 65535
 * @param user name of the account
 * @param password goes to taosdump's standard input, and nowhere else; without white space
 * @param configDirectory where taos.cfg lies
 */
public record Connection(
    @Nullable String host,
    @Nullable Integer port,
    @Nullable String user,
    @Nullable String password,
    @Nullable Path configDirectory) {
  /** Everything as taosdump has it. */
  public static final Connection DEFAULTS = new Connection(null, null, null, null, null);

  private static final int MAX_PORT = 65_535;

  /** Checks what taosdump would misunderstand. */
  public Connection {
    if (port != null && (port < 1 || port > MAX_PORT)) {
      throw new IllegalArgumentException("port is out of range: min=1, max=65535, actual=" + port);
    }
    if (password != null
        && (password.isEmpty() || password.chars().anyMatch(Character::isWhitespace))) {
      throw new IllegalArgumentException(
          "taosdump cannot be given a password that is empty or has white space");
    }
  }

  /** Returns the words of a shell that stand for it, but for the password. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    if (password != null) {
      words.add("-p");
    }
    add(words, "-h", host);
    add(words, "-P", port == null ? null : port.toString());
    add(words, "-u", user);
    if (configDirectory != null) {
      // taosdump expands this path as a shell does.
      String path = ObjectNames.quoted(configDirectory.toAbsolutePath().toString());
      add(words, "-c", path);
    }
    return words;
  }

  private static void add(List<String> words, String option, @Nullable String value) {
    if (value != null) {
      words.add(option);
      words.add(ObjectNames.quoted(value));
    }
  }

  /** Returns everything but the password. */
  @Override
  public String toString() {
    return "host="
        + host
        + ", port="
        + port
        + ", user="
        + user
        + ", configDirectory="
        + configDirectory;
  }
}
