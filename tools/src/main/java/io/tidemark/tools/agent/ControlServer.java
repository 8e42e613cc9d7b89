package io.tidemark.tools.agent;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.errors.TidemarkException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;

/**
 * Takes orders for an agent over a socket in its directory of stores, from its own user and from
 * root.
 *
 * <p>One order a connection: a line with one of {@link Order}'s names in lower case; one line of
 * JSON comes back. One thread; a client has two seconds to say what it wants.
 */
public final class ControlServer implements AutoCloseable {

  /** The socket's name in the directory of stores. */
  public static final String SOCKET_NAME = "agent.sock";

  /** Before the next connection is taken when one failed: the process may be out of handles. */
  private static final long FAILURE_PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final int ORDER_LENGTH_MAX = 256;
  private static final long PATIENCE_MS = 2_000;
  private static final int PATH_LENGTH_MAX = 100;

  /** What an agent can be told. */
  public enum Order {
    /** Says how it is. */
    STATUS,
    /** Publishes everything. */
    CHECKPOINT,
    /** Begins a backup and does not wait for its end. */
    BACKUP,
    /** Stops reading logs. */
    PAUSE,
    /** Goes on reading logs. */
    RESUME,
    /** Reads the configuration again. */
    RELOAD,
    /** Publishes everything and ends. */
    STOP;

    /** Returns what goes over the socket. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Agent agent;
  private final Path socket;
  private final ServerSocketChannel server;
  private final Consumer<String> log;
  private final Thread thread;

  /** Who runs the agent: the socket's owner. A user id need not have a name. */
  private final UserPrincipal owner;

  private ControlServer(Agent agent, Path socket, ServerSocketChannel server, Consumer<String> log)
      throws IOException {
    this.agent = agent;
    this.owner = Files.getOwner(socket);
    this.socket = socket;
    this.server = server;
    this.log = log;
    this.thread = new Thread(this::serve, "tidemark-control");
    thread.setDaemon(true);
  }

  /**
   * Starts to listen. A socket that a killed agent left behind is replaced: the caller's agent has
   * the directory's lock, so nobody is behind it.
   */
  public static ControlServer start(Agent agent, Path stores, Consumer<String> log)
      throws IOException {
    Path socket = socket(stores);
    Files.deleteIfExists(socket);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(socket));
      ControlServer started = new ControlServer(agent, socket, server, log);
      started.thread.start();
      return started;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /**
   * Returns where the socket of a directory of stores lies.
   *
   * @throws IOException if the system could not hold so long a name
   */
  static Path socket(Path stores) throws IOException {
    Path socket = stores.resolve(SOCKET_NAME).toAbsolutePath();
    int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
    if (length > PATH_LENGTH_MAX) {
      throw new IOException(
          "path of the control socket is too long: limitBytes="
              + PATH_LENGTH_MAX
              + ", actualBytes="
              + length
              + ", file="
              + socket);
    }
    return socket;
  }

  /** Returns where it listens. */
  public Path socket() {
    return socket;
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept()) {
        answer(client);
      } catch (AsynchronousCloseException e) {
        return;
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | RuntimeException e) {
        log.accept("control connection failed: " + e.getMessage());
        LockSupport.parkNanos(FAILURE_PAUSE_NS);
      }
    }
  }

  private void answer(SocketChannel client) throws IOException {
    UserPrincipal user = client.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
    if (!user.equals(owner) && !user.getName().equals("root")) {
      log.accept("control connection refused: user=" + user.getName());
      return;
    }
    String line = readLine(client);
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    carryOut(line, reply);
    reply.write('\n');
    write(client, ByteBuffer.wrap(reply.toByteArray()));
    if (line.equals(Order.STOP.word())) {
      agent.requestStop();
    }
  }

  /** Returns the first line of what a client sends; what there is if it sends no whole line. */
  private static String readLine(SocketChannel client) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(ORDER_LENGTH_MAX);
    long deadlineNs = System.nanoTime() + PATIENCE_MS * 1_000_000;
    client.configureBlocking(false);
    try (Selector selector = Selector.open()) {
      client.register(selector, SelectionKey.OP_READ);
      while (bytes.hasRemaining() && !endsLine(bytes)) {
        long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0 || selector.select(leftMs) == 0 || client.read(bytes) < 0) {
          break;
        }
        selector.selectedKeys().clear();
      }
    }
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString().strip();
  }

  private static boolean endsLine(ByteBuffer bytes) {
    return bytes.position() > 0 && bytes.get(bytes.position() - 1) == '\n';
  }

  private static void write(SocketChannel client, ByteBuffer reply) throws IOException {
    long deadlineNs = System.nanoTime() + PATIENCE_MS * 1_000_000;
    try (Selector selector = Selector.open()) {
      client.register(selector, SelectionKey.OP_WRITE);
      while (reply.hasRemaining()) {
        long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0 || selector.select(leftMs) == 0) {
          throw new IOException("client does not read: leftBytes=" + reply.remaining());
        }
        selector.selectedKeys().clear();
        client.write(reply);
      }
    }
  }

  private void carryOut(String word, ByteArrayOutputStream out) throws IOException {
    try (JsonGenerator json = AgentDocuments.begin(out)) {
      for (Order order : Order.values()) {
        if (order.word().equals(word)) {
          carryOut(order, json);
          return;
        }
      }
      refuse("unknown order: order=" + word + ", known=" + List.of(Order.values()), json);
    }
  }

  private void carryOut(Order order, JsonGenerator json) throws IOException {
    switch (order) {
      case STATUS -> AgentDocuments.status(agent, json);
      case CHECKPOINT -> checkpoint(json);
      case BACKUP -> backup(json);
      case PAUSE, RESUME -> {
        agent.pause(order == Order.PAUSE);
        done(json);
      }
      case RELOAD -> reload(json);
      case STOP -> done(json);
    }
  }

  private void backup(JsonGenerator json) throws IOException {
    try {
      agent.backup();
      done(json);
    } catch (IOException e) {
      refuse(String.valueOf(e.getMessage()), json);
    }
  }

  private void checkpoint(JsonGenerator json) throws IOException {
    Map<String, String> failures = agent.checkpoint();
    if (failures.isEmpty()) {
      done(json);
    } else {
      refuse("checkpoint failed: " + failures, json);
    }
  }

  private void reload(JsonGenerator json) throws IOException {
    try {
      List<String> changes = agent.reload();
      json.writeStartObject();
      json.writeBooleanField("done", true);
      json.writeArrayFieldStart("changes");
      for (String change : changes) {
        json.writeString(change);
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException | TidemarkException e) {
      refuse(String.valueOf(e.getMessage()), json);
    }
  }

  private static void done(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeBooleanField("done", true);
    json.writeEndObject();
  }

  private static void refuse(String error, JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeBooleanField("done", false);
    json.writeStringField("error", error);
    json.writeEndObject();
  }

  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(socket);
  }
}
