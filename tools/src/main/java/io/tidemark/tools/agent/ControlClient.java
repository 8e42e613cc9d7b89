package io.tidemark.tools.agent;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Gives an order to the agent of a directory of stores. */
public final class ControlClient {
  private static final int REPLY_LENGTH_MAX = 16 << 20;

  private ControlClient() {}

  /**
   * Gives an order and returns the reply, one line of JSON; waits until it is carried out.
   *
   * @throws NoAgentException if no agent runs there
   */
  public static String send(Path stores, ControlServer.Order order) throws IOException {
    Path socket = ControlServer.socket(stores);
    if (!Files.exists(socket)) {
      throw new NoAgentException("no agent runs here: socket=" + socket);
    }
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap((order.word() + "\n").getBytes(StandardCharsets.UTF_8)));
      byte[] reply = Channels.newInputStream(channel).readNBytes(REPLY_LENGTH_MAX);
      if (reply.length == 0) {
        throw new IOException("agent refused the connection: socket=" + socket);
      }
      return new String(reply, StandardCharsets.UTF_8).strip();
    } catch (ConnectException e) {
      throw new NoAgentException("no agent runs here any more: socket=" + socket);
    } catch (SocketException e) {
      throw new IOException("cannot reach the agent: " + e.getMessage() + ", socket=" + socket, e);
    }
  }

  /** There is no agent to give an order to. */
  public static final class NoAgentException extends IOException {
    private static final long serialVersionUID = 1L;

    NoAgentException(String message) {
      super(message);
    }
  }
}
