package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tools.agent.ControlClient;
import io.tidemark.tools.agent.ControlServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Has the agent of a directory of stores take backups, as {@code agent backup} does. */
final class BackupByOrder {
  private static final long PATIENCE_NS = 60_000_000_000L;

  private BackupByOrder() {}

  /** Takes a backup and returns what the status says of it at the end. */
  static Json take(Path stores) throws IOException {
    assertEquals("true", send(stores, ControlServer.Order.BACKUP).get("done").toString());
    long deadlineNs = System.nanoTime() + PATIENCE_NS;
    while (true) {
      Json status = send(stores, ControlServer.Order.STATUS).get("backup");
      if (!status.get("state").toString().equals("RUNNING")) {
        return status;
      }
      assertTrue(System.nanoTime() < deadlineNs, "backup never ended: " + status);
      LockSupport.parkNanos(5_000_000);
    }
  }

  private static Json send(Path stores, ControlServer.Order order) throws IOException {
    return Json.parse(ControlClient.send(stores, order));
  }
}
