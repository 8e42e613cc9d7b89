package io.tidemark.tdengine.tmq;

import com.taosdata.jdbc.tmq.ConsumerRecord;
import com.taosdata.jdbc.tmq.ConsumerRecords;
import com.taosdata.jdbc.tmq.TMQConstants;
import com.taosdata.jdbc.tmq.TMQEnhMap;
import com.taosdata.jdbc.tmq.TaosConsumer;
import com.taosdata.jdbc.tmq.TopicPartition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A consumer of TDengine's JDBC driver: the only class that needs the driver to be loaded.
 *
 * <p>Used by one thread at a time.
 */
final class DriverConsumer implements TopicConsumer {
  /** Names the table of a row of a topic that is a query; such a topic has to select it. */
  private static final String TABLE_COLUMN = "tbname";

  private final TopicSettings settings;
  private final TaosConsumer<?> consumer;

  private DriverConsumer(TopicSettings settings, TaosConsumer<?> consumer) {
    this.settings = settings;
    this.consumer = consumer;
  }

  /**
   * The ways in which versions of the driver and of the client library want to be told the server.
   */
  private enum Address {
    IP_AND_PORT,
    SERVERS
  }

  /** Subscribes to the topic. */
  static DriverConsumer open(TopicSettings settings) throws IOException {
    SQLException refused = null;
    for (Address address : Address.values()) {
      try {
        return subscribe(settings, new TaosConsumer<Object>(properties(settings, address)));
      } catch (SQLException e) {
        if (refused == null) {
          refused = e;
        } else {
          refused.addSuppressed(e);
        }
      }
    }
    throw failure("cannot subscribe to a topic", settings, Objects.requireNonNull(refused));
  }

  private static DriverConsumer subscribe(TopicSettings settings, TaosConsumer<?> consumer)
      throws SQLException {
    try {
      consumer.subscribe(List.of(settings.topic()));
      return new DriverConsumer(settings, consumer);
    } catch (SQLException | RuntimeException e) {
      try {
        consumer.close();
      } catch (SQLException | RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /** Returns what the driver is told; positions are ours, so nothing is committed. */
  static Properties properties(TopicSettings settings) {
    return properties(settings, Address.IP_AND_PORT);
  }

  private static Properties properties(TopicSettings settings, Address address) {
    boolean isNative = settings.connection() == TopicSettings.Connection.NATIVE;
    Properties properties = new Properties();
    properties.setProperty(TMQConstants.CONNECT_TYPE, settings.connection().type());
    if (address == Address.SERVERS) {
      properties.setProperty(
          TMQConstants.BOOTSTRAP_SERVERS, settings.host() + ":" + settings.effectivePort());
    } else {
      properties.setProperty(TMQConstants.CONNECT_IP, settings.host());
      properties.setProperty(TMQConstants.CONNECT_PORT, String.valueOf(settings.effectivePort()));
    }
    properties.setProperty(TMQConstants.CONNECT_USER, settings.user());
    properties.setProperty(TMQConstants.CONNECT_PASS, settings.password());
    properties.setProperty(TMQConstants.GROUP_ID, settings.group());
    properties.setProperty(TMQConstants.ENABLE_AUTO_COMMIT, "false");
    properties.setProperty(TMQConstants.AUTO_OFFSET_RESET, "earliest");
    properties.setProperty(TMQConstants.MSG_WITH_TABLE_NAME, "true");
    properties.setProperty(
        TMQConstants.VALUE_DESERIALIZER,
        "com.taosdata.jdbc.tmq." + (isNative ? "MapDeserializer" : "MapEnhanceDeserializer"));
    if (!isNative) {
      // One that connects again by itself begins where it likes.
      properties.setProperty("enableAutoReconnect", "false");
    }
    return properties;
  }

  @Override
  public List<TopicRow> poll(long timeoutMs) throws IOException {
    try {
      return rows(consumer.poll(Duration.ofMillis(timeoutMs)));
    } catch (SQLException | RuntimeException e) {
      throw failure("cannot read a topic", settings, e);
    }
  }

  /** Converts what the driver returns. */
  static List<TopicRow> rows(ConsumerRecords<?> records) {
    List<TopicRow> rows = new ArrayList<>();
    for (ConsumerRecord<?> found : records) {
      Object value = found.value();
      if (value instanceof TMQEnhMap row) {
        rows.add(row(found, row.getTableName(), row.getMap()));
      } else if (value instanceof Map<?, ?> columns) {
        rows.add(row(found, columns.get(TABLE_COLUMN), columns));
      }
    }
    return rows;
  }

  private static TopicRow row(ConsumerRecord<?> found, @Nullable Object table, Map<?, ?> columns) {
    Map<String, Instant> times = new HashMap<>();
    columns.forEach(
        (name, value) -> {
          if (value instanceof Timestamp time) {
            times.put(String.valueOf(name), time.toInstant());
          }
        });
    return new TopicRow(found.getVGroupId(), found.getOffset(), text(table), times);
  }

  private static String text(@Nullable Object name) {
    if (name instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    return name == null ? "" : String.valueOf(name);
  }

  @Override
  public Map<Integer, TopicPlace> places() throws IOException {
    try {
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(settings.topic());
      Map<TopicPartition, Long> ends = consumer.endOffsets(settings.topic());
      Map<TopicPartition, Long> positions = consumer.position(settings.topic());
      Map<Integer, TopicPlace> places = new HashMap<>();
      for (Map.Entry<TopicPartition, Long> begin : begins.entrySet()) {
        TopicPartition vgroup = begin.getKey();
        // One that it does not know yet is negative: nothing was passed.
        long next = positions.getOrDefault(vgroup, -1L);
        places.put(
            vgroup.getVGroupId(),
            new TopicPlace(begin.getValue(), next, ends.getOrDefault(vgroup, begin.getValue())));
      }
      return places;
    } catch (SQLException | RuntimeException e) {
      throw failure("cannot ask where a topic is read", settings, e);
    }
  }

  @Override
  public void seek(int vgroupId, long version) throws IOException {
    try {
      consumer.seek(new TopicPartition(settings.topic(), vgroupId), version);
    } catch (SQLException | RuntimeException e) {
      throw failure("cannot read a topic from version " + version + " on", settings, e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      consumer.close();
    } catch (SQLException | RuntimeException e) {
      throw failure("cannot end the subscription to a topic", settings, e);
    }
  }

  private static IOException failure(String what, TopicSettings settings, Exception e) {
    return new IOException(what + ": reason=" + e.getMessage() + ", " + settings, e);
  }
}
