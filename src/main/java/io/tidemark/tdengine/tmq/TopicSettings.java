package io.tidemark.tdengine.tmq;

import java.util.Locale;

/**
 * Which topic is read, and how.
 *
 * @param host the server, or for {@link Connection#WEBSOCKET} its taosAdapter
 * @param port 0 for the connection's usual one
 * @param group the consumer group; no other consumer may be in it
 * @param database the database whose topic it is
 */
public record TopicSettings(
    Connection connection,
    String host,
    int port,
    String user,
    String password,
    String topic,
    String group,
    String database) {

  /** How the driver speaks to the server. */
  public enum Connection {
    /** By taosAdapter; the driver needs no library of the server's. */
    WEBSOCKET("ws", "jdbc:TAOS-WS://", 6041),
    /** By the client library libtaos, which has to be installed. */
    NATIVE("jni", "jdbc:TAOS://", 6030);

    private final String type;
    private final String urlPrefix;
    private final int usualPort;

    Connection(String type, String urlPrefix, int usualPort) {
      this.type = type;
      this.urlPrefix = urlPrefix;
      this.usualPort = usualPort;
    }

    /** Returns the driver's word for it. */
    String type() {
      return type;
    }

    /** Returns the name of a connection in a configuration, which is its own in small letters. */
    public static Connection named(String name) {
      return valueOf(name.toUpperCase(Locale.ROOT));
    }
  }

  /** Returns the port that counts. */
  int effectivePort() {
    return port == 0 ? connection.usualPort : port;
  }

  /** Returns the URL of a JDBC connection, without credentials. */
  String url() {
    return connection.urlPrefix + host + ":" + effectivePort() + "/";
  }

  /** Returns everything but the password. */
  @Override
  public String toString() {
    return "topic="
        + topic
        + ", database="
        + database
        + ", connection="
        + connection.name().toLowerCase(Locale.ROOT)
        + ", host="
        + host
        + ", port="
        + effectivePort()
        + ", user="
        + user
        + ", group="
        + group;
  }
}
