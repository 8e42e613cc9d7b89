package io.tidemark.testing;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The default file system, with an observer that is told of everything that decides what survives a
 * power cut: forces of files and directories, and what is created, renamed and deleted.
 *
 * <p>Whoever asks a path for its {@code File} goes around the observer.
 */
public final class RecordedFileSystem extends FileSystem {

  /** Is told after the fact, with paths of the default file system. */
  public interface Observer {

    /** The content of a file, or the entries of a directory, were forced. */
    void onForce(Path path) throws IOException;

    /** A file is about to be deleted. */
    void onDelete(Path path) throws IOException;

    /** A file was created, renamed or deleted. */
    void onChange() throws IOException;
  }

  private static final FileSystem REAL = FileSystems.getDefault();

  private final Observer observer;
  private final Provider provider = new Provider();

  /** Open ones: what they force goes by a new name after a rename. */
  private final Set<Channel> channels = ConcurrentHashMap.newKeySet();

  /** Creates a view of the default file system. */
  public RecordedFileSystem(Observer observer) {
    this.observer = observer;
  }

  /** Returns the same path, with everything done to it told to the observer. */
  public Path path(Path real) {
    return new Recorded(real);
  }

  private static Path real(Path path) {
    return path instanceof Recorded recorded ? recorded.real : path;
  }

  private @Nullable Path wrap(@Nullable Path real) {
    return real == null ? null : new Recorded(real);
  }

  @Override
  public FileSystemProvider provider() {
    return provider;
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public String getSeparator() {
    return REAL.getSeparator();
  }

  @Override
  public Iterable<Path> getRootDirectories() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Iterable<FileStore> getFileStores() {
    return REAL.getFileStores();
  }

  @Override
  public Set<String> supportedFileAttributeViews() {
    return REAL.supportedFileAttributeViews();
  }

  @Override
  public Path getPath(String first, String... more) {
    return new Recorded(REAL.getPath(first, more));
  }

  @Override
  public PathMatcher getPathMatcher(String syntaxAndPattern) {
    PathMatcher matcher = REAL.getPathMatcher(syntaxAndPattern);
    return path -> matcher.matches(real(path));
  }

  @Override
  public UserPrincipalLookupService getUserPrincipalLookupService() {
    return REAL.getUserPrincipalLookupService();
  }

  @Override
  public WatchService newWatchService() {
    throw new UnsupportedOperationException();
  }

  /** A path of this file system. */
  private final class Recorded implements Path {
    private final Path real;

    Recorded(Path real) {
      this.real = real;
    }

    @Override
    public FileSystem getFileSystem() {
      return RecordedFileSystem.this;
    }

    @Override
    public boolean isAbsolute() {
      return real.isAbsolute();
    }

    @Override
    public @Nullable Path getRoot() {
      return wrap(real.getRoot());
    }

    @Override
    public @Nullable Path getFileName() {
      return wrap(real.getFileName());
    }

    @Override
    public @Nullable Path getParent() {
      return wrap(real.getParent());
    }

    @Override
    public int getNameCount() {
      return real.getNameCount();
    }

    @Override
    public Path getName(int index) {
      return new Recorded(real.getName(index));
    }

    @Override
    public Path subpath(int beginIndex, int endIndex) {
      return new Recorded(real.subpath(beginIndex, endIndex));
    }

    @Override
    public boolean startsWith(Path other) {
      return real.startsWith(real(other));
    }

    @Override
    public boolean endsWith(Path other) {
      return real.endsWith(real(other));
    }

    @Override
    public Path normalize() {
      return new Recorded(real.normalize());
    }

    @Override
    public Path resolve(Path other) {
      return new Recorded(real.resolve(real(other)));
    }

    @Override
    public Path relativize(Path other) {
      return new Recorded(real.relativize(real(other)));
    }

    @Override
    public URI toUri() {
      return real.toUri();
    }

    @Override
    public Path toAbsolutePath() {
      return new Recorded(real.toAbsolutePath());
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
      return new Recorded(real.toRealPath(options));
    }

    @Override
    public File toFile() {
      return real.toFile();
    }

    @Override
    public WatchKey register(
        WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Path other) {
      return real.compareTo(real(other));
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Recorded recorded && recorded.real.equals(real);
    }

    @Override
    public int hashCode() {
      return real.hashCode();
    }

    @Override
    public String toString() {
      return real.toString();
    }
  }

  /** Does everything as the default provider does it, and tells. */
  private final class Provider extends FileSystemProvider {
    private final FileSystemProvider target = REAL.provider();

    @Override
    public String getScheme() {
      return "recorded";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
      return RecordedFileSystem.this;
    }

    @Override
    public Path getPath(URI uri) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel newFileChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      boolean isNew = !Files.exists(real(path));
      FileChannel channel = target.newFileChannel(real(path), options, attributes);
      if (isNew) {
        observer.onChange();
      }
      Channel recorded = new Channel(real(path), channel);
      channels.add(recorded);
      return recorded;
    }

    @Override
    public SeekableByteChannel newByteChannel(
        Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
        throws IOException {
      return newFileChannel(path, options, attributes);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
        Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
      List<Path> entries = new ArrayList<>();
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(real(directory))) {
        for (Path entry : stream) {
          Path recorded = new Recorded(entry);
          if (filter.accept(recorded)) {
            entries.add(recorded);
          }
        }
      }
      return new DirectoryStream<>() {
        @Override
        public Iterator<Path> iterator() {
          return entries.iterator();
        }

        @Override
        public void close() {
          // Everything was read before.
        }
      };
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
      target.createDirectory(real(directory), attributes);
      observer.onChange();
    }

    @Override
    public void delete(Path path) throws IOException {
      observer.onDelete(real(path));
      target.delete(real(path));
      observer.onChange();
    }

    @Override
    public void copy(Path source, Path copy, CopyOption... options) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void move(Path source, Path moved, CopyOption... options) throws IOException {
      if (Files.exists(real(moved))) {
        observer.onDelete(real(moved));
      }
      target.move(real(source), real(moved), options);
      for (Channel channel : channels) {
        if (channel.path.equals(real(source))) {
          channel.path = real(moved);
        }
      }
      observer.onChange();
    }

    @Override
    public boolean isSameFile(Path path, Path other) throws IOException {
      return target.isSameFile(real(path), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
      return target.isHidden(real(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
      return target.getFileStore(real(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
      target.checkAccess(real(path), modes);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
        Path path, Class<V> type, LinkOption... options) {
      return target.getFileAttributeView(real(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(
        Path path, Class<A> type, LinkOption... options) throws IOException {
      return target.readAttributes(real(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
        throws IOException {
      return target.readAttributes(real(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
        throws IOException {
      target.setAttribute(real(path), attribute, value, options);
    }
  }

  /** A channel whose forces are told. */
  private final class Channel extends FileChannel {
    private final FileChannel target;
    private Path path;

    Channel(Path path, FileChannel target) {
      this.path = path;
      this.target = target;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      target.force(metaData);
      observer.onForce(path);
    }

    @Override
    public int read(ByteBuffer out) throws IOException {
      return target.read(out);
    }

    @Override
    public long read(ByteBuffer[] out, int offset, int length) throws IOException {
      return target.read(out, offset, length);
    }

    @Override
    public int write(ByteBuffer in) throws IOException {
      return target.write(in);
    }

    @Override
    public long write(ByteBuffer[] in, int offset, int length) throws IOException {
      return target.write(in, offset, length);
    }

    @Override
    public long position() throws IOException {
      return target.position();
    }

    @Override
    public FileChannel position(long newPosition) throws IOException {
      target.position(newPosition);
      return this;
    }

    @Override
    public long size() throws IOException {
      return target.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      target.truncate(size);
      return this;
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel out) throws IOException {
      return target.transferTo(position, count, out);
    }

    @Override
    public long transferFrom(ReadableByteChannel in, long position, long count) throws IOException {
      return target.transferFrom(in, position, count);
    }

    @Override
    public int read(ByteBuffer out, long position) throws IOException {
      return target.read(out, position);
    }

    @Override
    public int write(ByteBuffer in, long position) throws IOException {
      return target.write(in, position);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
      return target.map(mode, position, size);
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) throws IOException {
      return target.lock(position, size, shared);
    }

    @Override
    public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return target.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      channels.remove(this);
      target.close();
    }
  }
}
