package io.tidemark.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory that knows what of it would survive a power cut for sure, and writes down what may be
 * left after one.
 *
 * <p>Cut by one thread; any thread may use its files.
 */
public final class VolatileDisk {

  /*
   * The promise of POSIX and no more. The content of a file is safe as it was when the file was last
   * forced, its name when its directory was last forced. Of what was written since, each page may
   * have reached the disk or not, and each name that appeared, vanished or moved as well; a rename
   * happens whole or not at all. Stores through a mapping need not be told: they show in the content.
   *
   * Operations of other threads, as Chronicle's while it opens a file, count like all others; a cut
   * falls between two of them.
   *
   * Files go by numbers of ours, because a file system gives the number of a deleted file to the next.
   */

  private static final int PAGE = PowerCut.PAGE;
  private static final byte[] ZEROS = new byte[PAGE];

  /** What a file held: pages that are not zero, by index. */
  private record Content(long length, Map<Long, byte[]> pages) {
    static final Content EMPTY = new Content(0, Map.of());
  }

  private final Path root;
  private final Path realRoot;
  private final Map<Object, Integer> numbers = new HashMap<>();
  private final Map<Integer, Content> forcedContents = new HashMap<>();
  private final Map<Integer, Map<String, Integer>> forcedNames = new HashMap<>();
  private final ByteBuffer window = ByteBuffer.allocate(1 << 20);
  private int files;

  /**
   * Creates a disk over an existing empty directory, which itself is safe.
   *
   * @param onOperation called after every operation that changes what may be left, by the thread
   *     that did it
   */
  public VolatileDisk(Path directory, Operation onOperation) {
    this.realRoot = directory;
    RecordedFileSystem recorded =
        new RecordedFileSystem(
            new RecordedFileSystem.Observer() {
              @Override
              public void onForce(Path path) throws IOException {
                VolatileDisk.this.onForce(path);
                onOperation.done();
              }

              @Override
              public void onDelete(Path path) throws IOException {
                onDeleted(path);
              }

              @Override
              public void onChange() throws IOException {
                numberAll();
                onOperation.done();
              }
            });
    this.root = recorded.path(directory);
  }

  /** Is called at each moment at which a cut may differ from one a moment before. */
  @FunctionalInterface
  public interface Operation {

    /** An operation was done. */
    void done() throws IOException;
  }

  /** Returns the directory; what is done through its paths is noticed. */
  public Path root() {
    return root;
  }

  private static Object key(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    if (key == null) {
      throw new IOException("file system does not tell files apart: file=" + path);
    }
    return key;
  }

  private int number(Path path) throws IOException {
    return numbers.computeIfAbsent(key(path), unused -> ++files);
  }

  /** Numbers new files at once: a file that is deleted later must not lend its number. */
  private synchronized void numberAll() throws IOException {
    try (Stream<Path> tree = Files.walk(realRoot)) {
      for (Path path : tree.toList()) {
        number(path);
      }
    }
  }

  private synchronized void onDeleted(Path path) throws IOException {
    numbers.remove(key(path));
  }

  private synchronized void onForce(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      forcedNames.put(number(path), names(path));
    } else {
      forcedContents.put(number(path), read(path));
    }
  }

  private Map<String, Integer> names(Path directory) throws IOException {
    Map<String, Integer> names = new TreeMap<>();
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : entries.toList()) {
        names.put(String.valueOf(entry.getFileName()), number(entry));
      }
    }
    return names;
  }

  private Content read(Path file) throws IOException {
    Map<Long, byte[]> pages = new HashMap<>();
    long length = 0;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      window.clear();
      while (channel.read(window) >= 0 || window.position() > 0) {
        int filled = window.position();
        for (int at = 0; at < filled; at += PAGE) {
          int count = Math.min(PAGE, filled - at);
          if (!isZero(window.array(), at, count)) {
            byte[] page = new byte[PAGE];
            System.arraycopy(window.array(), at, page, 0, count);
            pages.put((length + at) / PAGE, page);
          }
        }
        length += filled;
        window.clear();
      }
    }
    return new Content(length, pages);
  }

  private static boolean isZero(byte[] bytes, int from, int count) {
    return Arrays.equals(bytes, from, from + count, ZEROS, 0, count);
  }

  /** Writes one of the many things that a power cut now may leave into a new directory. */
  public synchronized void cut(Path image, Random random) throws IOException {
    directory(number(realRoot), realRoot, image, PowerCut.any(random));
  }

  private void directory(int number, @Nullable Path now, Path image, PowerCut cut)
      throws IOException {
    Files.createDirectories(image);
    Map<String, Integer> safe = forcedNames.getOrDefault(number, Map.of());
    Map<String, Integer> current = now == null ? Map.of() : names(now);
    for (Map.Entry<String, Integer> entry : cut.names(safe, current).entrySet()) {
      int file = entry.getValue();
      Path target = image.resolve(entry.getKey());
      Path source = null;
      for (Map.Entry<String, Integer> candidate : current.entrySet()) {
        if (candidate.getValue() == file && now != null) {
          source = now.resolve(candidate.getKey());
        }
      }
      if (forcedNames.containsKey(file) || (source != null && Files.isDirectory(source))) {
        directory(file, source, target, cut);
      } else {
        Content safeContent = forcedContents.getOrDefault(file, Content.EMPTY);
        write(safeContent, source == null ? safeContent : read(source), target, cut);
      }
    }
  }

  private static void write(Content safe, Content current, Path target, PowerCut cut)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long length = cut.isWritten() ? current.length : safe.length;
      TreeSet<Long> indexes = new TreeSet<>(safe.pages.keySet());
      indexes.addAll(current.pages.keySet());
      for (long index : indexes) {
        byte[] page = cut.page(safe.pages.get(index), current.pages.get(index));
        int count = (int) Math.min(PAGE, length - index * PAGE);
        if (count > 0 && !isZero(page, 0, count)) {
          channel.write(ByteBuffer.wrap(page, 0, count), index * PAGE);
        }
      }
      if (channel.size() < length) {
        channel.write(ByteBuffer.wrap(ZEROS, 0, 1), length - 1);
      }
    }
  }
}
