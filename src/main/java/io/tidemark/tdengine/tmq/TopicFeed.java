package io.tidemark.tdengine.tmq;

import io.tidemark.tdengine.RowFeed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * One consumer of a topic that feeds all its vgroups.
 *
 * <p>Thread-safe: whoever finds nothing waiting for its vgroup polls for all.
 */
public final class TopicFeed implements AutoCloseable {

  /*
   * Positions. Each reader says which version is due; if its lane does not begin there, because it
   * is new, or failed, or fell too far behind, the consumer is put there and the lane begun again.
   * The consumer's own position counts for nothing beyond that.
   *
   * Skips. After every poll the beginning of each vgroup's log is looked at, for a server that has
   * recycled what is due goes on behind it in silence, and even names the version that was asked for.
   *
   * Names. A row is joined to its table when its vgroup takes it. Where a stretch without rows was
   * passed a table may have been dropped and created again, so all names are looked up anew; and where
   * a lane begins, for what lies before it passed by another way.
   *
   * Rollback. That a log ends below what is due is believed only of a consumer that has just begun:
   * one that has polled may tell of an end that it saw a while ago.
   *
   * Failures. Any failure closes the consumer and the directory and forgets the lanes; the next
   * reader opens them again.
   */

  private final TopicAccess access;
  private final long pollMs;
  private final KnownTables tables;

  // Guarded by this.
  private final Map<Integer, TopicLane> lanes = new HashMap<>();
  private @Nullable TopicConsumer consumer;
  private @Nullable TableDirectory directory;
  private boolean hasPolled;
  private boolean isClosed;

  /**
   * Creates a feed that opens nothing before it is read.
   *
   * @param pollMs how long a reader waits if nothing comes
   */
  public TopicFeed(TopicAccess access, long pollMs, NanoClock clock) {
    this.access = access;
    this.pollMs = pollMs;
    this.tables = new KnownTables(clock);
  }

  /** Returns the rows of one vgroup; readers of different vgroups may be in different threads. */
  public RowFeed of(int vgroupId) {
    return expected -> read(vgroupId, expected);
  }

  private synchronized RowFeed.Batch read(int vgroupId, long expected) throws IOException {
    if (isClosed) {
      throw new IOException("topic is not read any more: vgroup=" + vgroupId);
    }
    try {
      return next(vgroupId, expected);
    } catch (IOException | RuntimeException | Error e) {
      closeAll(e);
      throw e;
    }
  }

  private RowFeed.Batch next(int vgroupId, long expected) throws IOException {
    TopicConsumer open = consumer;
    if (open == null) {
      open = access.subscribe();
      consumer = open;
      hasPolled = false;
    }
    TopicLane lane = lanes.computeIfAbsent(vgroupId, unused -> new TopicLane());
    TopicPlace place = null;
    if (!lane.isAt(expected)) {
      place = place(vgroupId, open.places());
      if (expected > place.end()) {
        return nothing(vgroupId, place, expected);
      }
      open.seek(vgroupId, Math.max(place.begin(), expected));
      lane.beginAt(expected);
      tables.forget();
    }
    if (lane.peek() == null) {
      place = place(vgroupId, poll(open));
    }
    TopicLane.Stretch stretch = lane.peek();
    if (stretch == null) {
      return nothing(vgroupId, Objects.requireNonNull(place), expected);
    }
    RowFeed.Batch batch = named(stretch);
    lane.remove();
    return batch;
  }

  private RowFeed.Batch nothing(int vgroupId, TopicPlace place, long expected) throws IOException {
    if (expected > place.end() && hasPolled) {
      closeAll(new IOException("log ends below what is due: end=" + place.end()));
      return next(vgroupId, expected);
    }
    return new RowFeed.Batch(place.begin(), expected, place.end(), List.of(), new TreeSet<>());
  }

  private static TopicPlace place(int vgroupId, Map<Integer, TopicPlace> places)
      throws IOException {
    TopicPlace place = places.get(vgroupId);
    if (place == null) {
      throw new IOException(
          "topic does not hold this vgroup, or another consumer of its group has it: vgroup="
              + vgroupId
              + ", given="
              + places.keySet());
    }
    return place;
  }

  /** Polls once and gives every vgroup its own; returns where the consumer stands then. */
  private Map<Integer, TopicPlace> poll(TopicConsumer open) throws IOException {
    hasPolled = true;
    Map<Integer, List<TopicRow>> rows = new HashMap<>();
    for (TopicRow row : open.poll(pollMs)) {
      rows.computeIfAbsent(row.vgroupId(), unused -> new ArrayList<>()).add(row);
    }
    Map<Integer, TopicPlace> places = open.places();
    lanes.forEach(
        (vgroupId, lane) -> {
          TopicPlace place = places.get(vgroupId);
          if (place != null && lane.add(place, rows.getOrDefault(vgroupId, List.of()))) {
            tables.forget();
          }
        });
    return places;
  }

  private RowFeed.Batch named(TopicLane.Stretch stretch) throws IOException {
    List<RowFeed.Row> rows = new ArrayList<>();
    SortedSet<String> unknown = new TreeSet<>();
    for (TopicRow row : stretch.rows()) {
      TableDirectory.Entry entry = row.table().isEmpty() ? null : find(row.table());
      if (entry == null || !row.times().containsKey(entry.timeColumn())) {
        unknown.add(row.table());
      } else {
        rows.add(
            new RowFeed.Row(
                entry.table(), Objects.requireNonNull(row.times().get(entry.timeColumn()))));
      }
    }
    TopicPlace place = stretch.place();
    return new RowFeed.Batch(
        place.begin(), Math.max(place.next(), place.begin()), place.end(), rows, unknown);
  }

  private TableDirectory.@Nullable Entry find(String table) throws IOException {
    TableDirectory open = directory;
    if (open == null) {
      open = access.openDirectory();
      directory = open;
    }
    return tables.find(table, open);
  }

  private void closeAll(Throwable why) {
    TopicConsumer openConsumer = consumer;
    TableDirectory openDirectory = directory;
    consumer = null;
    directory = null;
    lanes.clear();
    tables.forget();
    try (openConsumer;
        openDirectory) {
      // Both are closed, whatever either says.
    } catch (IOException | RuntimeException e) {
      why.addSuppressed(e);
    }
  }

  /** Ends the subscription; whoever reads from now on is refused. */
  @Override
  public synchronized void close() throws IOException {
    isClosed = true;
    IOException failure = new IOException("cannot end the subscription to a topic");
    closeAll(failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
