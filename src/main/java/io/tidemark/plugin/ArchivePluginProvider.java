package io.tidemark.plugin;

import java.util.EnumSet;

/** Makes the plugin that comes with the library. */
public final class ArchivePluginProvider implements BackupPluginProvider {

  /** The name of the plugin, and the default of {@code plugin.name}. */
  public static final String NAME = "incremental_bitmap";

  /** Is called by {@code ServiceLoader}. */
  public ArchivePluginProvider() {
    // Holds nothing.
  }

  @Override
  public PluginInfo info() {
    return new PluginInfo(
        NAME, "1.0.0", BackupPlugin.API_VERSION, EnumSet.allOf(PluginCapability.class));
  }

  @Override
  public BackupPlugin create() {
    return new ArchivePlugin();
  }
}
