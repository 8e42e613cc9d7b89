package io.tidemark.tdengine.tsdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.tdengine.BruteForceWal;
import io.tidemark.tdengine.Corpus;
import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.VnodeDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the data files of a real server hold is what that server counted. */
class TsdbScannerTest {

  private record Key(long uid, long timestamp, int sameTimestamp) {}

  private record Row(long uid, long fileSet, long version, long timestamp) {}

  static Stream<Path> snapshots() {
    return FlushedCorpus.snapshots().stream();
  }

  static Stream<VnodeDirectory> vnodes() {
    return FlushedCorpus.vnodes();
  }

  @ParameterizedTest
  @MethodSource("snapshots")
  void shouldHoldWithTheUncommittedRestOfTheLogTheRowsThatTheServerCounts(Path snapshot)
      throws Exception {
    Map<Long, FlushedCorpus.Counts> counted = new TreeMap<>();
    String database = "";

    for (VnodeDirectory vnode : Corpus.vnodesOf(snapshot)) {
      database = vnode.config().database();
      List<Row> rows = rows(vnode);
      addUncommitted(vnode, rows);
      counted.putAll(count(rows, TsdbScanner.scan(vnode).tombstones()));
    }

    counted.keySet().retainAll(FlushedCorpus.liveTables(snapshot, database));
    assertEquals(FlushedCorpus.truth(snapshot, database), counted);
  }

  @ParameterizedTest
  @MethodSource("vnodes")
  void shouldBoundTheVersionsAndTimesOfEveryTableInEveryFileSet(VnodeDirectory vnode)
      throws Exception {
    Map<List<Long>, TableRows> expected = new HashMap<>();
    for (Row row : rows(vnode)) {
      TableRows one =
          new TableRows(
              row.uid(),
              0,
              row.fileSet(),
              row.version(),
              row.version(),
              1,
              row.timestamp(),
              row.timestamp());
      expected.merge(List.of(row.uid(), row.fileSet()), one, TableRows::plus);
    }

    TsdbScan scan = TsdbScanner.scan(vnode);

    assertEquals(expected.size(), scan.tables().size());
    for (TableRows rows : scan.tables()) {
      TableRows wanted = Objects.requireNonNull(expected.get(List.of(rows.uid(), rows.fileSet())));
      assertEquals(wanted.minVersion(), rows.minVersion());
      assertEquals(wanted.maxVersion(), rows.maxVersion());
      assertEquals(wanted.rows(), rows.rows());
      assertEquals(wanted.firstTimestamp(), rows.firstTimestamp());
      assertEquals(wanted.lastTimestamp(), rows.lastTimestamp());
      assertTrue(rows.maxVersion() <= scan.committedVersion());
    }
  }

  /** Reads the key of every row, which a scan does only for what is not merged yet. */
  private static List<Row> rows(VnodeDirectory vnode) throws Exception {
    VnodeConfig config = vnode.config();
    ColumnDecoder decoder = new ColumnDecoder();
    List<Row> rows = new ArrayList<>();
    for (TsdbFileSet set : TsdbScanner.scan(vnode).fileSets()) {
      TsdbFile head = set.head();
      TsdbFile data = set.data();
      if (head != null && data != null) {
        try (PagedFile index = PagedFile.open(head, config.tsdbPageBytes());
            PagedFile file = PagedFile.open(data, config.tsdbPageBytes())) {
          for (BrinRecord block : HeadFile.read(index, decoder, data.lengthBytes())) {
            add(keys(file, decoder, block), set, rows);
          }
        }
      }
      for (TsdbFile stt : set.stt()) {
        try (PagedFile file = PagedFile.open(stt, config.tsdbPageBytes())) {
          for (KeyColumns keys : new SttFile(file, decoder, set.number()).blocks()) {
            add(keys, set, rows);
          }
        }
      }
    }
    return rows;
  }

  private static void addUncommitted(VnodeDirectory vnode, List<Row> rows) throws Exception {
    FileSets fileSets = vnode.config().fileSets();
    long committed = vnode.config().commitVersion();
    for (BruteForceWal.Message message : BruteForceWal.read(vnode.walDirectory())) {
      long version = message.version();
      if (version > committed) {
        for (BruteForceWal.TableRows table : message.submitted()) {
          for (BruteForceWal.Row row : table.rows()) {
            long timestamp = row.timestamp();
            rows.add(new Row(table.uid(), fileSets.fileSetOf(timestamp), version, timestamp));
          }
        }
        assertNull(message.delete());
      }
    }
  }

  private static KeyColumns keys(PagedFile file, ColumnDecoder decoder, BrinRecord block)
      throws IOException {
    KeyColumns keys =
        KeyColumns.read(
            file.read(block.blockOffset(), block.keyBytes(), "block"),
            decoder,
            file.place(block.blockOffset()));
    assertEquals(block.suid(), keys.suid());
    assertEquals(block.rows(), keys.versions().length);
    return keys;
  }

  private static void add(KeyColumns keys, TsdbFileSet set, List<Row> rows) {
    for (int i = 0; i < keys.uids().length; i++) {
      rows.add(new Row(keys.uids()[i], set.number(), keys.versions()[i], keys.timestamps()[i]));
    }
  }

  /** Counts the rows that no later one replaced and no later deletion took. */
  private static Map<Long, FlushedCorpus.Counts> count(List<Row> rows, List<Tombstone> tombstones) {
    Map<Key, Row> newest = new HashMap<>();
    Map<List<Long>, Integer> sameTimestamp = new HashMap<>();
    for (Row row : rows) {
      // Rows of one version and timestamp differ in the rest of their key.
      int number =
          sameTimestamp.merge(List.of(row.uid(), row.timestamp(), row.version()), 1, Integer::sum);
      Key key = new Key(row.uid(), row.timestamp(), number);
      newest.merge(key, row, (a, b) -> a.version() >= b.version() ? a : b);
    }
    Map<Long, FlushedCorpus.Counts> counts = new TreeMap<>();
    for (Row row : newest.values()) {
      if (tombstones.stream().noneMatch(tombstone -> takes(tombstone, row))) {
        counts.merge(
            row.uid(),
            new FlushedCorpus.Counts(1, row.timestamp(), row.timestamp()),
            (a, b) ->
                new FlushedCorpus.Counts(
                    a.rows() + b.rows(),
                    Math.min(a.firstTimestamp(), b.firstTimestamp()),
                    Math.max(a.lastTimestamp(), b.lastTimestamp())));
      }
    }
    return counts;
  }

  private static boolean takes(Tombstone tombstone, Row row) {
    return tombstone.uid() == row.uid()
        && tombstone.fileSet() == row.fileSet()
        && tombstone.version() >= row.version()
        && tombstone.firstTimestamp() <= row.timestamp()
        && tombstone.lastTimestamp() >= row.timestamp();
  }
}
