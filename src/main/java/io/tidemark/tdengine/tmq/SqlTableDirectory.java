package io.tidemark.tdengine.tmq;

import io.tidemark.tdengine.RowFeed;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a database as {@code information_schema} lists them.
 *
 * <p>Used by one thread at a time. Needs a driver for its URL on the class path.
 */
final class SqlTableDirectory implements TableDirectory {
  private final TopicSettings settings;
  private final Connection connection;

  private SqlTableDirectory(TopicSettings settings, Connection connection) {
    this.settings = settings;
    this.connection = connection;
  }

  /** Connects to the server. */
  static SqlTableDirectory open(TopicSettings settings) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("user", settings.user());
    properties.setProperty("password", settings.password());
    try {
      return new SqlTableDirectory(
          settings, DriverManager.getConnection(settings.url(), properties));
    } catch (SQLException | RuntimeException e) {
      throw failure("cannot connect to ask for tables", settings, e);
    } catch (LinkageError e) {
      throw failure("driver cannot be used to ask for tables", settings, e);
    }
  }

  @Override
  public @Nullable Entry find(String table) throws IOException {
    try (Statement statement = connection.createStatement()) {
      RowFeed.Table found = where(statement, "table_name = " + quoted(table));
      String timeColumn = found == null ? null : timeColumn(statement, table);
      return found == null || timeColumn == null ? null : new Entry(found, timeColumn);
    } catch (SQLException | RuntimeException e) {
      throw failure("cannot ask for a table: table=" + table, settings, e);
    }
  }

  @Override
  public RowFeed.@Nullable Table named(long uid) throws IOException {
    try (Statement statement = connection.createStatement()) {
      return where(statement, "uid = " + uid);
    } catch (SQLException | RuntimeException e) {
      throw failure("cannot ask for a table: uid=" + uid, settings, e);
    }
  }

  /** Returns the table of the database that fulfils a condition; null if none does. */
  private RowFeed.@Nullable Table where(Statement statement, String condition) throws SQLException {
    long uid;
    String table;
    String stable;
    try (ResultSet found =
        statement.executeQuery(
            "select uid, table_name, stable_name from information_schema.ins_tables where db_name = "
                + quoted(settings.database())
                + " and "
                + condition)) {
      if (!found.next()) {
        return null;
      }
      uid = found.getLong(1);
      table = found.getString(2);
      String name = found.getString(3);
      stable = name == null ? "" : name;
    }
    return new RowFeed.Table(uid, stable.isEmpty() ? 0 : suid(statement, stable), table, stable);
  }

  private long suid(Statement statement, String stable) throws SQLException {
    try (ResultSet found =
        statement.executeQuery(
            "select uid from information_schema.ins_stables where db_name = "
                + quoted(settings.database())
                + " and stable_name = "
                + quoted(stable))) {
      return found.next() ? found.getLong(1) : 0;
    }
  }

  private @Nullable String timeColumn(Statement statement, String table) throws SQLException {
    try (ResultSet columns =
        statement.executeQuery("describe `" + settings.database() + "`.`" + table + "`")) {
      return columns.next() ? columns.getString(1) : null;
    }
  }

  /** Returns a text as a literal of SQL. */
  static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  @Override
  public void close() throws IOException {
    try {
      connection.close();
    } catch (SQLException | RuntimeException e) {
      throw failure("cannot close a connection", settings, e);
    }
  }

  private static IOException failure(String what, TopicSettings settings, Throwable e) {
    return new IOException(what + ": reason=" + e.getMessage() + ", " + settings, e);
  }
}
