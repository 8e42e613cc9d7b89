package io.tidemark.tools.agent;

import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tidemark.metrics.MetricFormats;
import io.tidemark.plugin.Configuration;
import io.tidemark.plugin.ConfigurationKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Serves metrics, health and alarms of an agent by HTTP, to be read only.
 *
 * <p>Bounded: threads by the configuration, connections, time for a request and for an answer, and
 * requests that wait by {@link #limit}; what is beyond is closed.
 */
public final class HttpEndpoint implements AutoCloseable {
  private static final String JSON_TYPE = "application/json; charset=utf-8";
  private static final int WAITING_MAX = 64;
  private static final int STOP_DELAY_SECONDS = 0;

  /** What the JDK's server is told before it is used first: it reads this once. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "sun.net.httpserver.maxReqTime", "5",
          "sun.net.httpserver.maxRspTime", "10",
          "sun.net.httpserver.idleInterval", "10",
          "sun.net.httpserver.maxIdleConnections", "32",
          "sun.net.httpserver.maxReqHeaders", "64",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "sun.net.httpserver.drainAmount", "65536",
          "jdk.httpserver.maxConnections", "128");

  private final HttpServer server;
  private final ThreadPoolExecutor executor;

  /** Writes the body of an answer. */
  @FunctionalInterface
  private interface Body {
    void writeTo(OutputStream out) throws IOException;
  }

  /** An answer that is ready to be written. */
  private record Answer(int status, String type, Body body) {}

  private HttpEndpoint(HttpServer server, ThreadPoolExecutor executor) {
    this.server = server;
    this.executor = executor;
  }

  /** Limits the JDK's HTTP server in this process; call it before anything uses that. */
  public static void limit() {
    LIMITS.forEach(
        (name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }

  /** Starts to serve at the address of the agent's configuration. */
  public static HttpEndpoint start(Agent agent) throws IOException {
    limit();
    Configuration configuration = agent.configuration();
    InetSocketAddress address =
        new InetSocketAddress(
            InetAddress.getByName(configuration.text(ConfigurationKeys.HTTP_ADDRESS)),
            (int) configuration.number(ConfigurationKeys.HTTP_PORT));
    HttpServer server;
    try {
      server = HttpServer.create(address, WAITING_MAX);
    } catch (IOException e) {
      throw new IOException(
          "cannot serve metrics: "
              + e.getMessage()
              + ": address="
              + address.getAddress().getHostAddress()
              + ", port="
              + address.getPort(),
          e);
    }
    int threads = (int) configuration.number(ConfigurationKeys.HTTP_THREADS);
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            threads,
            threads,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING_MAX),
            work -> {
              Thread thread = new Thread(work, "tidemark-http");
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    server.setExecutor(executor);
    server.createContext("/", exchange -> answer(agent, exchange));
    server.start();
    return new HttpEndpoint(server, executor);
  }

  /** Returns the port it listens at. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Returns the address it listens at. */
  InetAddress address() {
    return server.getAddress().getAddress();
  }

  private static void answer(Agent agent, HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      boolean isHead = method.equals("HEAD");
      if (!isHead && !method.equals("GET")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      Answer answer = find(agent, exchange.getRequestURI().getPath());
      if (answer == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      answer.body.writeTo(body);
      exchange.getResponseHeaders().set("Content-Type", answer.type);
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
      if (isHead) {
        exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.size()));
        exchange.sendResponseHeaders(answer.status, -1);
      } else {
        exchange.sendResponseHeaders(answer.status, body.size());
        body.writeTo(exchange.getResponseBody());
      }
    }
  }

  private static @Nullable Answer find(Agent agent, String path) {
    return switch (path) {
      case "/metrics" ->
          new Answer(
              200,
              MetricFormats.PROMETHEUS_TYPE,
              out -> MetricFormats.prometheus(agent.samples(), out));
      case "/metrics.json" ->
          new Answer(
              200,
              JSON_TYPE,
              out ->
                  MetricFormats.json(agent.samples(), agent.nowMs(), agent.silentAfterMs(), out));
      case "/health" -> {
        Health health = agent.health();
        yield new Answer(health.isReady() ? 200 : 503, JSON_TYPE, out -> write(health, out));
      }
      case "/health/live" -> {
        Health health = agent.health();
        yield new Answer(health.isLive() ? 200 : 503, JSON_TYPE, out -> write(health, out));
      }
      case "/alerts" ->
          new Answer(
              200,
              JSON_TYPE,
              out -> {
                try (JsonGenerator json = AgentDocuments.begin(out)) {
                  AgentDocuments.alarms(agent.alarms(), json);
                }
              });
      default -> null;
    };
  }

  private static void write(Health health, OutputStream out) throws IOException {
    try (JsonGenerator json = AgentDocuments.begin(out)) {
      AgentDocuments.health(health, json);
    }
  }

  @Override
  public void close() {
    server.stop(STOP_DELAY_SECONDS);
    executor.shutdownNow();
  }
}
