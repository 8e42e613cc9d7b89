package io.tidemark.storage;

/**
 * Settings of the Chronicle libraries that must stand before their first class is loaded: nothing
 * calls out, nothing prints a banner, no thread watches the disk.
 */
public final class ChronicleSettings {
  private ChronicleSettings() {}

  /** Sets what the process did not set itself. */
  public static void apply() {
    setDefault("chronicle.analytics.disable");
    setDefault("chronicle.announcer.disable");
    setDefault("chronicle.disk.monitor.disable");
  }

  private static void setDefault(String property) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, "true");
    }
  }
}
