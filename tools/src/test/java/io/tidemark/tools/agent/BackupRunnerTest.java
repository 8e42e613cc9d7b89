package io.tidemark.tools.agent;

import static io.tidemark.tools.agent.AgentFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.GeneratedVnode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent's backups: one at a time, beside following. */
class BackupRunnerTest {
  @TempDir private Path directory;
  private AgentFixture fixture;

  /** Waits in the middle until it is let go or cancelled. */
  private static final class HeldBackup implements BackupJob {
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch reached = new CountDownLatch(1);
    private final AtomicInteger lent = new AtomicInteger();
    private volatile boolean isCancelled;

    @Override
    public void run(Stores stores, Listener listener) throws IOException {
      lent.addAndGet(stores.lend(() -> stores.vnodes().size()));
      listener.onPlan("power-1", false, true, 2);
      listener.onProgress(1, 10, 5);
      reached.countDown();
      try {
        held.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      if (isCancelled) {
        throw new IOException("cancelled");
      }
      listener.onProgress(2, 30, 0);
    }

    @Override
    public void cancel() {
      isCancelled = true;
      held.countDown();
    }
  }

  @BeforeEach
  void setUp() throws IOException {
    fixture = new AgentFixture(directory);
  }

  private static BackupRunner.Status status(Agent agent) {
    return Objects.requireNonNull(agent.backupStatus());
  }

  @Test
  void shouldTakeTheNextBackupAfterAnError() throws Exception {
    try (Agent agent =
        fixture
            .with(
                new BackupJob() {
                  @Override
                  public void run(Stores stores, Listener listener) {
                    throw new OutOfMemoryError("made for the test");
                  }

                  @Override
                  public void cancel() {}
                })
            .start()) {
      for (int i = 0; i < 2; i++) {
        agent.backup();
        await("failed", () -> status(agent).state() == BackupRunner.State.FAILED);
      }

      assertTrue(status(agent).error().contains("made for the test"));
    }
  }

  @Test
  void shouldRefuseASecondBackupFollowMeanwhileAndTellHowItGoes() throws Exception {
    HeldBackup job = new HeldBackup();
    GeneratedVnode one = fixture.vnode(1);
    GeneratedVnode two = fixture.vnode(2);
    try (one;
        two;
        Agent agent = fixture.with(job).start()) {
      AgentFixture.awaitThrough(agent, 2, 1);

      agent.backup();
      job.reached.await();
      IOException refused = assertThrows(IOException.class, agent::backup);
      long version = two.insert(0, 1);
      AgentFixture.awaitThrough(agent, 2, version);

      BackupRunner.Status running = status(agent);
      assertEquals(BackupRunner.State.RUNNING, running.state());
      assertEquals("power-1", running.name());
      assertEquals(1, running.callsDone());
      assertEquals(2, running.calls());
      assertEquals(2, job.lent.get());
      assertEquals(
          "a backup runs already: name=power-1, startedMs=" + running.startedMs(),
          refused.getMessage());
      job.held.countDown();
      await("end", () -> status(agent).state() == BackupRunner.State.DONE);
      assertEquals(30, status(agent).rows());
      assertEquals("", status(agent).error());
    }
  }

  @Test
  void shouldSayWhyABackupFailedAndCancelItWhenTheAgentEnds() throws Exception {
    try (GeneratedVnode vnode = fixture.vnode(1)) {
      try (Agent agent = fixture.start()) {
        AgentFixture.awaitThrough(agent, 1, 1);
        agent.backup();
        await("end", () -> status(agent).state() == BackupRunner.State.FAILED);
        assertTrue(agent.health().reasons().contains("backup failed: no backup here"));
        assertTrue(vnode.insert(0, 1) > 0);
      }
      HeldBackup job = new HeldBackup();
      Agent ending = fixture.with(job).start();
      ending.backup();
      job.reached.await();

      ending.close();

      assertEquals("cancelled", status(ending).error());
    }
  }
}
