package io.tidemark.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Watches the space of a store's disk and holds some of it back, so that a store that ran out of
 * space can still write down what it has.
 *
 * <p>Not thread-safe.
 */
public final class DiskReserve {

  /*
   * The reserve is a file of zeros. When the free space falls below the watermark the file is
   * deleted: what was accepted can then be sealed, and the journal cut, while new events are refused.
   * It is written again, and events are taken again, when it fits above the watermark.
   */

  private static final int CHUNK_LENGTH = 1 << 20;

  private final StorageIO io;
  private final Path file;
  private final long length;
  private final long watermark;
  private boolean isHeld;

  /**
   * Takes over the reserve that is there; nothing is written yet.
   *
   * @param io where the file is
   * @param file name of the reserve; its directory is on the disk that is watched
   * @param length bytes to hold back, 0 for none
   * @param watermark free bytes below which the store takes no event, 0 for no limit
   */
  public DiskReserve(StorageIO io, Path file, long length, long watermark) throws IOException {
    this.io = io;
    this.file = file;
    this.length = length;
    this.watermark = watermark;
    this.isHeld = length == 0 || (io.exists(file) && io.length(file) == length);
  }

  /**
   * Measures the free space; gives the reserve back or takes it again.
   *
   * @return whether there is enough to take events
   */
  public boolean isEnough() throws IOException {
    if (length == 0 && watermark == 0) {
      return true;
    }
    long usable = usable();
    if (isHeld) {
      if (usable < watermark && length > 0) {
        io.delete(file);
        isHeld = false;
      }
      return usable >= watermark;
    }
    if (usable >= watermark + length) {
      isHeld = take();
    }
    return isHeld;
  }

  /** Returns the free bytes of the disk. */
  public long usable() throws IOException {
    return io.usableSpace(file.resolveSibling(""));
  }

  /** Returns the free bytes below which the store takes no event. */
  public long watermark() {
    return watermark;
  }

  /** Writes the reserve; returns false, and leaves nothing, if there is no space for it. */
  private boolean take() throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(CHUNK_LENGTH, length));
    try (StorageFile reserve = io.create(file)) {
      for (long at = 0; at < length; at += zeros.capacity()) {
        zeros.position(0).limit((int) Math.min(zeros.capacity(), length - at));
        reserve.write(zeros, at);
      }
      return true;
    } catch (IOException e) {
      if (io.exists(file)) {
        io.delete(file);
      }
      return false;
    }
  }
}
