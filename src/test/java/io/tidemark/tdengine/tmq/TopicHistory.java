package io.tidemark.tdengine.tmq;

import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.GeneratedVnode;
import io.tidemark.tdengine.RowFeed;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a server did to one vgroup, written as its WAL and remembered as what a topic shows of it.
 */
final class TopicHistory implements AutoCloseable {
  private static final int NAMES = 5;
  private static final int DAYS = 6;
  private static final long DAY_MS = 86_400_000;
  private static final long SUID = 7;
  private static final String STABLE = "meters";

  /** A row: the name it was written by, the table it was of, and its day. */
  record Row(String table, long uid, int day) {}

  /**
   * One version.
   *
   * @param rows what a topic shows of it
   * @param isHidden whether it changed something that a topic does not show
   * @param definitions tables and stables whose definition it changed, by key
   * @param touched what it changed of the data blocks that are known
   * @param isByName whether the log tells the name of what it changed and nothing else
   */
  record Entry(
      List<Row> rows,
      boolean isHidden,
      Set<String> definitions,
      Set<Row> touched,
      boolean isByName) {

    Entry(List<Row> rows, boolean isHidden, Set<String> definitions, Set<Row> touched) {
      this(rows, isHidden, definitions, touched, false);
    }
  }

  private final int vgroupId;
  private final Random random;
  private final GeneratedVnode vnode;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<String, Long> uids = new TreeMap<>();
  private final Map<Long, Set<Integer>> days = new HashMap<>();
  private long lastUid;
  private long term = 1;
  private long begin;

  TopicHistory(Path directory, int vgroupId, Random random) throws IOException {
    this.vgroupId = vgroupId;
    this.random = random;
    this.lastUid = 1000L * vgroupId;
    this.vnode = GeneratedVnode.create(directory, vgroupId, "power", 3600);
    plain();
    entries.add(new Entry(List.of(), true, Set.of("stable " + SUID), Set.of()));
  }

  static String keyOf(BlockName name) {
    return switch (name.kind()) {
      case DATA -> data(name.uid(), name.fileSet());
      case TABLE -> "table " + name.uid();
      case STABLE -> "stable " + name.uid();
    };
  }

  static String data(long uid, long day) {
    return "data " + uid + " " + day;
  }

  VnodeDirectory directory() {
    return vnode.directory();
  }

  int vgroupId() {
    return vgroupId;
  }

  /** Returns all that was ever written, by version. */
  List<Entry> entries() {
    return entries;
  }

  /** Returns the oldest version that the server still has. */
  long begin() {
    return begin;
  }

  /** Returns the version behind the last. */
  long end() {
    return entries.size();
  }

  /** Returns the table that has a name now; null if none has. */
  RowFeed.@Nullable Table table(String name) {
    Long uid = uids.get(name);
    return uid == null ? null : new RowFeed.Table(uid, SUID, name, STABLE);
  }

  private void plain() {
    entries.add(new Entry(List.of(), false, Set.of(), Set.of()));
  }

  /** Lets the server do one thing. */
  void step() throws IOException {
    List<String> names = List.copyOf(uids.keySet());
    String name = "d" + vgroupId + "_" + random.nextInt(NAMES);
    Long uid = uids.get(name);
    switch (random.nextInt(16)) {
      case 0 -> recycle();
      case 1 -> {
        vnode.wal().term(++term);
        vnode.wal().noop();
        plain();
      }
      case 2 -> {
        vnode.wal().commit();
        plain();
      }
      case 3 -> {
        if (uid != null) {
          drop(name, uid);
        }
      }
      case 4 -> {
        if (uid != null) {
          delete(uid);
        }
      }
      case 5 -> {
        if (uid != null) {
          vnode.wal().addColumn(name, "c", 4, 4, 0);
          entries.add(new Entry(List.of(), true, Set.of("table " + uid), Set.of(), true));
        }
      }
      case 6 -> vnode.wal().roll();
      default -> insert(names);
    }
  }

  private void insert(List<String> names) throws IOException {
    List<WalContent.Block> blocks = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    Set<String> definitions = new TreeSet<>();
    Set<String> used = new HashSet<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      String name =
          names.isEmpty() || random.nextInt(3) == 0
              ? "d" + vgroupId + "_" + random.nextInt(NAMES)
              : names.get(random.nextInt(names.size()));
      if (!used.add(name)) {
        continue;
      }
      int day = random.nextInt(DAYS);
      Long uid = uids.get(name);
      if (uid == null) {
        uid = ++lastUid;
        uids.put(name, uid);
        definitions.add("table " + uid);
        WalContent.Table created = WalContent.Table.child(name, uid, STABLE, SUID);
        blocks.add(WalContent.Block.creating(created, day * DAY_MS));
      } else {
        blocks.add(WalContent.Block.rows(SUID, uid, day * DAY_MS));
      }
      days.computeIfAbsent(uid, unused -> new TreeSet<>()).add(day);
      rows.add(new Row(name, uid, day));
    }
    vnode.wal().submit(blocks);
    entries.add(new Entry(rows, false, definitions, Set.copyOf(rows)));
  }

  private void drop(String name, long uid) throws IOException {
    uids.remove(name);
    vnode.wal().dropTables(List.of(WalContent.Table.child(name, uid, STABLE, SUID)));
    entries.add(new Entry(List.of(), true, Set.of("table " + uid), touched(uid, 0, DAYS)));
  }

  private void delete(long uid) throws IOException {
    int first = random.nextInt(DAYS);
    int last = first + random.nextInt(2);
    vnode.wal().delete(WalContent.Delete.of(SUID, uid, first * DAY_MS, last * DAY_MS, 1));
    entries.add(new Entry(List.of(), true, Set.of("table " + uid), touched(uid, first, last)));
  }

  private Set<Row> touched(long uid, int firstDay, int lastDay) {
    Set<Row> touched = new HashSet<>();
    for (int day : days.getOrDefault(uid, Set.of())) {
      if (day >= firstDay && day <= lastDay) {
        touched.add(new Row("", uid, day));
      }
    }
    return touched;
  }

  /** Deletes some of the segments that are full. */
  private void recycle() throws IOException {
    vnode.wal().roll();
    List<Path> logs;
    try (Stream<Path> files = Files.list(directory().walDirectory())) {
      logs = files.filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }
    int count = random.nextInt(logs.size());
    for (Path log : logs.subList(0, count)) {
      Files.delete(log);
      Files.deleteIfExists(log.resolveSibling(stem(log) + ".idx"));
    }
    begin = Long.parseLong(stem(logs.get(count)));
  }

  private static String stem(Path log) {
    return log.getFileName().toString().replace(".log", "");
  }

  @Override
  public void close() throws IOException {
    vnode.close();
  }
}
