package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.plugin.ConfigurationSource;
import io.tidemark.plugin.LiveConfiguration;
import io.tidemark.tdengine.VnodeFollower;
import io.tidemark.testing.FileTrees;
import io.tidemark.tools.agent.Agent;
import io.tidemark.tools.agent.ControlServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that a real agent takes by order, with a program that stands in for taosdump. */
class TaosdumpBackupTest {
  @TempDir private Path directory;
  private DetectDirectory place;
  private Path backups;
  private TaosdumpPlace taosdump;
  private Agent agent;
  private ControlServer control;

  @BeforeEach
  void start() throws IOException {
    place = DetectDirectory.create(directory);
    backups = directory.resolve("backups");
    taosdump = TaosdumpPlace.create(directory.resolve("bin"));
    startAgent();
  }

  private void startAgent() throws IOException {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("agent.data_directory", place.data().toString());
    values.put("bitmap_engine.persistence_path", place.stores().toString());
    values.put("agent.refresh_interval_ms", "20");
    values.put("backup.directory", backups.toString());
    values.put("backup.taosdump", taosdump.program().toString());
    values.put("backup.retry_count", "0");
    LiveConfiguration live =
        LiveConfiguration.read(new ConfigurationSource(null, Map.of(), values));
    agent =
        Agent.start(
            live,
            new VnodeFollower.Clocks(SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE),
            line -> {},
            new TaosdumpBackup(InstantSource.system(), Map.of()));
    control = ControlServer.start(agent, place.stores(), line -> {});
  }

  @AfterEach
  void stop() throws IOException {
    control.close();
    agent.close();
  }

  private Json backup() throws IOException {
    return BackupByOrder.take(place.stores());
  }

  /** Appends what is new to the logs, as a server does beside which an agent reads. */
  private void writeOn() throws IOException {
    place.server().prepare(2);
    while (place.server().pendingCount() > 0) {
      place.server().writeNext();
    }
  }

  private List<Path> directories() throws IOException {
    try (Stream<Path> entries = Files.list(backups)) {
      return entries.sorted().toList();
    }
  }

  @Test
  void shouldCopyEverythingThenWhatChangedThenNothing() throws Exception {
    Json first = backup();
    writeOn();
    Json second = backup();
    final Json third = backup();

    assertEquals("DONE", first.get("state").toString(), first.toString());
    assertEquals("DONE", second.get("state").toString(), second.toString());
    assertEquals("false", second.get("full").toString());
    assertTrue(Integer.parseInt(second.get("calls").toString()) > 0, second.toString());
    assertEquals(second.get("calls").toString(), second.get("callsDone").toString());
    assertEquals("DONE", third.get("state").toString(), third.toString());
    assertEquals("0", third.get("calls").toString());
    assertEquals(3, directories().size());
    for (Path one : directories()) {
      assertTrue(Files.exists(one.resolve("COMPLETE")), one.toString());
      assertTrue(Files.exists(one.resolve("restore.sh")), one.toString());
    }
  }

  @Test
  void shouldGoOnWithABackupThatFailed() throws Exception {
    Json first = backup();
    writeOn();
    Files.move(taosdump.program(), taosdump.directory().resolve("away"));
    final Json failed = backup();
    Files.move(taosdump.directory().resolve("away"), taosdump.program());
    stop();
    startAgent();
    final Json second = backup();
    final Json third = backup();

    assertEquals("DONE", first.get("state").toString(), first.toString());
    assertEquals("FAILED", failed.get("state").toString(), failed.toString());
    assertTrue(!failed.get("error").toString().isEmpty());
    assertEquals("DONE", second.get("state").toString(), second.toString());
    assertEquals(failed.get("calls").toString(), second.get("calls").toString());
    assertEquals(failed.get("name").toString(), second.get("name").toString());
    assertEquals("0", third.get("calls").toString());
    assertEquals(3, directories().size());
  }

  @Test
  void shouldBeginAnewWhereABackupThatFailedWasTakenAway() throws Exception {
    backup();
    writeOn();
    Files.move(taosdump.program(), taosdump.directory().resolve("away"));
    final Json failed = backup();
    Files.move(taosdump.directory().resolve("away"), taosdump.program());
    Path left = backups.resolve(failed.get("name").toString());
    Files.write(left.resolve("export.json"), new byte[10]);

    Json second = backup();

    assertEquals("DONE", second.get("state").toString(), second.toString());
    assertEquals(failed.get("calls").toString(), second.get("calls").toString());
    assertEquals(
        second.get("name").toString(),
        String.valueOf(directories().get(directories().size() - 1).getFileName()));
    assertTrue(!Files.exists(left.resolve("COMPLETE")));
  }

  @Test
  void shouldCopyEverythingWhereTheLogHasAHole() throws Exception {
    stop();
    FileTrees.delete(place.stores());
    Files.delete(place.data().resolve("vnode23/wal/00000000000000000000.log"));
    startAgent();

    Json backup = backup();

    assertEquals("DONE", backup.get("state").toString(), backup.toString());
    assertEquals("true", backup.get("full").toString());
    assertEquals("1", backup.get("calls").toString());
  }
}
