package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.Verdict;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.testing.ChildJvm;
import io.tidemark.testing.Rounds;
import io.tidemark.tracker.ChangeSet;
import io.tidemark.tracker.StoreReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent in a process of its own that is killed while its logs grow, and started again. */
class AgentKillTest {
  private static final int VGROUPS = Rounds.of("tidemark.agent.killed.vgroups", 8, 4);
  private static final int KILLS = Rounds.of("tidemark.agent.kills", 4, 2);

  @TempDir private Path directory;
  private final List<GeneratedVnode> vnodes = new ArrayList<>();
  private final List<Integer> tables = new ArrayList<>();
  private final List<Long> lastVersions = new ArrayList<>();

  private Path stores() {
    return directory.resolve("stores");
  }

  private ChildJvm start() throws IOException {
    ChildJvm child =
        ChildJvm.start(
            Main.class,
            "agent",
            "--json",
            "--data-dir",
            directory.resolve("vnode").toString(),
            "--store",
            stores().toString(),
            "--set",
            "http.port=0",
            "--set",
            "agent.idle_poll_interval_ms=20",
            "--set",
            "agent.checkpoint_interval_seconds=1");
    String started = child.readLine();
    assertTrue(started != null && started.startsWith("{\"event\":\"started\""), started);
    return child;
  }

  private void insertEverywhere() throws IOException {
    for (int i = 0; i < VGROUPS; i++) {
      lastVersions.set(i, vnodes.get(i).insert(tables.get(i), 1));
      tables.set(i, tables.get(i) + 1);
    }
  }

  private void awaitCaughtUp() {
    while (!isCaughtUp()) {
      LockSupport.parkNanos(50_000_000);
    }
  }

  /** Whether each vgroup is complete through its last version. */
  private boolean isCaughtUp() {
    String status = Tool.run("agent", "status", "--store", stores()).out();
    for (int i = 0; i < VGROUPS; i++) {
      String ofVgroup = "\"name\":\"vnode" + (i + 1) + "\"[^}]*[}][^}]*";
      String through = "\"completeThrough\":\"1/" + lastVersions.get(i) + "\"";
      if (!Pattern.compile(ofVgroup + through).matcher(status).find()) {
        return false;
      }
    }
    return true;
  }

  @Test
  void shouldResumeEveryVgroupWhereItWas() throws Exception {
    Random random = new Random(99);
    Files.createDirectories(directory.resolve("vnode"));
    for (int i = 0; i < VGROUPS; i++) {
      vnodes.add(GeneratedVnode.create(directory.resolve("vnode"), i + 1, "power", 3600));
      tables.add(0);
      lastVersions.add(0L);
    }

    for (int kill = 0; kill < KILLS; kill++) {
      try (ChildJvm child = start()) {
        int rounds = 1 + random.nextInt(40);
        for (int round = 0; round < rounds; round++) {
          insertEverywhere();
        }
        if (kill % 2 == 1) {
          awaitCaughtUp();
        }
        child.kill();
        if (kill % 2 == 1) {
          assertTrue(
              Tool.run("stat", stores().resolve("vnode1"), "--silent-after-ms", "0")
                  .out()
                  .startsWith(
                      "writer is SILENT, these are its last values: pid="
                          + child.pid()
                          + ", which is gone, lastHeartbeat="));
        }
      }
    }

    try (ChildJvm child = start()) {
      insertEverywhere();
      awaitCaughtUp();
      Tool table = Tool.run("stat", stores());
      assertEquals(VGROUPS, table.out().lines().filter(line -> line.contains("LIVE")).count());
      // SIGTERM: it publishes everything and ends well.
      assertTrue(ProcessHandle.of(child.pid()).orElseThrow().destroy());
      assertEquals(0, child.awaitEnd());
    }

    for (int i = 0; i < VGROUPS; i++) {
      StoreReader reader = StoreReader.open(stores().resolve("vnode" + (i + 1)));
      ChangeSet answer = reader.view().changedEver();
      assertEquals(Verdict.EXACT, answer.verdict());
      // The stable, and a definition and a data block of each table.
      assertEquals(1 + 2 * tables.get(i), answer.changes().size());
      assertEquals(0, reader.report().replayedEntries());
      vnodes.get(i).close();
    }
    Tool stat = Tool.run("stat", stores());
    assertTrue(stat.out().contains("CLOSED"), stat.out());
    assertTrue(stat.out().contains("writer ended in good order"), stat.out());
    Tool json = Tool.run("stat", stores(), "--json");
    assertTrue(
        json.out().startsWith("{\"event\":\"metrics\",\"labels\":{\"database\":\"power\""),
        json.out());
    assertEquals(ExitCode.NOT_READY, Tool.run("agent", "status", "--store", stores()).exitCode());
  }

  @Test
  void shouldRefuseWhatItCannotDoWithOneLineAndItsExitCode() throws Exception {
    Path file = directory.resolve("agent.json");
    Files.writeString(file, "{\"backup\":{\"retry_count\":-1}}");

    Tool wrong = Tool.run("agent", "--config", file);
    assertEquals(ExitCode.USAGE, wrong.exitCode());
    assertEquals(
        "incremental_bitmap_tool agent: configuration value is out of range:"
            + " path=backup.retry_count, value=-1, allowed=0 to 1000, unit=retries, line=1,"
            + " column=26, file="
            + file,
        wrong.errLine());
    Tool missing = Tool.run("agent", "--config", directory.resolve("none.json"));
    assertEquals(ExitCode.FAILED, missing.exitCode());
    Tool noData = Tool.run("agent", "--data-dir", directory.resolve("none"), "--store", stores());
    assertEquals(ExitCode.USAGE, noData.exitCode());
    assertEquals(
        "incremental_bitmap_tool agent: directory does not exist: directory="
            + directory.resolve("none"),
        noData.errLine());
    Tool noStores = Tool.run("stat", directory);
    assertEquals(ExitCode.USAGE, noStores.exitCode());
  }
}
