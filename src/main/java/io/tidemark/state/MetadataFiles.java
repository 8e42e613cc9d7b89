package io.tidemark.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The files of a metadata map in order of ids, their intervals tiling the whole range, and which of
 * them are open. Not thread-safe.
 */
final class MetadataFiles {
  private static final String SUFFIX = ".groups";

  /** Below this much free space no file is changed: a mapped page without a place on disk kills. */
  private static final long RESERVE_BYTES = 24 << 20;

  private static final int COPY_LENGTH = 1 << 18;

  private final Path directory;
  private final int maxOpen;
  private final ByteBuffer value;
  private final List<MetadataFile> files;
  private final CRC32C crc = new CRC32C();
  private @Nullable ByteBuffer copy;
  private int nextNumber = 1;
  private long tick;

  /**
   * Takes over what a stamp describes.
   *
   * @param value the buffer through which packed groups go
   */
  MetadataFiles(Path directory, int maxOpen, ByteBuffer value, List<MetadataFile> stamped) {
    this.directory = directory;
    this.maxOpen = maxOpen;
    this.value = value;
    this.files = new ArrayList<>(stamped);
    if (files.isEmpty()) {
      files.add(MetadataFile.untouched(0));
    }
    for (MetadataFile file : files) {
      nextNumber = Math.max(nextNumber, file.number() + 1);
    }
  }

  /** Takes files that are not there for lost; returns the paths of the others. */
  Set<Path> loseMissing() throws IOException {
    Set<Path> present = new HashSet<>();
    for (MetadataFile file : List.copyOf(files)) {
      if (file.hasFile()) {
        Path path = path(file);
        if (Files.exists(path) && Files.size(path) == file.length()) {
          present.add(path);
        } else {
          lose(file);
        }
      }
    }
    return present;
  }

  /** Returns all files in order. */
  List<MetadataFile> all() {
    return Collections.unmodifiableList(files);
  }

  Path path(MetadataFile file) {
    return directory.resolve(HexFormat.of().toHexDigits(file.number()) + SUFFIX);
  }

  /** Returns the file whose interval holds a group. */
  MetadataFile of(long groupId) {
    return files.get(indexOf(groupId));
  }

  /** Returns the index of the file whose interval holds a group. */
  int indexOf(long groupId) {
    int low = 0;
    int high = files.size();
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (files.get(middle).firstGroup() <= groupId) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Puts a new, empty, open file in the place of the interval that holds a group. */
  MetadataFile create(long groupId) throws IOException {
    int index = indexOf(groupId);
    MetadataFile file = createApart(files.get(index).firstGroup());
    files.set(index, file);
    return file;
  }

  /** Ends an interval before a group, and puts a new, empty, open file behind it. */
  MetadataFile createFrom(long groupId) throws IOException {
    MetadataFile file = createApart(groupId);
    files.add(indexOf(groupId) + 1, file);
    return file;
  }

  /** Returns a new, empty, open file that belongs to no interval yet. */
  MetadataFile createApart(long firstGroup) throws IOException {
    requireSpace();
    MetadataFile file = MetadataFile.created(nextNumber++, firstGroup);
    open(file);
    return file;
  }

  /** Opens a file if it is not open, in the place of the one used longest ago. */
  void open(MetadataFile file) throws IOException {
    if (!file.isOpen()) {
      List<MetadataFile> open = new ArrayList<>();
      for (MetadataFile other : files) {
        if (other.isOpen()) {
          open.add(other);
        }
      }
      if (open.size() >= maxOpen) {
        open.sort(Comparator.comparingLong(MetadataFile::lastUse));
        open.subList(0, open.size() - maxOpen + 1).forEach(MetadataFile::close);
      }
      file.onOpened(ChronicleGroups.open(path(file), value));
    }
    file.onUsed(++tick);
  }

  /** Refuses to change files of a volume that is nearly full. */
  void requireSpace() throws IOException {
    long free = directory.toFile().getUsableSpace();
    if (free < RESERVE_BYTES) {
      throw new IOException(
          "no space for the metadata map: reserveBytes="
              + RESERVE_BYTES
              + ", freeBytes="
              + free
              + ", directory="
              + directory);
    }
  }

  /** Closes a file, forces it, and notes its length and CRC. */
  void seal(MetadataFile file) throws IOException {
    file.close();
    Path path = path(file);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    file.onSealed(Files.size(path), crcOf(path));
  }

  /** Whether a closed file has the length and CRC it was sealed with. */
  boolean isAsSealed(MetadataFile file) throws IOException {
    Path path = path(file);
    return Files.exists(path) && Files.size(path) == file.length() && crcOf(path) == file.crc();
  }

  private int crcOf(Path path) throws IOException {
    ByteBuffer buffer = copy;
    if (buffer == null) {
      buffer = ByteBuffer.allocateDirect(COPY_LENGTH);
      copy = buffer;
    }
    crc.reset();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      while (channel.read(buffer.clear()) >= 0) {
        crc.update(buffer.flip());
      }
    }
    return (int) crc.getValue();
  }

  /** Closes a file and deletes it; STAMP must not name it any more. */
  void discard(MetadataFile file) throws IOException {
    file.close();
    Files.deleteIfExists(path(file));
  }

  /** Moves the upper part of a file's interval to a second one: both take the file's place. */
  void replace(MetadataFile full, MetadataFile low, MetadataFile high) {
    int index = files.indexOf(full);
    files.set(index, low);
    files.add(index + 1, high);
  }

  /** Drops a file whose bytes may be anything: its rows are lost. */
  void lose(MetadataFile file) {
    int index = files.indexOf(file);
    if (index >= 0) {
      file.close();
      files.set(index, MetadataFile.lost(file.firstGroup()));
    }
  }

  /** Drops all files that begin in an interval: their rows are lost. */
  void loseInterval(long firstGroup, long lastGroup) {
    int from = indexOf(firstGroup);
    List<MetadataFile> dropped = files.subList(from, indexOf(lastGroup) + 1);
    dropped.forEach(MetadataFile::close);
    dropped.clear();
    files.add(from, MetadataFile.lost(firstGroup));
  }

  /** Returns the intervals whose rows are lost. */
  GroupIntervals lost() {
    GroupIntervals lost = new GroupIntervals();
    for (int i = 0; i < files.size(); i++) {
      if (files.get(i).isLost()) {
        boolean isLast = i + 1 == files.size();
        lost.add(
            files.get(i).firstGroup(),
            isLast ? -1L >>> MetadataGroup.ID_BITS : files.get(i + 1).firstGroup() - 1);
      }
    }
    return lost;
  }
}
