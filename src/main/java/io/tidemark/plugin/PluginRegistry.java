package io.tidemark.plugin;

import io.tidemark.errors.PluginException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The plugins of a process, by name: those on its class path, and those that it loads from jars and
 * unloads while it runs.
 *
 * <p>Thread-safe. Whoever unloads a plugin sees to it that nobody uses it any more.
 */
public final class PluginRegistry implements Closeable {

  /**
   * A plugin.
   *
   * @param jar null if it is on the class path
   */
  private record Entry(PluginInfo info, BackupPlugin plugin, @Nullable PluginJar jar) {

    void end() throws IOException {
      try (PluginJar closed = jar) {
        assert closed == jar;
        plugin.shutdown();
      }
    }
  }

  private final Map<String, Entry> plugins = new TreeMap<>(); // Guarded by this.

  private final @Nullable Path copies;

  private PluginRegistry(@Nullable Path copies) {
    this.copies = copies;
  }

  /**
   * Opens a registry with the plugins on the class path of this library.
   *
   * @throws PluginException if two of them have one name, or one cannot be made or is for another
   *     version of the interface
   */
  public static PluginRegistry open() {
    return open(null);
  }

  /** Opens one that keeps the private copies of jars in a directory. */
  static PluginRegistry open(@Nullable Path copies) {
    PluginRegistry registry = new PluginRegistry(copies);
    ClassLoader classes = PluginRegistry.class.getClassLoader();
    try {
      for (BackupPluginProvider provider :
          ServiceLoader.load(BackupPluginProvider.class, classes)) {
        PluginInfo info = provider.info();
        info.checkVersion("class path");
        registry.add(new Entry(info, provider.create(), null));
      }
    } catch (ServiceConfigurationError e) {
      PluginException failure =
          new PluginException("plugin of the class path cannot be made: " + e.getMessage());
      failure.initCause(e);
      throw failure;
    }
    return registry;
  }

  private synchronized void add(Entry entry) {
    Entry before = plugins.putIfAbsent(entry.info.name(), entry);
    if (before != null) {
      throw new PluginException(
          "plugin of this name is loaded: loadedVersion="
              + before.info.version()
              + ", version="
              + entry.info.version()
              + ", name="
              + entry.info.name());
    }
  }

  /** Returns what the plugins say of themselves, by name. */
  public synchronized List<PluginInfo> list() {
    return plugins.values().stream().map(Entry::info).toList();
  }

  /**
   * Returns a plugin.
   *
   * @throws PluginException if there is none of this name
   */
  public synchronized BackupPlugin plugin(String name) {
    Entry entry = plugins.get(name);
    if (entry == null) {
      throw unknown(name);
    }
    return entry.plugin;
  }

  private PluginException unknown(String name) {
    return new PluginException(
        "no plugin of this name is loaded: loaded="
            + String.join(",", plugins.keySet())
            + ", name="
            + name);
  }

  /**
   * Loads the plugin of a jar, which has one. The file may be replaced or deleted afterwards.
   *
   * @return what it says of itself
   * @throws PluginException if it cannot be loaded; nothing of it stays
   */
  public PluginInfo load(Path jar) throws IOException {
    PluginJar opened = PluginJar.open(jar, copies);
    try {
      BackupPluginProvider provider = opened.provider();
      PluginInfo info = opened.info(provider);
      add(new Entry(info, opened.create(provider), opened));
      return info;
    } catch (RuntimeException | Error e) {
      opened.close();
      throw e;
    }
  }

  /**
   * Shuts a plugin down and forgets it; its classes go with the last reference to it.
   *
   * @throws PluginException if there is none of this name
   * @throws IOException if it failed to shut down; it is unloaded all the same
   */
  public void unload(String name) throws IOException {
    Entry entry;
    synchronized (this) {
      entry = plugins.remove(name);
      if (entry == null) {
        throw unknown(name);
      }
    }
    entry.end();
  }

  /** Unloads all plugins. */
  @Override
  public void close() throws IOException {
    List<Entry> all;
    synchronized (this) {
      all = new ArrayList<>(plugins.values());
      plugins.clear();
    }
    IOException failure = null;
    for (Entry entry : all) {
      try {
        entry.end();
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
