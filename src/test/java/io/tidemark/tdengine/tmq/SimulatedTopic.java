package io.tidemark.tdengine.tmq;

import io.tidemark.tdengine.RowFeed;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A topic of a database as a server behaves: several versions a result, nothing where something is
 * hidden, silence where the log was recycled, and failures.
 */
final class SimulatedTopic implements TopicAccess {
  private static final long DAY_SECONDS = 86_400;

  private final Map<Integer, TopicHistory> vgroups = new TreeMap<>();
  private final Random random;
  private final int oneFailureIn;

  SimulatedTopic(List<TopicHistory> histories, Random random, int oneFailureIn) {
    histories.forEach(history -> vgroups.put(history.vgroupId(), history));
    this.random = random;
    this.oneFailureIn = oneFailureIn;
  }

  private TopicHistory history(int vgroup) {
    return Objects.requireNonNull(vgroups.get(vgroup));
  }

  private void mayFail(String what) throws IOException {
    if (random.nextInt(oneFailureIn) == 0) {
      throw new IOException("server went away: asked=" + what);
    }
  }

  @Override
  public TopicConsumer subscribe() throws IOException {
    mayFail("subscribe");
    return new Consumer();
  }

  @Override
  public TableDirectory openDirectory() throws IOException {
    mayFail("directory");
    return new TableDirectory() {
      @Override
      public @Nullable Entry find(String table) throws IOException {
        mayFail("table");
        for (TopicHistory history : vgroups.values()) {
          var found = history.table(table);
          if (found != null) {
            return new Entry(found, "ts");
          }
        }
        return null;
      }

      @Override
      public RowFeed.@Nullable Table named(long uid) {
        throw new UnsupportedOperationException("not asked here");
      }

      @Override
      public void close() {}
    };
  }

  /** One consumer that has all vgroups. */
  private final class Consumer implements TopicConsumer {
    private final Map<Integer, Long> positions = new HashMap<>();

    @Override
    public List<TopicRow> poll(long timeoutMs) throws IOException {
      mayFail("poll");
      List<Integer> ids = List.copyOf(vgroups.keySet());
      int vgroup = ids.get(random.nextInt(ids.size()));
      TopicHistory history = history(vgroup);
      long asked = position(vgroup);
      long next = Math.max(asked, history.begin());
      int limit = 1 + random.nextInt(8);
      List<TopicRow> rows = new ArrayList<>();
      boolean isPassed = false;
      while (next < history.end() && rows.size() < limit && !isPassed) {
        TopicHistory.Entry entry = history.entries().get((int) next);
        if (entry.isHidden() && !rows.isEmpty()) {
          break;
        }
        isPassed = entry.isHidden();
        for (TopicHistory.Row row : entry.rows()) {
          if (history.table(row.table()) != null || random.nextBoolean()) {
            rows.add(
                new TopicRow(
                    vgroup,
                    asked,
                    row.table(),
                    Map.of(
                        "ts",
                        Instant.ofEpochSecond(row.day() * DAY_SECONDS),
                        "other",
                        Instant.MAX)));
          }
        }
        next++;
      }
      positions.put(vgroup, next);
      return rows;
    }

    private long position(int vgroup) {
      return positions.getOrDefault(vgroup, history(vgroup).begin());
    }

    @Override
    public Map<Integer, TopicPlace> places() throws IOException {
      mayFail("places");
      Map<Integer, TopicPlace> places = new HashMap<>();
      vgroups.forEach(
          (id, history) ->
              places.put(id, new TopicPlace(history.begin(), position(id), history.end())));
      return places;
    }

    @Override
    public void seek(int vgroupId, long version) throws IOException {
      mayFail("seek");
      TopicHistory history = history(vgroupId);
      if (version < history.begin() || version > history.end()) {
        throw new IOException("version out of range: version=" + version);
      }
      positions.put(vgroupId, version);
    }

    @Override
    public void close() {}
  }
}
