package io.tidemark.plugin;

import io.tidemark.errors.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a running process, which changes as a whole or not at all.
 *
 * <p>Thread-safe: whoever takes {@link #current} once sees one configuration.
 */
public final class LiveConfiguration {

  /** How a file was when it was looked at: another one of these is another content. */
  private record Look(long lengthBytes, long modifiedNs, @Nullable Object fileKey) {}

  private final ConfigurationSource source;
  private volatile Configuration current;

  // Guarded by this.
  private @Nullable Look lastLook;

  private LiveConfiguration(ConfigurationSource source, Configuration current) {
    this.source = source;
    this.current = current;
  }

  /**
   * Reads a source for the first time.
   *
   * @throws ConfigurationException if anything in it is unknown or wrong
   */
  public static LiveConfiguration read(ConfigurationSource source) throws IOException {
    Look look = look(source.file());
    LiveConfiguration live = new LiveConfiguration(source, source.read());
    live.lastLook = look;
    return live;
  }

  /** Returns what is in force now. */
  public Configuration current() {
    return current;
  }

  /**
   * Reads the source again and puts it in force, but for what needs a restart.
   *
   * @return what is different from what was in force, whether it counts now or at the next start
   * @throws ConfigurationException if anything in it is unknown or wrong; then nothing changes
   */
  public synchronized List<Configuration.Change> reload() throws IOException {
    lastLook = look(source.file());
    Configuration read = source.read();
    List<Configuration.Change> changes = current.changesTo(read);
    current = current.reloadedFrom(read);
    return changes;
  }

  /** Returns whether the file is another one than when it was read last; false without a file. */
  public synchronized boolean isFileChanged() throws IOException {
    return !Objects.equals(look(source.file()), lastLook);
  }

  private static @Nullable Look look(@Nullable Path file) throws IOException {
    if (file == null) {
      return null;
    }
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return new Look(
          found.size(), found.lastModifiedTime().to(TimeUnit.NANOSECONDS), found.fileKey());
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
