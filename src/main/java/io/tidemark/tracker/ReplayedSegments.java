package io.tidemark.tracker;

import io.tidemark.segment.ChangeSegment;
import io.tidemark.segment.OpenSegment;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where segments are kept that were folded from the journal, until it is known which of them count:
 * on the heap, and from a number of events on in temporary files of the store.
 *
 * <p>Used by the thread that opens a store.
 */
final class ReplayedSegments {

  /** Part of the limit that is kept on the heap: packed, and beside what is not sealed later on. */
  private static final int HEAP_PARTS = 4;

  private static final int SEGMENT_EVENTS_MAX = 1 << 20;
  private static final String PREFIX = "replayed-";

  private final @Nullable StorageIO io;
  private final @Nullable Path directory;
  private final long storeId;
  private final int eventsMax;
  private long heapEvents;
  private final List<Path> files = new ArrayList<>();

  private ReplayedSegments(
      @Nullable StorageIO io, @Nullable Path directory, long storeId, int eventsMax) {
    this.io = io;
    this.directory = directory;
    this.storeId = storeId;
    this.eventsMax = eventsMax;
  }

  /** Keeps all of them on the heap: for readers, who may write nothing. */
  static ReplayedSegments onHeap() {
    return new ReplayedSegments(null, null, 0, Integer.MAX_VALUE);
  }

  /**
   * Keeps what it keeps on the heap within a limit.
   *
   * @param eventsMax how many events may take memory that are not sealed; 2^31 − 1 for no limit
   */
  static ReplayedSegments of(StorageIO io, StoreLayout layout, long storeId, int eventsMax) {
    return eventsMax == Integer.MAX_VALUE
        ? onHeap()
        : new ReplayedSegments(io, layout.segments(), storeId, eventsMax);
  }

  /** Returns the events after which a segment that is being folded is full. */
  int segmentEvents() {
    return Math.min(SEGMENT_EVENTS_MAX, SealedStore.segmentEvents(eventsMax));
  }

  /** Keeps a segment that was folded. */
  ChangeSegment keep(OpenSegment folded) throws IOException {
    StorageIO to = io;
    Path in = directory;
    if (to == null || in == null || heapEvents + folded.eventCount() <= eventsMax / HEAP_PARTS) {
      heapEvents += to == null ? 0 : folded.eventCount();
      return folded.toSegment();
    }
    Path file = in.resolve(PREFIX + folded.firstPosition() + PublishedFile.TEMPORARY_SUFFIX);
    folded.publish(to, file, storeId);
    files.add(file);
    return ChangeSegment.open(to, file, storeId);
  }

  /** Deletes the files; what was read from them stays readable. */
  void deleteFiles() throws IOException {
    StorageIO in = io;
    if (in != null) {
      for (Path file : files) {
        in.delete(file);
      }
      files.clear();
    }
  }
}
