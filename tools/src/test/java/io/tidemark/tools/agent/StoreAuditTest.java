package io.tidemark.tools.agent;

import static io.tidemark.tools.agent.AgentFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.journal.RecordBuffer;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.RecycledHistory;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.tdengine.WalEventSource;
import io.tidemark.tdengine.WalLog;
import io.tidemark.testing.FileTrees;
import io.tidemark.testing.RepositoryFiles;
import io.tidemark.tracker.ChangeTracker;
import io.tidemark.tracker.StoreReader;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent finds when it audits its stores, beside files that a real server wrote. */
class StoreAuditTest {
  private static final String NAME = "vnode23";
  private static final String CORPUS = "src/test/resources/tdengine/corpus/s6-wave3-flushed/";

  private static final long A_LATE_OFFSET = 1_000_000;

  @TempDir private Path directory;
  private AgentFixture fixture;
  private Path store;
  private VnodeDirectory vnode;

  @BeforeEach
  void copyVnode() throws IOException {
    fixture = new AgentFixture(directory);
    fixture.with("agent.audit_interval_seconds", "1");
    // Everything is looked at, however slow the machine is.
    fixture.with("agent.audit_limit_ms", "60000");
    store = fixture.stores.resolve(NAME);
    Path copy = fixture.data.resolve(NAME);
    FileTrees.copy(RepositoryFiles.path(CORPUS + NAME), copy);
    vnode = new VnodeDirectory(copy);
  }

  private static StoreAudit.Report awaitAudit(Agent agent, long afterMs) {
    await(
        "audit",
        () -> {
          StoreAudit.Report report = audit(agent);
          return report != null && report.atMs() > afterMs;
        });
    return Objects.requireNonNull(audit(agent));
  }

  private static StoreAudit.@Nullable Report audit(Agent agent) {
    return agent.statuses().get(0).audit();
  }

  @Test
  void shouldCompareEverythingThatIsRightAndFindNothing() throws Exception {
    try (Agent agent = fixture.start()) {
      StoreAudit.Report report = awaitAudit(agent, 0);

      assertEquals(List.of(), report.findings());
      assertEquals(6, report.fileSets());
      assertTrue(report.blocks() >= 20, "blocks=" + report.blocks());
      assertFalse(report.areViewsWrong());
      assertTrue(agent.health().isReady(), agent.health().reasons().toString());
    }
  }

  @Test
  void shouldFindNothingWhileTheLogGrowsAndSegmentsAreSealed() throws Exception {
    fixture.with("agent.checkpoint_interval_seconds", "1");
    try (GeneratedVnode growing = fixture.vnode(5);
        Agent agent = fixture.start()) {
      long auditedMs = 0;
      for (int audits = 0; audits < 3; ) {
        growing.insert(audits, 1);
        StoreAudit.Report report = agent.statuses().get(1).audit();
        if (report != null && report.atMs() > auditedMs) {
          assertEquals(List.of(), report.findings());
          auditedMs = report.atMs();
          audits++;
        }
      }
    }
  }

  @Test
  void shouldMakeAGapOfAChangeThatWasMissed() throws Exception {
    String shard = WalEventSource.shardOf(vnode.config());
    try (ChangeTracker tracker =
        ChangeTracker.open(store, shard, TrackerOptions.builder().unlimited().build())) {
      RecordBuffer record = new RecordBuffer();
      record.generation(1);
      record.cover(0, 10, new byte[0]);
      tracker.append(record);
    }
    try (Agent agent = fixture.start()) {
      StoreAudit.Report report = awaitAudit(agent, 0);

      assertEquals(1, report.findings().size());
      assertTrue(
          report
              .findings()
              .get(0)
              .startsWith(
                  "changes in data files were not tracked; their versions are gaps now: count="),
          report.findings().get(0));
      assertTrue(agent.health().reasons().toString().contains(NAME + ": audit: changes in data"));
      assertEquals(List.of(), awaitAudit(agent, report.atMs()).findings());
    }
    assertEquals(
        Verdict.FULL_REQUIRED,
        StoreReader.open(store).view().changedAfter(new WalPosition(1, 0)).verdict());
  }

  @Test
  void shouldFindADamagedSegmentAndADamagedDataFile() throws Exception {
    fixture.with("agent.checkpoint_interval_seconds", "1");
    try (Agent agent = fixture.start()) {
      awaitAudit(agent, 0);
      await("segment", () -> !segments().isEmpty());
      Path segment = segments().get(0);
      flip(segment, (int) Files.size(segment) / 2);
      Path head = vnode.dataFileDirectory().resolve("v23f20758ver3.head");
      flip(head, 700);

      StoreAudit.Report report = awaitAudit(agent, System.currentTimeMillis());

      assertTrue(
          report.findings().stream()
              .anyMatch(finding -> finding.startsWith("data files cannot be compared: malformed")),
          report.findings().toString());
      assertTrue(
          report.findings().stream().anyMatch(finding -> finding.contains(segment.toString())),
          report.findings().toString());
    }
  }

  @Test
  void shouldFindStatesOfOtherBlocksWhereTheCountsAreThoseInForce() throws Exception {
    try (VnodeFollower follower = openFollower()) {
      follower.poll(Long.MAX_VALUE);
    }
    Path other = directory.resolve("other");
    FileTrees.copy(store, other);
    writeStates(store, 1, 2);
    writeStates(other, 2, 1);
    try (VnodeFollower open = openFollower()) {
      StoreAudit.Report right = StoreAudit.run(vnode, store, open, SystemNanoClock.INSTANCE, 1, 0);
      StoreAudit.Report wrong = StoreAudit.run(vnode, other, open, SystemNanoClock.INSTANCE, 1, 0);

      assertEquals(List.of(), right.findings());
      assertEquals(
          List.of("stored states are not those in force: blockId=1, stored=DIRTY, inForce=DELETED"),
          wrong.findings());
      assertTrue(wrong.areViewsWrong());
    }
  }

  private VnodeFollower openFollower() throws Exception {
    VnodeFollower.Clocks clocks =
        new VnodeFollower.Clocks(SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE);
    return VnodeFollower.open(
        new WalLog(vnode, RecycledHistory.NONE),
        store,
        TrackerOptions.builder().unlimited().build(),
        StoreCounters.inMemory(Map.of(), clocks.epoch()),
        0,
        clocks);
  }

  private void writeStates(Path root, long deleted, long dirty) throws Exception {
    String shard = WalEventSource.shardOf(vnode.config());
    try (ChangeTracker tracker =
        ChangeTracker.open(root, shard, TrackerOptions.builder().unlimited().build())) {
      RecordBuffer record = new RecordBuffer();
      record.generation(1);
      record.event(BlockEventType.DELETE, deleted, A_LATE_OFFSET, 0);
      record.event(BlockEventType.UPDATE, dirty, A_LATE_OFFSET, 0);
      tracker.append(record);
    }
  }

  @Test
  void shouldBuildViewsAnewThatWereDropped() throws Exception {
    try (Agent agent = fixture.start()) {
      awaitAudit(agent, 0);
    }
    var before = StoreReader.open(store).states().counts();

    StoreAudit.dropViews(store);

    assertEquals(before, StoreReader.open(store).states().counts());
    try (Agent agent = fixture.start()) {
      assertEquals(List.of(), awaitAudit(agent, 0).findings());
    }
    assertEquals(before, StoreReader.open(store).states().counts());
  }

  private List<Path> segments() {
    try {
      return FileTrees.files(store.resolve("segments")).stream()
          .filter(file -> file.toString().endsWith(".seg"))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static void flip(Path file, int offset) throws IOException {
    // In place: the agent has the file mapped.
    byte[] bytes = Files.readAllBytes(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {(byte) (bytes[offset] ^ 1)}), offset);
    }
  }
}
