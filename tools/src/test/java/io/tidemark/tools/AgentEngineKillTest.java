package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.Rounds;
import io.tidemark.tools.agent.ControlClient;
import io.tidemark.tools.agent.ControlServer;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An agent in a process of its own that follows engines which are open and changed in this one, is
 * killed meanwhile, half of the times while it takes a backup of them, and started again.
 */
class AgentEngineKillTest {
  private static final int KILLS = Rounds.of("tidemark.agent.engineKills", 4, 2);
  private static final int ENGINES = 3;
  private static final int BLOCKS = 400;

  @TempDir private Path directory;
  private final Random random = new Random(4_711);
  private final List<Followed> followed = new ArrayList<>();

  /** An engine and which of its blocks were ever changed. */
  private record Followed(String name, EmbeddedEngine engine, TreeSet<Long> changed) {

    void change(Random random) throws IOException {
      long block = random.nextInt(BLOCKS);
      byte[] content = ByteBuffer.allocate(300).putInt(random.nextInt()).array();
      if (engine.length(block) < 0) {
        engine.create(block, content);
      } else if (random.nextInt(8) == 0) {
        engine.delete(block);
      } else {
        engine.update(block, content);
      }
      changed.add(block);
      if (random.nextInt(200) == 0) {
        engine.flush();
      }
    }

    static TreeMap<Long, byte[]> contents(EmbeddedEngine engine) throws IOException {
      TreeMap<Long, byte[]> contents = new TreeMap<>();
      engine.forEachBlock((id, length) -> contents.put(id, engine.read(id)));
      return contents;
    }
  }

  private Path stores() {
    return directory.resolve("stores");
  }

  private Path archive() {
    return directory.resolve("archive");
  }

  private EmbeddedEngine open(Path place) throws IOException {
    // It rolls, flushes and merges often, and keeps its log.
    return EmbeddedEngine.open(
        place,
        new EmbeddedOptions(
            1, 40_000, 10_000, 1L << 30, 1 << 16, 3, SystemEpochNanoClock.INSTANCE));
  }

  private ChildJvm start() throws IOException {
    List<String> words = new ArrayList<>(List.of("agent", "--json", "--store", "" + stores()));
    for (String set :
        List.of(
            "agent.source=embedded",
            "agent.engine_directory=" + directory.resolve("engines"),
            "backup.directory=" + archive(),
            "backup.batch_size=10",
            "http.port=0",
            "agent.idle_poll_interval_ms=20",
            "agent.checkpoint_interval_seconds=1")) {
      words.addAll(List.of("--set", set));
    }
    ChildJvm child = ChildJvm.start(Main.class, words.toArray(String[]::new));
    String started = child.readLine();
    assertTrue(started != null && started.startsWith("{\"event\":\"started\""), started);
    return child;
  }

  private void change(int rounds) throws IOException {
    for (int round = 0; round < rounds; round++) {
      for (Followed one : followed) {
        one.change(random);
      }
    }
  }

  /** Orders a backup, and returns when it has copied some blocks, or all there are. */
  private void backUpInPart(int blocks) throws IOException {
    ControlClient.send(stores(), ControlServer.Order.BACKUP);
    while (true) {
      Json backup =
          Json.parse(ControlClient.send(stores(), ControlServer.Order.STATUS)).get("backup");
      boolean isRunning = backup.get("state").toString().equals("RUNNING");
      if (!isRunning || Integer.parseInt(backup.get("rows").toString()) >= blocks) {
        return;
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void backUpToTheEnd() throws IOException {
    Json backup = BackupByOrder.take(stores());
    assertEquals("DONE", backup.get("state").toString(), backup.toString());
  }

  private void assertRestores(Followed one, String name) throws IOException {
    Path target = directory.resolve(name);
    String shard = one.engine.shard();
    Tool restore =
        Tool.run("restore", "--archive", archive(), "--target", target, "--shard", shard);
    assertEquals(ExitCode.DONE, restore.exitCode(), restore.err());
    try (EmbeddedEngine restored = EmbeddedEngine.open(target, EmbeddedOptions.defaults())) {
      TreeMap<Long, byte[]> expected = Followed.contents(one.engine);
      TreeMap<Long, byte[]> actual = Followed.contents(restored);
      assertEquals(expected.keySet(), actual.keySet());
      expected.forEach((id, content) -> assertArrayEquals(content, actual.get(id), "block " + id));
    }
  }

  @Test
  void shouldMissNothingAndRestoreWhatWasBackedUpHoweverOftenItIsKilled() throws Exception {
    for (int i = 0; i < ENGINES; i++) {
      String name = "e" + i;
      followed.add(
          new Followed(name, open(directory.resolve("engines").resolve(name)), new TreeSet<>()));
    }

    for (int kill = 0; kill < KILLS; kill++) {
      try (ChildJvm child = start()) {
        change(100 + random.nextInt(400));
        if (kill % 2 == 1) {
          backUpInPart(random.nextInt(BLOCKS));
        }
        child.kill();
      }
      change(random.nextInt(100));
    }
    try (ChildJvm child = start()) {
      // One may have been interrupted, whose blocks are of older moments.
      backUpToTheEnd();
      change(10);
      backUpToTheEnd();
      assertTrue(ProcessHandle.of(child.pid()).orElseThrow().destroy());
      assertEquals(0, child.awaitEnd());
    }

    Tool verified = Tool.run("verify", "--archive", archive(), "--level", "restore");
    assertEquals(ExitCode.DONE, verified.exitCode(), verified.err());
    for (Followed one : followed) {
      StoreReader reader = StoreReader.open(stores().resolve("engine-" + one.name));
      ChangeSet answer = reader.view().changedEver();
      assertEquals(Verdict.EXACT, answer.verdict(), answer.holes().toString());
      assertEquals(
          List.copyOf(one.changed), answer.changes().stream().map(BlockChange::blockId).toList());
      assertRestores(one, one.name + "-restored");
      one.engine.close();
    }
  }
}
