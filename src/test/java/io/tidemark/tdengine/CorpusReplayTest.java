package io.tidemark.tdengine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replays what a server logged and compares with what the server answered. */
class CorpusReplayTest {
  private static final Comparator<BruteForceWal.Row> BY_KEY =
      Comparator.comparingLong(BruteForceWal.Row::timestamp).thenComparing(BruteForceWal.Row::key);

  static Stream<Path> snapshots() {
    return Corpus.snapshots().stream();
  }

  static Stream<VnodeDirectory> vnodes() {
    return Corpus.vnodes();
  }

  @ParameterizedTest
  @MethodSource("snapshots")
  void shouldReproduceRowCountAndBoundsOfEveryTable(Path snapshot) throws Exception {
    final Map<Long, NavigableSet<BruteForceWal.Row>> rows = new HashMap<>();
    String database = "";

    for (final VnodeDirectory vnode : Corpus.vnodesOf(snapshot)) {
      database = vnode.config().database();
      replay(vnode.walDirectory(), rows);
    }

    assertEquals(truth(snapshot, database), summaries(rows));
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldDecodeEveryRecordAsTheBruteForceDecoderDoes(VnodeDirectory vnode) throws Exception {
    final List<BruteForceWal.Message> expected = BruteForceWal.read(vnode.walDirectory());

    final List<BruteForceWal.Message> actual = decode(vnode.walDirectory(), expected);

    assertEquals(expected, actual);
    assertTrue(expected.size() >= 10);
  }

  private static void replay(Path wal, Map<Long, NavigableSet<BruteForceWal.Row>> rows)
      throws Exception {
    final Map<Long, Long> stableOf = new HashMap<>();
    for (final BruteForceWal.Message message : decode(wal, BruteForceWal.read(wal))) {
      for (final BruteForceWal.Table table : message.created()) {
        create(table, rows, stableOf);
      }
      for (final BruteForceWal.TableRows submitted : message.submitted()) {
        if (submitted.created() != null) {
          create(submitted.created(), rows, stableOf);
        }
        final NavigableSet<BruteForceWal.Row> table = rows.get(submitted.uid());
        assertTrue(table != null, "rows for a table never created: uid=" + submitted.uid());
        table.addAll(submitted.rows());
      }
      for (final BruteForceWal.Table table : message.dropped()) {
        assertTrue(rows.remove(table.uid()) != null, table.name());
      }
      final BruteForceWal.Delete delete = message.delete();
      if (delete != null && delete.affectedRows() > 0) {
        for (final long uid : delete.uids()) {
          Objects.requireNonNull(rows.get(uid))
              .removeIf(r -> delete.first() <= r.timestamp() && r.timestamp() <= delete.last());
        }
      }
      final BruteForceWal.Stable stable = message.stable();
      if (stable != null && message.is(MessageType.VND_DROP_STB)) {
        stableOf.entrySet().stream()
            .filter(entry -> entry.getValue() == stable.suid())
            .forEach(entry -> rows.remove(entry.getKey()));
      }
    }
  }

  private static void create(
      BruteForceWal.Table table,
      Map<Long, NavigableSet<BruteForceWal.Row>> rows,
      Map<Long, Long> stableOf) {
    rows.computeIfAbsent(table.uid(), uid -> new TreeSet<>(BY_KEY));
    stableOf.put(table.uid(), table.suid());
  }

  /** Reads with the library; only the second key column, which it does not need, is borrowed. */
  private static List<BruteForceWal.Message> decode(Path wal, List<BruteForceWal.Message> keysOf)
      throws Exception {
    final List<BruteForceWal.Message> messages = new ArrayList<>();
    final Iterator<BruteForceWal.Message> keys = keysOf.iterator();
    try (WalReader reader = WalReader.open(wal)) {
      for (WalReader.Step step = reader.next(); step != WalReader.Step.END; step = reader.next()) {
        if (step == WalReader.Step.RECORD) {
          messages.add(LibraryMessages.of(reader.record(), keys.next()));
        } else {
          assertEquals(WalReader.Step.SEGMENT, step, reader.damageReason());
        }
      }
      assertNull(reader.tail());
    }
    return messages;
  }

  private static Map<Long, List<Long>> summaries(Map<Long, NavigableSet<BruteForceWal.Row>> rows) {
    final Map<Long, List<Long>> summaries = new TreeMap<>();
    rows.forEach(
        (uid, table) -> {
          if (!table.isEmpty()) {
            summaries.put(
                uid,
                Arrays.asList(
                    (long) table.size(), table.first().timestamp(), table.last().timestamp()));
          }
        });
    return summaries;
  }

  private static Map<Long, List<Long>> truth(Path snapshot, String database) throws Exception {
    final FlatJson json = FlatJson.read(snapshot.resolve("manifest.json"));
    final Map<Long, List<Long>> truth = new TreeMap<>();
    for (final String table : tablesOf(json, "truth." + database + ".counts.")) {
      final String path = "truth." + database + ".counts." + table + ".";
      if (json.number(path + "rows") > 0) {
        truth.put(
            json.number(path + "uid"),
            Arrays.asList(
                json.number(path + "rows"),
                json.number(path + "min_ts"),
                json.number(path + "max_ts")));
      }
    }
    assertTrue(truth.size() >= 3);
    return truth;
  }

  private static List<String> tablesOf(FlatJson json, String prefix) {
    return json.paths().stream()
        .filter(path -> path.startsWith(prefix) && path.endsWith(".rows"))
        .map(path -> path.substring(prefix.length(), path.length() - ".rows".length()))
        .toList();
  }
}
