package io.tidemark.plugin;

import io.tidemark.errors.PluginException;
import java.util.Set;

/**
 * What a plugin says of itself before it is made.
 *
 * @param name under which a host asks for it: letters, digits, '.', '_' and '-', at most 64
 * @param version of the plugin, for people
 * @param apiVersion the {@link BackupPlugin#API_VERSION} it was written for
 * @param capabilities what it can do
 */
public record PluginInfo(
    String name, String version, int apiVersion, Set<PluginCapability> capabilities) {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  /** Checks the name and copies the set. */
  public PluginInfo {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(
          "not the name of a plugin: allowed=letters, digits, '.', '_' and '-', at most 64, name="
              + name);
    }
    capabilities = Set.copyOf(capabilities);
  }

  /**
   * Refuses a plugin that was written for another version of the interface.
   *
   * @param where it was found
   * @throws PluginException if it was
   */
  void checkVersion(String where) {
    if (apiVersion != BackupPlugin.API_VERSION) {
      throw new PluginException(
          "plugin is for another version of the interface: expected="
              + BackupPlugin.API_VERSION
              + ", actual="
              + apiVersion
              + ", name="
              + name
              + ", file="
              + where);
    }
  }
}
