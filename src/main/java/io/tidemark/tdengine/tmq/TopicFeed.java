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
import java.util.concurrent.locks.ReentrantLock;
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
   *
   * Concurrency. One reader at a time polls, and one asks for names; what waits for a vgroup its reader
   * takes meanwhile. A poll is one for all: a reader that finds nothing, and that somebody has polled
   * since it looked last, polls the next time. So a round of many quiet vgroups waits once.
   */
  private final TopicAccess access;
  private final long pollMs;

  /** Held by who opens, polls or closes the consumer. */
  private final ReentrantLock polling = new ReentrantLock();

  /** Held by who asks for names; taken behind the one above, never before it. */
  private final ReentrantLock naming = new ReentrantLock();

  // Guarded by polling.
  private @Nullable TopicConsumer consumer;
  private boolean hasPolled;

  // Guarded by naming.
  private final KnownTables tables;
  private @Nullable TableDirectory directory;

  // Guarded by this.
  private final Map<Integer, TopicLane> lanes = new HashMap<>();
  private Map<Integer, TopicPlace> places = Map.of();
  private long polls;
  private boolean areNamesOld;
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

  private RowFeed.Batch read(int vgroupId, long expected) throws IOException {
    try {
      RowFeed.Batch waiting = take(vgroupId, expected);
      return waiting != null ? waiting : poll(vgroupId, expected);
    } catch (IOException | RuntimeException | Error e) {
      closeAll(e);
      throw e;
    }
  }

  /**
   * Returns what waits for a vgroup, or nothing if a poll has found nothing since it looked last;
   * null if neither is known.
   */
  private RowFeed.@Nullable Batch take(int vgroupId, long expected) throws IOException {
    TopicLane lane;
    TopicLane.Stretch stretch;
    synchronized (this) {
      if (isClosed) {
        throw new IOException("topic is not read any more: vgroup=" + vgroupId);
      }
      lane = lanes.get(vgroupId);
      if (lane == null || !lane.isAt(expected)) {
        return null;
      }
      boolean isPolled = lane.look(polls);
      stretch = lane.peek();
      if (stretch == null) {
        TopicPlace place = places.get(vgroupId);
        return place == null || !isPolled || place.end() < expected
            ? null
            : nothing(place, expected);
      }
    }
    RowFeed.Batch batch = named(stretch);
    synchronized (this) {
      // A failure or a poll may have dropped what waits: it is read again behind this.
      if (stretch.equals(lane.peek())) {
        lane.remove();
      }
    }
    return batch;
  }

  private RowFeed.Batch poll(int vgroupId, long expected) throws IOException {
    polling.lock();
    try {
      // Somebody may have polled while this one waited for the consumer.
      RowFeed.Batch waiting = take(vgroupId, expected);
      return waiting != null ? waiting : next(vgroupId, expected);
    } finally {
      polling.unlock();
    }
  }

  private RowFeed.Batch next(int vgroupId, long expected) throws IOException {
    TopicConsumer open = consumer;
    if (open == null) {
      open = access.subscribe();
      consumer = open;
      hasPolled = false;
    }
    if (!isAt(vgroupId, expected)) {
      TopicPlace place = place(vgroupId, open.places());
      if (expected > place.end()) {
        return endsBelow(vgroupId, place, expected);
      }
      open.seek(vgroupId, Math.max(place.begin(), expected));
      begin(vgroupId, expected);
    }
    hasPolled = true;
    List<TopicRow> rows = open.poll(pollMs);
    Map<Integer, TopicPlace> polled = open.places();
    add(rows, polled);
    RowFeed.Batch batch = take(vgroupId, expected);
    return batch != null ? batch : endsBelow(vgroupId, place(vgroupId, polled), expected);
  }

  private synchronized boolean isAt(int vgroupId, long expected) {
    TopicLane lane = lanes.get(vgroupId);
    return lane != null && lane.isAt(expected);
  }

  private synchronized void begin(int vgroupId, long expected) {
    lanes.computeIfAbsent(vgroupId, unused -> new TopicLane()).beginAt(expected, polls);
    areNamesOld = true;
  }

  /** The log ends below what is due: of a consumer that has polled it is asked once more. */
  private RowFeed.Batch endsBelow(int vgroupId, TopicPlace place, long expected)
      throws IOException {
    if (expected > place.end() && hasPolled) {
      closeAll(new IOException("log ends below what is due: end=" + place.end()));
      return next(vgroupId, expected);
    }
    return nothing(place, expected);
  }

  private static RowFeed.Batch nothing(TopicPlace place, long expected) {
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

  /** Gives every vgroup its own of what a poll brought. */
  private synchronized void add(List<TopicRow> polled, Map<Integer, TopicPlace> newPlaces) {
    Map<Integer, List<TopicRow>> rows = new HashMap<>();
    for (TopicRow row : polled) {
      rows.computeIfAbsent(row.vgroupId(), unused -> new ArrayList<>()).add(row);
    }
    polls++;
    places = Map.copyOf(newPlaces);
    lanes.forEach(
        (vgroupId, lane) -> {
          TopicPlace place = newPlaces.get(vgroupId);
          if (place != null && lane.add(place, rows.getOrDefault(vgroupId, List.of()))) {
            areNamesOld = true;
          }
        });
  }

  private RowFeed.Batch named(TopicLane.Stretch stretch) throws IOException {
    List<RowFeed.Row> rows = new ArrayList<>();
    SortedSet<String> unknown = new TreeSet<>();
    naming.lock();
    try {
      if (takeNamesOld()) {
        tables.forget();
      }
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
    } finally {
      naming.unlock();
    }
    TopicPlace place = stretch.place();
    return new RowFeed.Batch(
        place.begin(), Math.max(place.next(), place.begin()), place.end(), rows, unknown);
  }

  private synchronized boolean takeNamesOld() {
    boolean wereOld = areNamesOld;
    areNamesOld = false;
    return wereOld;
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
    polling.lock();
    naming.lock();
    try {
      TopicConsumer openConsumer = consumer;
      TableDirectory openDirectory = directory;
      consumer = null;
      directory = null;
      tables.forget();
      synchronized (this) {
        lanes.clear();
        places = Map.of();
      }
      try (openConsumer;
          openDirectory) {
        // Both are closed, whatever either says.
      } catch (IOException | RuntimeException e) {
        why.addSuppressed(e);
      }
    } finally {
      naming.unlock();
      polling.unlock();
    }
  }

  /** Ends the subscription; whoever reads from now on is refused. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      isClosed = true;
    }
    IOException failure = new IOException("cannot end the subscription to a topic");
    closeAll(failure);
    if (failure.getSuppressed().length > 0) {
      throw failure;
    }
  }
}
