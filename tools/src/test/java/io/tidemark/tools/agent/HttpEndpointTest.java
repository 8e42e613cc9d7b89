package io.tidemark.tools.agent;

import static io.tidemark.tools.agent.AgentFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.metrics.Metric;
import io.tidemark.metrics.MetricFormats;
import io.tidemark.tdengine.GeneratedVnode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpEndpointTest {
  private static final int THREADS = 3;
  private static final int MANY = 300;

  @TempDir private Path directory;
  private GeneratedVnode vnode;
  private Agent agent;
  private HttpEndpoint http;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(60))
          .build();

  @BeforeEach
  void start() throws IOException {
    AgentFixture fixture = new AgentFixture(directory).with("http.threads", "" + THREADS);
    vnode = fixture.vnode(1);
    agent = fixture.start();
    http = HttpEndpoint.start(agent);
    await("ready", () -> agent.health().isReady());
  }

  @AfterEach
  void stop() throws IOException {
    http.close();
    agent.close();
    vnode.close();
  }

  private HttpResponse<String> send(String method, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + http.port() + path))
            .timeout(Duration.ofSeconds(60))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), http.port());
  }

  private static void write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    } catch (IOException e) {
      // It was closed already, which is as good an answer as any.
    }
  }

  @Test
  void shouldServeWhatItIsThereForAndNothingElse() throws Exception {
    HttpResponse<String> metrics = send("GET", "/metrics");
    assertEquals(200, metrics.statusCode());
    assertEquals(
        MetricFormats.PROMETHEUS_TYPE, metrics.headers().firstValue("Content-Type").orElse(""));
    for (Metric metric : Metric.values()) {
      assertTrue(metrics.body().contains("\n" + metric.id()), metric.id());
    }
    HttpResponse<String> json = send("GET", "/metrics.json");
    assertTrue(json.body().startsWith("{\"process\":{\"memory_usage_bytes\":"), json.body());
    assertTrue(json.body().contains("\"writer\":\"LIVE\""), json.body());
    assertEquals("{\"live\":true,\"ready\":true,\"why\":[]}", send("GET", "/health").body());
    assertEquals("{\"alarms\":[]}", send("GET", "/alerts").body());
    HttpResponse<String> head = send("HEAD", "/health");
    assertEquals("", head.body());
    assertEquals("35", head.headers().firstValue("Content-Length").orElse(""));

    for (String path :
        List.of("/", "/metrics/", "/metrics/../health", "/health/x", "/STORE", "/..%2fetc")) {
      assertEquals(404, send("GET", path).statusCode(), path);
    }
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH")) {
      assertEquals(405, send(method, "/metrics").statusCode(), method);
    }
  }

  @Test
  void shouldSayThatItIsNotReadyAndWhyButAlive() throws Exception {
    agent.pause(true);

    HttpResponse<String> health = send("GET", "/health");

    assertEquals(503, health.statusCode());
    assertEquals("{\"live\":true,\"ready\":false,\"why\":[\"paused by hand\"]}", health.body());
    assertEquals(200, send("GET", "/health/live").statusCode());
  }

  @Test
  void shouldListenAtTheLoopbackAddressUnlessTold() {
    assertTrue(http.address().isLoopbackAddress());
  }

  @Test
  void shouldSurviveClientsThatAreSlowHugeMalformedOrMany() throws Exception {
    Random random = new Random(5);
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 2 * THREADS; i++) {
        Socket slow = connect();
        sockets.add(slow);
        write(slow, "GET /metr".getBytes(StandardCharsets.US_ASCII));
      }
      assertEquals(200, send("GET", "/health").statusCode());

      for (String huge :
          List.of(
              "GET /" + "x".repeat(1 << 20) + " HTTP/1.1\r\n\r\n",
              "GET /metrics HTTP/1.1\r\nX: " + "x".repeat(1 << 20) + "\r\n\r\n",
              "GET /metrics HTTP/1.1\r\n" + "X: 1\r\n".repeat(100_000) + "\r\n",
              "POST /metrics HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\nx",
              "GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
              "GET\r\n\r\n",
              "\r\n\r\n\r\n",
              "GET http://[::1 HTTP/1.1\r\n\r\n")) {
        Socket socket = connect();
        sockets.add(socket);
        write(socket, huge.getBytes(StandardCharsets.US_ASCII));
      }
      for (int i = 0; i < 50; i++) {
        byte[] noise = new byte[1 + random.nextInt(400)];
        random.nextBytes(noise);
        Socket socket = connect();
        sockets.add(socket);
        write(socket, noise);
      }
      for (Socket socket : sockets) {
        socket.close();
      }
      assertEquals(200, send("GET", "/health").statusCode());

      for (int i = 0; i < MANY; i++) {
        sockets.add(connect());
      }
      for (Socket socket : sockets) {
        socket.close();
      }
      assertEquals(200, send("GET", "/health").statusCode());
      long threads =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("tidemark-http"))
              .count();
      assertFalse(threads > THREADS, "threads: " + threads);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }
}
