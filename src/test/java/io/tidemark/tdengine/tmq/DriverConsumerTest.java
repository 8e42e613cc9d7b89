package io.tidemark.tdengine.tmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.taosdata.jdbc.enums.TmqMessageType;
import com.taosdata.jdbc.tmq.ConsumerRecord;
import com.taosdata.jdbc.tmq.ConsumerRecords;
import com.taosdata.jdbc.tmq.TMQEnhMap;
import com.taosdata.jdbc.tmq.TopicPartition;
import com.taosdata.jdbc.ws.tmq.entity.ConsumerParam;
import io.tidemark.testing.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What can be seen of the adapter with the driver's own classes and no server. */
class DriverConsumerTest {
  private static final Instant TIME = Instant.parse("2026-11-01T10:20:30.123456789Z");

  private static TopicSettings settings(TopicSettings.Connection connection, int port) {
    return new TopicSettings(
        connection, "127.0.0.1", port, "root", "secret", "changes", "tidemark", "power");
  }

  private static String refusal(Executable what) {
    return String.valueOf(assertThrows(IOException.class, what).getMessage());
  }

  private static ConsumerRecords<Object> records(Object... values) {
    ConsumerRecords<Object> records = new ConsumerRecords<>();
    for (Object value : values) {
      records.put(
          new TopicPartition("changes", 5),
          new ConsumerRecord.Builder<>()
              .topic("changes")
              .dbName("power")
              .vGroupId(5)
              .offset(77)
              .messageType(TmqMessageType.TMQ_RES_DATA)
              .value(value)
              .build());
    }
    return records;
  }

  @Test
  void shouldTakeTheTableFromARowOfADatabaseTopic() {
    Map<String, Object> columns = new HashMap<>();
    columns.put("ts", Timestamp.from(TIME));
    columns.put("current", 1.5f);
    columns.put("nothing", null);

    List<TopicRow> rows = DriverConsumer.rows(records(new TMQEnhMap("d1", columns)));

    assertEquals(List.of(new TopicRow(5, 77, "d1", Map.of("ts", TIME))), rows);
  }

  @Test
  void shouldTakeTheTableOfAQueryFromItsColumn() {
    Map<String, Object> text = Map.of("ts", Timestamp.from(TIME), "tbname", "d2");
    Map<String, Object> bytes =
        Map.of("ts", Timestamp.from(TIME), "tbname", "dü".getBytes(StandardCharsets.UTF_8));
    Map<String, Object> untold = Map.of("ts", Timestamp.from(TIME));

    List<TopicRow> rows = DriverConsumer.rows(records(text, bytes, untold));

    assertEquals(List.of("d2", "dü", ""), rows.stream().map(TopicRow::table).toList());
  }

  @Test
  void shouldSayWhatTheDriverUnderstands() throws Exception {
    Properties properties =
        DriverConsumer.properties(settings(TopicSettings.Connection.WEBSOCKET, 0));

    ConsumerParam understood = new ConsumerParam(properties);

    assertEquals("tidemark", understood.getGroupId());
    assertFalse(understood.isAutoCommit());
    assertEquals("earliest", understood.getOffsetRest());
    assertEquals("true", understood.getMsgWithTableName());
    assertEquals("127.0.0.1", understood.getConnectionParam().getEndpoints().get(0).getHost());
    assertEquals(6041, understood.getConnectionParam().getEndpoints().get(0).getPort());
    assertFalse(understood.getConnectionParam().isEnableAutoConnect());
  }

  @Test
  void shouldSayInOneErrorThatTheServerCannotBeReached() throws Exception {
    int unused;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    DriverTopic topic = new DriverTopic(settings(TopicSettings.Connection.WEBSOCKET, unused));

    String noTopic = refusal(topic::subscribe);
    String noDirectory = refusal(topic::openDirectory);

    String where =
        "topic=changes, database=power, connection=websocket, host=127.0.0.1, port="
            + unused
            + ", user=root, group=tidemark";
    assertTrue(noTopic.startsWith("cannot subscribe to a topic: reason="), noTopic);
    assertTrue(noTopic.endsWith(where), noTopic);
    assertTrue(noDirectory.startsWith("cannot connect to ask for tables: reason="), noDirectory);
    assertFalse((noTopic + " " + noDirectory).contains("secret"));
  }

  @Test
  void shouldSayThatTheClientLibraryIsNotThere() {
    DriverTopic topic = new DriverTopic(settings(TopicSettings.Connection.NATIVE, 0));

    String refused = refusal(topic::subscribe);

    assertTrue(refused.startsWith("TDengine's client library cannot be loaded: "), refused);
    assertTrue(refused.contains("connect by websocket"), refused);
  }

  @Test
  void shouldSayWhichJarIsMissingAndWhereItGoes() throws Exception {
    String separator = System.getProperty("path.separator");
    String withoutDriver =
        Pattern.compile(Pattern.quote(separator))
            .splitAsStream(System.getProperty("java.class.path"))
            .filter(entry -> !entry.contains("taos-jdbcdriver"))
            .collect(Collectors.joining(separator));

    try (ChildJvm child = ChildJvm.start(List.of("-cp", withoutDriver), NoDriver.class)) {
      String refused = child.readLine();

      assertEquals(
          "TDengine's JDBC driver is not on the class path: missing=com/taosdata/jdbc/tmq/TaosConsumer;"
              + " put taos-jdbcdriver-3.7.9-dist.jar from Maven Central"
              + " (com.taosdata.jdbc:taos-jdbcdriver) beside the program's jar under the name"
              + " taos-jdbcdriver.jar: "
              + settings(TopicSettings.Connection.NATIVE, 0),
          refused);
      assertEquals(0, child.awaitEnd(), child.errors());
    }
  }

  /** A program without the driver. */
  static final class NoDriver {
    private NoDriver() {}

    public static void main(String[] arguments) {
      try {
        new DriverTopic(settings(TopicSettings.Connection.NATIVE, 0)).subscribe();
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
