package io.tidemark.segment;

import io.tidemark.block.WalPosition;
import io.tidemark.storage.PublishedFileWriter;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Merges adjoining segments of one generation into one segment file.
 *
 * <p>What the result says does not depend on how merging was grouped. Memory grows with the number
 * of inputs, not with their size: rows stream from mapping to file in order of ids, pages of
 * changes in order of arrival.
 */
public final class SegmentMerger {
  private final List<ChangeSegment> inputs;
  private final boolean keepsEvents;
  private final ControlCompactor compactor;

  /**
   * Takes what to merge.
   *
   * @param inputs in journal order, each beginning where the one before ends; at least one
   * @param keepsEvents whether to keep every change by itself, if all inputs do
   * @param compactor decides which control entries are kept
   * @throws IllegalArgumentException if they do not adjoin or are of several generations
   */
  public SegmentMerger(
      List<ChangeSegment> inputs, boolean keepsEvents, ControlCompactor compactor) {
    this.inputs = List.copyOf(inputs);
    this.keepsEvents = keepsEvents && inputs.stream().allMatch(ChangeSegment::hasEvents);
    this.compactor = compactor;
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("nothing to merge");
    }
    for (int i = 1; i < inputs.size(); i++) {
      checkAdjoins(inputs.get(i - 1), inputs.get(i));
    }
  }

  private static void checkAdjoins(ChangeSegment before, ChangeSegment next) {
    if (next.firstPosition() != before.lastPosition() + 1) {
      throw new IllegalArgumentException(
          "segments do not adjoin: last="
              + before.lastPosition()
              + ", first="
              + next.firstPosition());
    }
    if (next.generation() != before.generation()) {
      throw new IllegalArgumentException(
          "segments of several generations: first="
              + Integer.toUnsignedString(before.generation())
              + ", next="
              + Integer.toUnsignedString(next.generation()));
    }
  }

  /** Returns the first journal position of the merged segment. */
  public long firstPosition() {
    return inputs.get(0).firstPosition();
  }

  /** Returns the last journal position of the merged segment. */
  public long lastPosition() {
    return inputs.get(inputs.size() - 1).lastPosition();
  }

  /**
   * Publishes the merged segment as a file; durable when it returns. The inputs are not touched.
   *
   * @throws IOException if it cannot be written, or would be longer than 2 GiB: the inputs' {@link
   *     ChangeSegment#lengthBytes} together tell about how long; no file was published
   * @throws io.tidemark.errors.CorruptFileException if an input that was opened as trusted is
   *     damaged; no file was published
   */
  public void publish(StorageIO io, Path file, long storeId) throws IOException {
    try (PublishedFileWriter out =
        new PublishedFileWriter(
            io, file, SegmentDescriptor.TYPE, SegmentDescriptor.VERSION, storeId)) {
      SegmentWriter.write(new Content(), out);
      out.publish(firstPosition(), lastPosition());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The inputs as one. */
  private final class Content implements SegmentContent {

    @Override
    public int generation() {
      return inputs.get(0).generation();
    }

    @Override
    public boolean hasEvents() {
      return keepsEvents;
    }

    @Override
    public void writeEvents(PackedEventsWriter out) throws IOException {
      for (ChangeSegment input : inputs) {
        out.add(input.payload().events().cursor(ZoneFilter.ALL));
      }
    }

    @Override
    public long eventCount() {
      return inputs.stream().mapToLong(ChangeSegment::eventCount).sum();
    }

    @Override
    public @Nullable WalPosition flushAll() {
      WalPosition highest = null;
      for (ChangeSegment input : inputs) {
        WalPosition flushAll = input.payload().flushAll();
        if (flushAll != null && (highest == null || flushAll.compareTo(highest) > 0)) {
          highest = flushAll;
        }
      }
      return highest;
    }

    @Override
    public long nextBlockId() {
      return inputs.stream()
          .map(ChangeSegment::nextBlockId)
          .max(Long::compareUnsigned)
          .orElseThrow();
    }

    @Override
    public boolean hasBitmaps() {
      return true;
    }

    @Override
    public ContainerSource ids(int section) {
      return new UnionContainers(
          inputs.stream().map(input -> input.payload().containers(section)).toList());
    }

    @Override
    public RowCursor rows() {
      return new MergedRows(
          inputs.stream().map(input -> new SegmentRows(input.payload())).toList());
    }

    @Override
    public void writeControl(SectionOutput out) {
      compactor.compact(
          handler -> inputs.forEach(input -> input.forEachControl(handler)),
          new ControlSection(out::put));
    }
  }
}
