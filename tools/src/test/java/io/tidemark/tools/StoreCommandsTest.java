package io.tidemark.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.block.BlockEventType;
import io.tidemark.metrics.Metric;
import io.tidemark.metrics.StoreCounters;
import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.OpenSegment;
import io.tidemark.testing.RepositoryFiles;
import io.tidemark.tracker.StoreIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.agrona.concurrent.CachedEpochClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that read a store: inspect, replay and check. */
class StoreCommandsTest {
  private static final String NAME = "incremental_bitmap_tool ";

  @TempDir private Path directory;

  private Path data;
  private Path stores;
  private Path store;

  @BeforeEach
  void fillStores() throws IOException {
    data = directory.resolve("data");
    stores = directory.resolve("stores");
    store = stores.resolve("vnode23");
    new DemoServer(data, directory.resolve("staging")).writeAll(2);
    Tool detect =
        Tool.run("detect", data, "--store", stores, "--output", directory.resolve("blocks.json"));
    assertEquals(ExitCode.DONE, detect.exitCode(), detect.err());
  }

  private static Path only(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.sorted().toList().get(0);
    }
  }

  private static void flip(Path file, int offset) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[offset] ^= 1;
    Files.write(file, bytes);
  }

  private static List<Json> events(Tool run, String event) {
    return run.out()
        .lines()
        .map(Json::parse)
        .filter(line -> line.get("event").toString().equals(event))
        .toList();
  }

  @Test
  void shouldFindACleanStoreClean() {
    Tool run = Tool.run("check", store);

    assertEquals(ExitCode.DONE, run.exitCode(), run.out());
    assertEquals("clean: 2 segments, 84 changes, 2 journal records read", run.out().strip());
  }

  @Test
  void shouldListWhatADamagedStoreHas() throws IOException {
    Path segment = only(store.resolve("segments"));
    flip(segment, 100);

    Tool people = Tool.run("check", store);
    Tool programs = Tool.run("check", store, "--json");

    assertEquals(ExitCode.VERIFICATION_FAILED, people.exitCode());
    assertTrue(people.out().contains("TRUTH  corrupt file: wrong payload CRC: "), people.out());
    assertTrue(people.out().contains("NOT CLEAN: "), people.out());
    List<Json> lines = programs.out().lines().map(Json::parse).toList();
    assertEquals("finding", lines.get(0).get("event").value());
    assertEquals("TRUTH", lines.get(0).get("severity").value());
    assertEquals(segment.toString(), lines.get(0).get("file").value());
    assertEquals(false, lines.get(lines.size() - 1).get("clean").value());
  }

  @Test
  void shouldPrintTheJournalInOrder() {
    Tool run = Tool.run("replay", store, "--json");

    List<Json> lines = run.out().lines().map(Json::parse).toList();
    assertEquals(ExitCode.DONE, run.exitCode());
    for (int i = 0; i < lines.size() - 1; i++) {
      assertEquals(Integer.toString(i + 1), lines.get(i).get("position").value());
    }
    Json result = lines.get(lines.size() - 1);
    assertEquals(lines.size() - 1L, result.get("entries").value());
    assertEquals("null", result.get("next").toString());
  }

  @Test
  void shouldPrintOnlyWhatPassesTheFilters() {
    Tool block = Tool.run("replay", store, "--block", 2, "--type", "create,UPDATE", "--json");
    Tool range = Tool.run("replay", store, "--from", 5, "--to", 7, "--json");
    Tool limited = Tool.run("replay", store, "--limit", 3);

    List<Json> ofBlock = block.out().lines().map(Json::parse).toList();
    assertTrue(ofBlock.size() > 2, block.out());
    for (Json line : ofBlock.subList(0, ofBlock.size() - 1)) {
      assertEquals("2", line.get("block").value());
      assertTrue(List.of("CREATE", "UPDATE").contains(line.get("type").toString()));
    }
    assertEquals(
        List.of("5", "6", "7"),
        range.out().lines().limit(3).map(l -> Json.parse(l).get("position").toString()).toList());
    assertEquals(4, range.out().lines().count());
    assertTrue(limited.out().contains("3 entries; the store ends at position"), limited.out());
    assertTrue(limited.out().endsWith("; more: --from 4\n"), limited.out());
  }

  @Test
  void shouldRefuseFiltersThatMakeNoSense() {
    assertEquals(
        NAME
            + "replay: --block is no number from 0 to 18446744073709551615: value=-1"
            + " (see: incremental_bitmap_tool replay --help)",
        Tool.run("replay", store, "--block=-1").errLine());
    assertEquals(
        NAME
            + "replay: --to lies before --from: value=2, from=3"
            + " (see: incremental_bitmap_tool replay --help)",
        Tool.run("replay", store, "--from", 3, "--to", 2).errLine());
    assertEquals(ExitCode.USAGE, Tool.run("replay", store, "--type", "WRITE").exitCode());
    assertEquals(ExitCode.USAGE, Tool.run("replay", store, "--from", 0).exitCode());
    assertEquals(ExitCode.USAGE, Tool.run("replay", store, "--limit=-1").exitCode());
  }

  @Test
  void shouldRebuildTheSameFromTheJournal() {
    Tool run = Tool.run("replay", store, "--rebuild");

    assertEquals(ExitCode.DONE, run.exitCode(), run.out());
    assertTrue(run.out().startsWith("same: "), run.out());
  }

  @Test
  void shouldSayWhereTheStoreDiffersFromItsJournal() throws IOException {
    Path file = only(store.resolve("segments"));
    ChangeSegment right = ChangeSegment.open(file, 0);
    OpenSegment other =
        new OpenSegment(right.generation(), right.firstPosition(), right.nextBlockId());
    other.onEvent(right.lastPosition(), right.generation(), BlockEventType.UPDATE, 1, 5, 7);
    other.toSegment().publish(file, StoreIdentity.open(store).storeId());

    Tool run = Tool.run("replay", store, "--rebuild");

    assertEquals(ExitCode.VERIFICATION_FAILED, run.exitCode(), run.out());
    assertTrue(run.out().startsWith("differs: "), run.out());
    assertTrue(run.out().contains("DIFFERENT: "), run.out());
  }

  @Test
  void shouldSayWhatIsLostWhereSegmentAndJournalAreDamaged() throws IOException {
    flip(only(store.resolve("segments")), 100);
    damageFirstJournalRecord();

    Tool run = Tool.run("check", store);

    assertEquals(ExitCode.VERIFICATION_FAILED, run.exitCode(), run.out());
    assertTrue(run.out().contains("lost: "), run.out());
  }

  private void damageFirstJournalRecord() throws IOException {
    Path queue = only(only(store.resolve("journal")));
    byte[] bytes = Files.readAllBytes(queue);
    int record = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("TMJOURNL");
    flip(queue, record + 200);
  }

  @Test
  void shouldSayThatADirectoryIsNoStore() {
    for (String command : List.of("check", "replay")) {
      Tool run = Tool.run(command, data);

      assertEquals(ExitCode.USAGE, run.exitCode());
      assertEquals(
          NAME + command + ": not a store: no STORE file: directory=" + data, run.errLine());
    }
  }

  @Test
  void shouldInspectAStoreAndADirectoryOfStores() {
    Tool one = Tool.run("inspect", store);
    Tool both = Tool.run("inspect", stores, "--json");

    assertEquals(ExitCode.DONE, one.exitCode());
    assertTrue(one.out().contains("tracks     tdengine vgroup 23 of database power"), one.out());
    assertTrue(one.out().contains("log        complete through 1/27"), one.out());
    assertTrue(one.out().contains("cursors    chain detect at "), one.out());
    List<Json> described = events(both, "store");
    assertEquals(2, described.size());
    assertEquals("1/27", described.get(0).get("completeThrough").value());
    assertEquals("1/19", described.get(1).get("completeThrough").value());
  }

  @Test
  void shouldInspectEveryFileOfAStore() throws IOException {
    for (String view : List.of("segments", "snapshots", "catalog")) {
      Tool run = Tool.run("inspect", only(store.resolve(view)));

      assertEquals(ExitCode.DONE, run.exitCode(), run.err());
      assertTrue(run.out().contains(view.substring(0, 7).toUpperCase(Locale.ROOT)));
    }
    Tool identity = Tool.run("inspect", store.resolve("STORE"));
    Tool checkpoint = Tool.run("inspect", store.resolve("checkpoint-00000000000000000001"));
    Tool journal = Tool.run("inspect", only(store.resolve("journal")));

    assertTrue(identity.out().contains("tracks     tdengine vgroup 23"), identity.out());
    assertTrue(checkpoint.out().contains("number     1"), checkpoint.out());
    assertTrue(journal.out().contains("records    2 intact, positions 1 to "), journal.out());
    assertTrue(journal.out().contains("1 commit"), journal.out());
  }

  @Test
  void shouldSayWhichByteOfAFileIsWrong() throws IOException {
    Path segment = only(store.resolve("segments"));
    flip(segment, 20);

    Tool run = Tool.run("inspect", segment);

    assertEquals(ExitCode.FAILED, run.exitCode());
    assertTrue(
        run.errLine().startsWith(NAME + "inspect: corrupt file: wrong header CRC: "), run.err());
  }

  @Test
  void shouldInspectTheWalOfAVnode() throws IOException {
    Files.write(
        data.resolve("vnode24/wal/00000000000000000018.log"),
        new byte[] {1, 2, 3},
        StandardOpenOption.APPEND);

    Tool vnode = Tool.run("inspect", data.resolve("vnode24"));
    Tool wal = Tool.run("inspect", data.resolve("vnode24/wal"), "--json");
    Tool all = Tool.run("inspect", data);

    assertEquals(ExitCode.DONE, vnode.exitCode(), vnode.err());
    assertTrue(vnode.out().contains("vgroup     24 of database power"), vnode.out());
    assertTrue(vnode.out().contains("tail       3 bytes at offset 262 of segment 18"), vnode.out());
    assertTrue(vnode.out().contains("2 VND_DELETE"), vnode.out());
    List<Json> segments = events(wal, "walSegment");
    assertEquals(4, segments.size());
    assertEquals("right", segments.get(0).get("index").value());
    assertEquals("7", segments.get(0).get("last").value());
    assertTrue(all.out().contains("vgroup     23 of database power"), all.out());
  }

  @Test
  void shouldInspectTheDataFilesOfAVnode() throws IOException {
    Path vnode =
        RepositoryFiles.path("src/test/resources/tdengine/corpus/s6-wave3-flushed/vnode24");

    Tool whole = Tool.run("inspect", vnode);
    Tool files = Tool.run("inspect", vnode.resolve("tsdb"), "--json");

    assertEquals(ExitCode.DONE, whole.exitCode(), whole.err());
    assertTrue(whole.out().contains("vgroup     24 of database power"), whole.out());
    assertTrue(whole.out().contains("data files " + vnode.resolve("tsdb")), whole.out());
    List<Json> sets = events(files, "fileSet");
    assertEquals(5, sets.size());
    assertEquals("20756", sets.get(0).get("number").value());
    assertEquals("0", sets.get(0).get("sttFiles").toString());
    assertEquals("1", sets.get(2).get("sttFiles").toString());
    assertTrue(Integer.parseInt(sets.get(2).get("deletions").toString()) > 0, files.out());
  }

  @Test
  void shouldInspectCounters() throws IOException {
    CachedEpochClock clock = new CachedEpochClock();
    Path counted = Files.createDirectory(directory.resolve("counted"));
    try (StoreCounters counters =
        StoreCounters.create(counted, Map.of("vgroup", "7"), 3, 0, clock, null)) {
      counters.set(Metric.GAP_COUNT, 5);

      Tool text = Tool.run("inspect", counted.resolve("counters.dat"));
      Tool json = Tool.run("inspect", counted.resolve("counters.dat"), "--json");

      assertEquals(ExitCode.DONE, text.exitCode(), text.err());
      assertTrue(text.out().contains("gap_count"), text.out());
      assertEquals("5", events(json, "counters").get(0).get("gap_count").toString());
      assertEquals("3", events(json, "counters").get(0).get("epoch").value());
    }
  }

  @Test
  void shouldRefuseWhatItDoesNotRecognise() throws IOException {
    Path text = Files.writeString(directory.resolve("notes.txt"), "hello");
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Path nowhere = directory.resolve("nowhere");

    Tool file = Tool.run("inspect", text);
    Tool nothing = Tool.run("inspect", empty);
    Tool missing = Tool.run("inspect", nowhere);

    assertEquals(ExitCode.USAGE, file.exitCode());
    assertEquals(
        NAME + "inspect: neither a file of a store nor a directory: file=" + text, file.errLine());
    assertEquals(ExitCode.USAGE, nothing.exitCode());
    assertEquals(NAME + "inspect: directory holds no vnode: directory=" + empty, nothing.errLine());
    assertEquals(ExitCode.FAILED, missing.exitCode());
    assertEquals(NAME + "inspect: no such file or directory: file=" + nowhere, missing.errLine());
  }

  @Test
  void shouldListChainsAndForgetOne() {
    Tool list = Tool.run("chain", store);
    Tool drop = Tool.run("chain", store, "--drop", "detect", "--json");
    Tool again = Tool.run("chain", store, "--drop", "detect");

    assertEquals(ExitCode.DONE, list.exitCode(), list.err());
    assertEquals(
        List.of("chain", "detect"), list.out().lines().map(line -> line.split(" ", 2)[0]).toList());
    assertEquals(ExitCode.DONE, drop.exitCode(), drop.err());
    assertEquals("detect", events(drop, "dropped").get(0).get("chain").toString());
    assertEquals(List.of(), events(drop, "chain"));
    assertEquals(ExitCode.USAGE, again.exitCode());
    assertEquals(
        NAME + "chain: store has no such chain: chain=detect, chains=[], directory=" + store,
        again.err().strip());
    assertEquals("no chains", Tool.run("chain", store).out().strip());
  }

  @Test
  void shouldForgetChainsThatOweNothingNever() {
    Tool run = Tool.run("chain", store, "--drop-idle", "0");

    assertEquals(ExitCode.DONE, run.exitCode(), run.err());
    assertTrue(run.out().contains("\ndetect "), run.out());
  }
}
