package io.tidemark.tools.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tools.agent.ControlServer.Order;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlServerTest {
  @TempDir private Path directory;
  private AgentFixture fixture;
  private GeneratedVnode vnode;
  private Agent agent;
  private ControlServer server;

  @BeforeEach
  void start() throws IOException {
    fixture = new AgentFixture(directory);
    vnode = fixture.vnode(1);
    agent = fixture.start();
    server = ControlServer.start(agent, fixture.stores, fixture.log::add);
    AgentFixture.awaitThrough(agent, 1, 1);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    agent.close();
    vnode.close();
  }

  private String send(Order order) throws IOException {
    return ControlClient.send(fixture.stores, order);
  }

  /** Sends bytes as they are and returns what comes back. */
  private String raw(String text) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(server.socket()))) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void shouldCarryOutEachOrder() throws Exception {
    String status = send(Order.STATUS);
    assertTrue(status.contains("\"state\":\"FOLLOWING\",\"caughtUp\":true"), status);
    assertTrue(status.contains("\"completeThrough\":\"1/1\""), status);

    assertEquals("{\"done\":true}", send(Order.PAUSE));
    assertTrue(agent.isPaused());
    assertEquals("{\"done\":true}", send(Order.RESUME));
    assertFalse(agent.isPaused());
    assertEquals("{\"done\":true}", send(Order.CHECKPOINT));
    Files.writeString(fixture.configuration, "{\"backup\":{\"retry_count\":9}}");
    String changes = send(Order.RELOAD);
    assertTrue(changes.startsWith("{\"done\":true,\"changes\":["), changes);
    Files.writeString(fixture.configuration, "{");
    assertTrue(send(Order.RELOAD).startsWith("{\"done\":false,\"error\":\"configuration is no"));
    assertEquals("{\"done\":true}", send(Order.STOP));
    agent.awaitStopRequest();
  }

  @Test
  void shouldRefuseWhatIsNoOrderAndGoOn() throws Exception {
    String refusal =
        "{\"done\":false,\"error\":\"unknown order: order=%s,"
            + " known=[STATUS, CHECKPOINT, BACKUP, PAUSE, RESUME, RELOAD, STOP]\"}\n";

    assertEquals(refusal.formatted("dance"), raw("dance\n"));
    assertEquals(refusal.formatted("STATUS"), raw("STATUS\n"));
    assertTrue(raw("x".repeat(255) + "\n").startsWith("{\"done\":false"));
    assertEquals("{\"done\":true}", send(Order.CHECKPOINT));
  }

  @Test
  void shouldNotWaitForEverForAClientThatSaysNothing() throws Exception {
    try (SocketChannel silent = SocketChannel.open(UnixDomainSocketAddress.of(server.socket()))) {
      assertEquals("{\"done\":true}", send(Order.CHECKPOINT));
      assertTrue(silent.isOpen());
    }
  }

  @Test
  void shouldSayThatNoAgentRuns() throws Exception {
    server.close();

    ControlClient.NoAgentException refused =
        assertThrows(ControlClient.NoAgentException.class, () -> send(Order.STATUS));

    assertEquals("no agent runs here: socket=" + server.socket(), refused.getMessage());
  }
}
