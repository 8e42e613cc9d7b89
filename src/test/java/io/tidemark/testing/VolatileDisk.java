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
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory that knows what of it would survive a power cut for sure, and writes down what may be
 * left after one.
 *
 * <p>Used by one thread.
 */
public final class VolatileDisk {

  /*
   * The promise of POSIX and no more. The content of a file is safe as it was when the file was last
   * forced, its name when its directory was last forced. Of what was written since, each page may
   * have reached the disk or not, and each name that appeared, vanished or moved as well; a rename
   * happens whole or not at all. Stores through a mapping need not be told: they show in the content.
   *
   * Files go by numbers of ours, because a file system gives the number of a deleted file to the next.
   */

  private static final int PAGE = 4096;
  private static final int SECTOR = 512;
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
   * @param onOperation called after every operation that changes what may be left
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
                numbers.remove(key(path));
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
  private void numberAll() throws IOException {
    try (Stream<Path> tree = Files.walk(realRoot)) {
      for (Path path : tree.toList()) {
        number(path);
      }
    }
  }

  private void onForce(Path path) throws IOException {
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
  public void cut(Path image, Random random) throws IOException {
    double[] chances = {0, 0.1, 0.5, 0.9, 1};
    double chance = chances[random.nextInt(chances.length)];
    int unit = random.nextInt(4) == 0 ? SECTOR : PAGE;
    directory(number(realRoot), realRoot, image, new Luck(random, chance, unit));
  }

  /** How often what was not forced reaches the disk, and in pieces of which size. */
  private record Luck(Random random, double chance, int unit) {
    boolean isWritten() {
      return random.nextDouble() < chance;
    }
  }

  private void directory(int number, @Nullable Path now, Path image, Luck luck) throws IOException {
    Files.createDirectories(image);
    Map<String, Integer> safe = forcedNames.getOrDefault(number, Map.of());
    Map<String, Integer> current = now == null ? Map.of() : names(now);
    for (Map.Entry<String, Integer> entry : left(safe, current, luck).entrySet()) {
      int file = entry.getValue();
      Path target = image.resolve(entry.getKey());
      Path source = null;
      for (Map.Entry<String, Integer> candidate : current.entrySet()) {
        if (candidate.getValue() == file && now != null) {
          source = now.resolve(candidate.getKey());
        }
      }
      if (forcedNames.containsKey(file) || (source != null && Files.isDirectory(source))) {
        directory(file, source, target, luck);
      } else {
        Content safeContent = forcedContents.getOrDefault(file, Content.EMPTY);
        write(safeContent, source == null ? safeContent : read(source), target, luck);
      }
    }
  }

  /** Draws which names a directory has after the cut, and for which files. */
  private static Map<String, Integer> left(
      Map<String, Integer> safe, Map<String, Integer> current, Luck luck) {
    Map<String, Integer> before = new TreeMap<>(safe);
    Map<String, Integer> after = new TreeMap<>(current);
    Map<String, Integer> result = new TreeMap<>();
    for (Map.Entry<String, Integer> old : safe.entrySet()) {
      for (Map.Entry<String, Integer> renamed : current.entrySet()) {
        if (renamed.getValue().equals(old.getValue()) && !renamed.getKey().equals(old.getKey())) {
          Map<String, Integer> happened = luck.isWritten() ? current : safe;
          for (String name : new String[] {old.getKey(), renamed.getKey()}) {
            before.remove(name);
            after.remove(name);
            if (happened.containsKey(name)) {
              result.put(name, happened.get(name));
            }
          }
        }
      }
    }
    TreeSet<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      Integer was = before.get(name);
      Integer is = after.get(name);
      Integer left = Objects.equals(was, is) || luck.isWritten() ? is : was;
      if (left != null) {
        result.put(name, left);
      }
    }
    return result;
  }

  private static void write(Content safe, Content current, Path target, Luck luck)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long length = luck.isWritten() ? current.length : safe.length;
      TreeSet<Long> indexes = new TreeSet<>(safe.pages.keySet());
      indexes.addAll(current.pages.keySet());
      for (long index : indexes) {
        byte[] page = mix(safe.pages.get(index), current.pages.get(index), luck);
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

  private static byte[] mix(byte @Nullable [] safe, byte @Nullable [] current, Luck luck) {
    byte[] was = safe == null ? ZEROS : safe;
    byte[] is = current == null ? ZEROS : current;
    byte[] page = new byte[PAGE];
    for (int at = 0; at < PAGE; at += luck.unit) {
      System.arraycopy(luck.isWritten() ? is : was, at, page, at, luck.unit);
    }
    return page;
  }
}
