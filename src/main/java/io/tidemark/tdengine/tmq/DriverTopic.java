package io.tidemark.tdengine.tmq;

import java.io.IOException;

/**
 * A topic that is read through TDengine's JDBC driver, if that is on the class path.
 *
 * <p>Thread-safe; keeps nothing open.
 */
public final class DriverTopic implements TopicAccess {
  /** The jar that has all it needs in it. */
  private static final String JAR = "taos-jdbcdriver-3.7.9-dist.jar";

  private final TopicSettings settings;

  /** Takes the settings; connects to nothing. */
  public DriverTopic(TopicSettings settings) {
    this.settings = settings;
  }

  @Override
  public TopicConsumer subscribe() throws IOException {
    try {
      return DriverConsumer.open(settings);
    } catch (LinkageError e) {
      throw isMissingClass(e) ? absent(e) : unusable(e);
    }
  }

  /** Whether a class was not found, and not only refused to be loaded a second time. */
  private static boolean isMissingClass(LinkageError e) {
    return e instanceof NoClassDefFoundError && e.getCause() instanceof ClassNotFoundException;
  }

  private IOException unusable(LinkageError e) {
    Throwable reason = e.getCause() == null ? e : e.getCause();
    return new IOException(
        "TDengine's client library cannot be loaded: reason="
            + reason.getMessage()
            + "; install it and name its directory in java.library.path, or connect by websocket: "
            + settings,
        e);
  }

  @Override
  public TableDirectory openDirectory() throws IOException {
    return SqlTableDirectory.open(settings);
  }

  private IOException absent(LinkageError e) {
    return new IOException(
        "TDengine's JDBC driver is not on the class path: missing="
            + e.getMessage()
            + "; put "
            + JAR
            + " from Maven Central (com.taosdata.jdbc:taos-jdbcdriver) beside the program's jar under the name"
            + " taos-jdbcdriver.jar: "
            + settings,
        e);
  }
}
