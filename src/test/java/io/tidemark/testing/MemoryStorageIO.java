package io.tidemark.testing;

import io.tidemark.errors.StoreLockedException;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A tree of files in memory that knows what of it was forced, gives what a power cut leaves of it,
 * and fails, stops or runs full where it is told to.
 *
 * <p>Promises what POSIX promises and no more: content is safe by forcing the file, a name by
 * forcing its directory, and pages whose force failed are never written, whatever a later force
 * says.
 */
public final class MemoryStorageIO implements StorageIO {
  private static final int PAGE = PowerCut.PAGE;

  /** What can be made to fail. */
  public enum Call {
    /** A file is created or emptied. */
    CREATE,
    /** Bytes are written. */
    WRITE,
    /** A file is forced. */
    FORCE,
    /** A directory is created. */
    CREATE_DIRECTORY,
    /** A directory is forced. */
    FORCE_DIRECTORY,
    /** A name is changed. */
    RENAME,
    /** A file or directory is deleted. */
    DELETE,
    /** Something is opened, read, measured or listed. */
    READ
  }

  /** What happens at a call. */
  @FunctionalInterface
  public interface Fault {

    /**
     * Throws if the call shall fail.
     *
     * @param number how many calls of any kind there were before it
     */
    void before(Call call, long number, Path path) throws IOException;
  }

  /** Thrown at every call after the power was cut. */
  public static final class PowerLostException extends IOException {
    private static final long serialVersionUID = 1;

    PowerLostException(Path path) {
      super("power was cut: file=" + path);
    }
  }

  private final Set<Path> locks = new HashSet<>();
  private final Directory root = new Directory();
  private Fault fault = (call, number, path) -> {};
  private long calls;
  private long capacity = Long.MAX_VALUE;
  private boolean isOff;

  /** Sets what is asked before every call that changes something or reads. */
  public synchronized void fault(Fault newFault) {
    fault = newFault;
  }

  /** Returns how many calls there were. */
  public synchronized long calls() {
    return calls;
  }

  /**
   * Sets how many bytes all files together may hold; a write beyond it fails as a full disk does.
   */
  public synchronized void capacity(long bytes) {
    capacity = bytes;
  }

  /** Returns how many bytes all files together hold. */
  public synchronized long used() {
    return root.used();
  }

  /** Lets every call from now on fail, so that nothing changes any more. */
  public synchronized void powerOff() {
    isOff = true;
  }

  /** Returns what a power cut now leaves, as it is found afterwards. */
  public synchronized MemoryStorageIO after(PowerCut cut) {
    MemoryStorageIO image = new MemoryStorageIO();
    root.leave(image.root, cut);
    return image;
  }

  private void call(Call call, Path path) throws IOException {
    if (isOff) {
      throw new PowerLostException(path);
    }
    fault.before(call, calls, path);
    calls++;
    if (isOff) {
      throw new PowerLostException(path);
    }
  }

  // Names.

  private static Path key(Path path) {
    return path.toAbsolutePath().normalize();
  }

  /** Returns the names from the root to a path; as strings, for paths take long to take apart. */
  private static String[] names(Path path) {
    String text = path.toAbsolutePath().toString();
    String names = (text.contains("/.") ? key(path).toString() : text).substring(1);
    return names.isEmpty() ? new String[0] : names.split("/");
  }

  private @Nullable Node find(Path path) {
    Node node = root;
    for (String name : names(path)) {
      node = node instanceof Directory directory ? directory.names.get(name) : null;
    }
    return node;
  }

  private Directory parent(Path path) throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null || !(find(parent) instanceof Directory directory)) {
      throw new NoSuchFileException(path.toString());
    }
    return directory;
  }

  private static String name(Path path) {
    String[] names = names(path);
    return names[names.length - 1];
  }

  private File file(Path path) throws IOException {
    if (find(path) instanceof File file) {
      return file;
    }
    throw new NoSuchFileException(path.toString());
  }

  @Override
  public synchronized StorageFile create(Path path) throws IOException {
    call(Call.CREATE, path);
    Directory directory = parent(path);
    if (directory.names.get(name(path)) instanceof File file) {
      file.truncate();
      return new OpenFile(path, file, true);
    }
    File file = new File();
    directory.names.put(name(path), file);
    return new OpenFile(path, file, true);
  }

  @Override
  public synchronized StorageFile openForReading(Path path) throws IOException {
    call(Call.READ, path);
    return new OpenFile(path, file(path), false);
  }

  @Override
  public synchronized StorageFile openForWriting(Path path) throws IOException {
    call(Call.READ, path);
    return new OpenFile(path, file(path), true);
  }

  @Override
  public synchronized ByteBuffer map(Path path) throws IOException {
    call(Call.READ, path);
    File file = file(path);
    return ByteBuffer.wrap(file.bytes, 0, file.length)
        .slice()
        .asReadOnlyBuffer()
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public synchronized boolean exists(Path path) {
    return find(path) != null;
  }

  @Override
  public synchronized boolean isDirectory(Path path) {
    return find(path) instanceof Directory;
  }

  @Override
  public synchronized long length(Path path) throws IOException {
    call(Call.READ, path);
    return file(path).length;
  }

  @Override
  public synchronized List<Path> list(Path path) throws IOException {
    call(Call.READ, path);
    Node node = find(path);
    if (node instanceof File) {
      throw new NotDirectoryException(path.toString());
    }
    List<Path> result = new ArrayList<>();
    if (node instanceof Directory directory) {
      directory.names.keySet().forEach(name -> result.add(path.resolve(name)));
    }
    return result;
  }

  @Override
  public synchronized void createDirectory(Path path) throws IOException {
    call(Call.CREATE_DIRECTORY, path);
    Directory directory = root;
    for (String name : names(path)) {
      Node next = directory.names.computeIfAbsent(name, unused -> new Directory());
      if (!(next instanceof Directory found)) {
        throw new NotDirectoryException(path.toString());
      }
      directory = found;
    }
  }

  @Override
  public synchronized void forceDirectory(Path path) throws IOException {
    call(Call.FORCE_DIRECTORY, path);
    if (!(find(path) instanceof Directory directory)) {
      throw new NoSuchFileException(path.toString());
    }
    directory.safe = new TreeMap<>(directory.names);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    call(Call.RENAME, from);
    Directory source = parent(from);
    Node node = source.names.get(name(from));
    if (node == null) {
      throw new NoSuchFileException(from.toString());
    }
    if (find(to) instanceof Directory replaced && !replaced.names.isEmpty()) {
      throw new DirectoryNotEmptyException(to.toString());
    }
    parent(to).names.put(name(to), node);
    source.names.remove(name(from));
  }

  @Override
  public synchronized void delete(Path path) throws IOException {
    call(Call.DELETE, path);
    if (find(path) instanceof Directory directory && !directory.names.isEmpty()) {
      throw new DirectoryNotEmptyException(path.toString());
    }
    if (parent(path).names.remove(name(path)) == null) {
      throw new NoSuchFileException(path.toString());
    }
  }

  @Override
  public synchronized Closeable lock(Path path) throws IOException {
    call(Call.CREATE, path);
    Directory directory = parent(path);
    Path key = key(path);
    if (!locks.add(key)) {
      throw new StoreLockedException(
          "store is locked: holder=pid="
              + ProcessHandle.current().pid()
              + ", directory="
              + path.getParent());
    }
    directory.names.computeIfAbsent(name(path), unused -> new File());
    return () -> {
      synchronized (MemoryStorageIO.this) {
        locks.remove(key);
      }
    };
  }

  @Override
  public synchronized long usableSpace(Path directory) throws IOException {
    call(Call.READ, directory);
    return Math.max(capacity - root.used(), 0);
  }

  // What names stand for.

  private abstract static class Node {
    abstract long used();
  }

  private static final class Directory extends Node {
    private final Map<String, Node> names = new TreeMap<>();
    private Map<String, Node> safe = Map.of();

    @Override
    long used() {
      return names.values().stream().mapToLong(Node::used).sum();
    }

    /** Puts what a cut leaves of this directory into another one, where all of it is safe. */
    void leave(Directory image, PowerCut cut) {
      cut.names(safe, names)
          .forEach(
              (name, node) -> {
                if (node instanceof Directory directory) {
                  Directory left = new Directory();
                  directory.leave(left, cut);
                  image.names.put(name, left);
                } else if (node instanceof File file) {
                  image.names.put(name, file.left(cut));
                }
              });
      image.safe = new TreeMap<>(image.names);
    }
  }

  /** Content, and of each page that changed since it was forced what it held then. */
  private static final class File extends Node {
    private final Map<Integer, byte[]> safePages = new HashMap<>();
    private final Set<Integer> pagesOfFailedForce = new HashSet<>();
    private byte[] bytes = {};
    private int length;
    private int safeLength;

    @Override
    long used() {
      return length;
    }

    private byte[] page(int index) {
      int from = Math.min(index * PAGE, length);
      return Arrays.copyOf(
          Arrays.copyOfRange(bytes, from, Math.min(from + PAGE, Math.max(length, from))), PAGE);
    }

    private void touch(int index) {
      safePages.computeIfAbsent(index, this::page);
      pagesOfFailedForce.remove(index);
    }

    void truncate() {
      for (int index = 0; index * PAGE < length; index++) {
        touch(index);
      }
      bytes = new byte[0];
      length = 0;
    }

    void write(ByteBuffer source, int offset, int count) {
      if (count == 0) {
        return;
      }
      for (int index = offset / PAGE; index * PAGE < offset + count; index++) {
        touch(index);
      }
      if (offset + count > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(offset + count, bytes.length * 2));
      }
      source.get(bytes, offset, count);
      length = Math.max(length, offset + count);
    }

    void force() {
      safePages.keySet().removeIf(index -> !pagesOfFailedForce.contains(index));
      safeLength = length;
    }

    void failForce() {
      pagesOfFailedForce.addAll(safePages.keySet());
    }

    File left(PowerCut cut) {
      File image = new File();
      int left = length == safeLength || cut.isWritten() ? length : safeLength;
      byte[] mixed = Arrays.copyOf(Arrays.copyOf(bytes, length), left);
      safePages.forEach(
          (index, safe) -> {
            byte[] page = cut.page(safe, page(index));
            int count = Math.min(PAGE, left - index * PAGE);
            if (count > 0) {
              System.arraycopy(page, 0, mixed, index * PAGE, count);
            }
          });
      image.bytes = mixed;
      image.length = left;
      image.safeLength = left;
      return image;
    }
  }

  /** A handle. */
  private final class OpenFile implements StorageFile {
    private final Path path;
    private final File file;
    private final boolean isWritable;

    OpenFile(Path path, File file, boolean isWritable) {
      this.path = path;
      this.file = file;
      this.isWritable = isWritable;
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
      synchronized (MemoryStorageIO.this) {
        call(Call.READ, path);
        if (offset >= file.length) {
          return -1;
        }
        int count = (int) Math.min(target.remaining(), file.length - offset);
        target.put(file.bytes, (int) offset, count);
        return count;
      }
    }

    @Override
    public void write(ByteBuffer source, long offset) throws IOException {
      synchronized (MemoryStorageIO.this) {
        if (!isWritable) {
          throw new IllegalStateException("file is open for reading only: file=" + path);
        }
        call(Call.WRITE, path);
        int at = Math.toIntExact(offset);
        long growth = offset + source.remaining() - file.length;
        long free = capacity == Long.MAX_VALUE ? growth : capacity - root.used();
        if (growth > free) {
          int fitting = source.remaining() - (int) (growth - Math.max(free, 0));
          file.write(source, at, Math.max(fitting, 0));
          throw new IOException("No space left on device");
        }
        file.write(source, at, source.remaining());
      }
    }

    @Override
    public long length() throws IOException {
      synchronized (MemoryStorageIO.this) {
        call(Call.READ, path);
        return file.length;
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (MemoryStorageIO.this) {
        try {
          call(Call.FORCE, path);
        } catch (IOException e) {
          file.failForce();
          throw e;
        }
        file.force();
      }
    }

    @Override
    public void close() {}
  }
}
