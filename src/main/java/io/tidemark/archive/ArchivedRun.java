package io.tidemark.archive;

import java.nio.file.Path;

/**
 * A sealed run of an archive, as its manifest says.
 *
 * @param directory where it is
 * @param digest SHA-256 that proves the manifest, in hexadecimal digits
 */
public record ArchivedRun(Path directory, RunManifest manifest, String digest) {

  /** Returns the name of the run. */
  public String runId() {
    return manifest.plan().runId();
  }
}
