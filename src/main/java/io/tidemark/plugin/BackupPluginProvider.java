package io.tidemark.plugin;

/**
 * Makes a plugin: what {@code ServiceLoader} finds.
 *
 * <p>A jar names its implementations, public and with a constructor without arguments, in {@code
 * META-INF/services/io.tidemark.plugin.BackupPluginProvider}.
 */
public interface BackupPluginProvider {

  /** Returns what there is to know of the plugin before it is made. */
  PluginInfo info();

  /** Makes a plugin; it holds nothing before it is initialised. */
  BackupPlugin create();
}
