package io.tidemark.tools;

import io.tidemark.tdengine.taosdump.Connection;
import io.tidemark.tdengine.taosdump.RunOptions;
import io.tidemark.tdengine.taosdump.SecretVariables;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how {@code script --run} calls taosdump. */
final class ScriptTarget {
  /** Holds the password; there is no option for it. */
  static final String PASSWORD_VARIABLE = SecretVariables.PASSWORD;

  @Option(
      names = "--taosdump",
      paramLabel = "PROGRAM",
      defaultValue = "taosdump",
      description = "With --run: the program. Default: ${DEFAULT-VALUE}")
  private String taosdump;

  @Option(names = "--host", paramLabel = "HOST", description = "With --run: the server.")
  private @Nullable String host;

  @Option(names = "--port", paramLabel = "PORT", description = "With --run: its port.")
  private @Nullable Integer port;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "With --run: the account; its password is taken from TAOS_PASSWORD.")
  private @Nullable String user;

  @Option(
      names = "--config-dir",
      paramLabel = "DIR",
      description = "With --run: the directory of taos.cfg.")
  private @Nullable Path configDirectory;

  @Option(
      names = "--retry-count",
      paramLabel = "N",
      defaultValue = "3",
      description = "With --run: how often a failed call is repeated. Default: ${DEFAULT-VALUE}")
  private int retryCount;

  @Option(
      names = "--retry-interval-ms",
      paramLabel = "MS",
      defaultValue = "5000",
      description = "With --run: how long before that. Default: ${DEFAULT-VALUE}")
  private long retryIntervalMs;

  /**
   * Returns how taosdump is called.
   *
   * @throws IllegalArgumentException if a value is out of range
   */
  RunOptions runOptions() {
    String password = System.getenv(PASSWORD_VARIABLE);
    Connection connection =
        new Connection(
            host,
            port,
            user,
            password == null || password.isEmpty() ? null : password,
            configDirectory);
    return new RunOptions(taosdump, connection, retryCount, retryIntervalMs);
  }
}
