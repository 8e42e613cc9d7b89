package io.tidemark.tools;

import picocli.CommandLine.IVersionProvider;

/** The version in the manifest of the jar that this class was loaded from. */
final class ToolVersion implements IVersionProvider {

  /** Returns the version, or {@code (not packaged)} outside a jar. */
  static String text() {
    String version = ToolVersion.class.getPackage().getImplementationVersion();
    return version == null ? "(not packaged)" : version;
  }

  @Override
  public String[] getVersion() {
    return new String[] {Main.NAME + " " + text()};
  }
}
