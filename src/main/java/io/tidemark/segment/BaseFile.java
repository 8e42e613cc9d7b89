package io.tidemark.segment;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.storage.FileType;
import io.tidemark.storage.MappedBitmap;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One file of the base: a row for each known block of a range of ids, of all generations.
 *
 * <p>Without events and without bitmaps but that of the blocks it knows. Immutable; any number of
 * threads may read.
 */
public final class BaseFile extends PackedSource {
  private final BaseRange range;

  private BaseFile(BaseRange range, SegmentPayload payload) {
    super(payload);
    this.range = range;
  }

  /**
   * Maps a file that a manifest names.
   *
   * @param isTrusted whether to leave the payload to be checked as it is used
   * @throws CorruptFileException if a byte of it is wrong, or it is not the one that is named
   */
  static BaseFile open(
      StorageIO io, Path directory, BaseRange range, long storeId, boolean isTrusted)
      throws IOException {
    Path path = directory.resolve(range.fileName());
    PublishedFile file =
        isTrusted
            ? PublishedFile.openHeader(io, path, FileType.BASE, SegmentDescriptor.VERSION, storeId)
            : PublishedFile.open(io, path, FileType.BASE, SegmentDescriptor.VERSION, storeId);
    SegmentDescriptor.checkVersion(file);
    if (file.header().payloadCrc() != range.payloadCrc()
        || file.header().payloadLength() != range.payloadLength()) {
      throw new CorruptFileException(
          "file is not the one that the base's manifest names: file=" + path);
    }
    return new BaseFile(range, new SegmentPayload(file.payload(), !isTrusted, path.toString()));
  }

  /** There is no bitmap of them: blocks that were only flushed are among those it knows. */
  @Override
  public @Nullable MappedBitmap changedIds() {
    return null;
  }

  BaseRange range() {
    return range;
  }

  /** Returns how many blocks it knows, changed or only flushed. */
  public int rowCount() {
    return payload().rowCount();
  }
}
