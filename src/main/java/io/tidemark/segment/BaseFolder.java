package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.PublishedFileWriter;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Folds segments into the base, writing anew only the ranges of ids that they touch.
 *
 * <p>Memory grows with the number of segments, not with their size. Used once, by one thread.
 */
public final class BaseFolder {

  /** Rows of a file, unless its one container holds more. */
  static final int DEFAULT_ROWS_PER_FILE = 1 << 20;

  private final StorageIO io;
  private final Path directory;
  private final long storeId;
  private final @Nullable Base before;
  private final List<ChangeSegment> segments = new ArrayList<>();
  private final int rowsPerFile;
  private final List<BaseRange> ranges = new ArrayList<>();

  /**
   * Takes what to fold.
   *
   * @param directory where the base lies; it exists
   * @param before the base to go on from; null to begin one
   * @param segments in journal order without interruption from the base's end on, of any
   *     generations; those that the base holds already are left out
   * @throws IllegalArgumentException if positions are missing between them
   */
  public BaseFolder(
      StorageIO io,
      Path directory,
      long storeId,
      @Nullable Base before,
      List<ChangeSegment> segments) {
    this(io, directory, storeId, before, segments, DEFAULT_ROWS_PER_FILE);
  }

  BaseFolder(
      StorageIO io,
      Path directory,
      long storeId,
      @Nullable Base before,
      List<ChangeSegment> segments,
      int rowsPerFile) {
    this.io = io;
    this.directory = directory;
    this.storeId = storeId;
    this.before = before;
    this.rowsPerFile = rowsPerFile;
    long end = before == null ? 0 : before.lastPosition();
    for (ChangeSegment segment : segments) {
      if (segment.firstPosition() > end + 1) {
        throw new IllegalArgumentException(
            "positions are missing before a segment: last="
                + end
                + ", first="
                + segment.firstPosition());
      }
      if (segment.lastPosition() > end) {
        this.segments.add(segment);
        end = segment.lastPosition();
      }
    }
  }

  /**
   * Publishes the next base and opens it; durable when this returns.
   *
   * <p>If it fails nothing has changed: the base before and the segments are still the truth.
   *
   * @param compactor decides which control entries are kept, the base's and the segments'
   * @return the base before, if there is nothing to fold
   * @throws IllegalArgumentException if there is neither a base nor a segment
   * @throws io.tidemark.errors.CorruptFileException if an input that was opened as trusted is
   *     damaged
   */
  public Base fold(ControlCompactor compactor) throws IOException {
    if (segments.isEmpty()) {
      if (before == null) {
        throw new IllegalArgumentException("nothing to fold");
      }
      return before;
    }
    long position = segments.get(segments.size() - 1).lastPosition();
    if (before == null) {
      foldRange(null, 0, -1, position);
    } else {
      List<BaseFile> files = before.files();
      for (int i = 0; i < files.size(); i++) {
        long last = i + 1 < files.size() ? files.get(i + 1).range().firstId() - 1 : -1;
        foldRange(files.get(i), files.get(i).range().firstId(), last, position);
      }
    }
    Path manifest = directory.resolve(BaseManifest.fileName(position));
    BaseManifest.publish(
        io,
        manifest,
        storeId,
        position,
        nextBlockId(),
        flushAll(),
        ranges,
        out ->
            compactor.compact(
                handler -> {
                  if (before != null) {
                    before.forEachControl(handler);
                  }
                  segments.forEach(segment -> segment.forEachControl(handler));
                },
                out));
    return Base.open(io, manifest, storeId, true);
  }

  private long nextBlockId() {
    long highest = before == null ? 0 : before.nextBlockId();
    for (ChangeSegment segment : segments) {
      highest =
          Long.compareUnsigned(segment.nextBlockId(), highest) > 0
              ? segment.nextBlockId()
              : highest;
    }
    return highest;
  }

  private @Nullable WalPosition flushAll() {
    WalPosition highest = before == null ? null : before.flushAll();
    for (ChangeSegment segment : segments) {
      WalPosition flushAll = segment.payload().flushAll();
      if (flushAll != null && (highest == null || flushAll.compareTo(highest) > 0)) {
        highest = flushAll;
      }
    }
    return highest;
  }

  /** Writes a range of ids anew, in as many files as its rows take; or keeps its file. */
  private void foldRange(@Nullable BaseFile file, long firstId, long lastId, long position)
      throws IOException {
    List<SegmentPayload> inputs = new ArrayList<>();
    for (ChangeSegment segment : segments) {
      if (segment.payload().directory().containers(firstId, lastId).next()) {
        inputs.add(segment.payload());
      }
    }
    if (file != null) {
      if (inputs.isEmpty()) {
        ranges.add(file.range());
        return;
      }
      inputs.add(0, file.payload());
    }
    long rows = 0;
    ContainerSource containers = ids(inputs, firstId, lastId);
    while (containers.next()) {
      rows += containers.count();
    }
    long parts = Math.max(1, (rows + rowsPerFile - 1) / rowsPerFile);
    long rowsPerPart = (rows + parts - 1) / parts;
    containers = ids(inputs, firstId, lastId);
    long partFirst = firstId;
    long partRows = 0;
    while (containers.next()) {
      if (partRows > 0 && partRows + containers.count() > rowsPerPart) {
        write(inputs, partFirst, containers.key() - 1, position);
        partFirst = containers.key();
        partRows = 0;
      }
      partRows += containers.count();
    }
    write(inputs, partFirst, lastId, position);
  }

  private static ContainerSource ids(List<SegmentPayload> inputs, long firstId, long lastId) {
    return new UnionContainers(
        inputs.stream().map(input -> input.directory().containers(firstId, lastId)).toList());
  }

  private void write(List<SegmentPayload> inputs, long firstId, long lastId, long position)
      throws IOException {
    Path file = directory.resolve(new BaseRange(firstId, position, 0, 0).fileName());
    try (PublishedFileWriter out =
        new PublishedFileWriter(io, file, FileType.BASE, SegmentDescriptor.VERSION, storeId)) {
      SegmentWriter.write(new Content(inputs, firstId, lastId), out);
      out.publish(1, position);
    }
    PublishedFile published =
        PublishedFile.openHeader(io, file, FileType.BASE, SegmentDescriptor.VERSION, storeId);
    ranges.add(
        new BaseRange(
            firstId,
            position,
            published.header().payloadLength(),
            published.header().payloadCrc()));
  }

  /** A range of ids of the base before and of the segments as one. */
  private record Content(List<SegmentPayload> inputs, long firstId, long lastId)
      implements SegmentContent {

    @Override
    public int generation() {
      return inputs.isEmpty() ? 0 : inputs.get(inputs.size() - 1).generation();
    }

    @Override
    public boolean hasEvents() {
      return false;
    }

    @Override
    public void writeEvents(PackedEventsWriter out) {
      // What is beyond the horizon is known by its rows.
    }

    @Override
    public long eventCount() {
      return 0;
    }

    @Override
    public @Nullable WalPosition flushAll() {
      return null;
    }

    @Override
    public long nextBlockId() {
      return 0;
    }

    @Override
    public boolean hasBitmaps() {
      return false;
    }

    @Override
    public ContainerSource ids(int section) {
      return BaseFolder.ids(inputs, firstId, lastId);
    }

    @Override
    public RowCursor rows() {
      return new MergedRows(
          inputs.stream().map(input -> new SegmentRows(input, firstId, lastId)).toList());
    }

    @Override
    public void writeControl(SectionOutput out) {
      // The manifest holds them.
    }
  }
}
