package io.tidemark.plugin;

import io.tidemark.errors.PluginException;
import java.io.Closeable;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A jar whose classes are loaded, by a class loader of its own.
 *
 * <p>Used by one thread.
 */
final class PluginJar implements Closeable {

  /*
   * Classes come from a private copy: whoever replaces the jar does not pull it from under a loaded plugin,
   * and the file itself is not held. The host's classes come first, so the interface is one and the same.
   */

  private static final String PREFIX = "tidemark-plugin-";
  private static final String SUFFIX = ".jar";

  private final Path jar;
  private final Path copy;
  private final URLClassLoader classes;

  private PluginJar(Path jar, Path copy) throws IOException {
    this.jar = jar;
    this.copy = copy;
    URL[] urls = {copy.toUri().toURL()};
    this.classes = new URLClassLoader("plugin " + jar, urls, PluginJar.class.getClassLoader());
  }

  /**
   * Opens a jar; nothing of it runs yet.
   *
   * @param copies directory for the private copy; null for that of temporary files
   * @throws PluginException if it is not there or is no jar
   */
  static PluginJar open(Path jar, @Nullable Path copies) throws IOException {
    Path copy =
        copies == null
            ? Files.createTempFile(PREFIX, SUFFIX)
            : Files.createTempFile(copies, PREFIX, SUFFIX);
    try {
      Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING);
      new ZipFile(copy.toFile()).close();
      return new PluginJar(jar, copy);
    } catch (NoSuchFileException e) {
      Files.delete(copy);
      throw new PluginException("no such jar: file=" + jar);
    } catch (ZipException e) {
      Files.delete(copy);
      throw new PluginException("not a jar: " + e.getMessage() + ": file=" + jar);
    } catch (IOException | RuntimeException e) {
      Files.delete(copy);
      throw e;
    }
  }

  /**
   * Returns the provider of the only plugin in the jar.
   *
   * @throws PluginException if there is none, there are several, or it is for another version of
   *     the interface
   */
  BackupPluginProvider provider() {
    List<BackupPluginProvider> found = new ArrayList<>();
    try {
      Iterator<ServiceLoader.Provider<BackupPluginProvider>> providers =
          ServiceLoader.load(BackupPluginProvider.class, classes).stream().iterator();
      while (providers.hasNext()) {
        ServiceLoader.Provider<BackupPluginProvider> provider = providers.next();
        if (provider.type().getClassLoader() == classes) {
          found.add(provider.get());
        }
      }
    } catch (ServiceConfigurationError | LinkageError e) {
      throw broken(e);
    }
    if (found.size() != 1) {
      throw new PluginException(
          (found.isEmpty() ? "no plugin in this jar" : "more than one plugin in this jar")
              + ": service="
              + BackupPluginProvider.class.getName()
              + ", providers="
              + found.size()
              + ", file="
              + jar);
    }
    return found.get(0);
  }

  /**
   * Returns what a provider of this jar says of its plugin.
   *
   * @throws PluginException if the plugin is for another version of the interface
   */
  PluginInfo info(BackupPluginProvider provider) {
    PluginInfo info;
    try {
      info = provider.info();
    } catch (LinkageError | RuntimeException e) {
      throw broken(e);
    }
    info.checkVersion(jar.toString());
    return info;
  }

  /** Makes the plugin. */
  BackupPlugin create(BackupPluginProvider provider) {
    try {
      return provider.create();
    } catch (LinkageError | RuntimeException e) {
      throw broken(e);
    }
  }

  private PluginException broken(Throwable cause) {
    PluginException failure =
        new PluginException("plugin cannot be made: " + cause.getMessage() + ": file=" + jar);
    failure.initCause(cause);
    return failure;
  }

  /** Lets go of the classes; what is not loaded yet cannot be any more. */
  @Override
  public void close() throws IOException {
    try {
      classes.close();
    } finally {
      Files.deleteIfExists(copy);
    }
  }
}
