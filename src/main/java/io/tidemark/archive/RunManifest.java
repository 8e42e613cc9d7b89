package io.tidemark.archive;

import io.tidemark.backup.RunEnd;
import io.tidemark.backup.RunPlan;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the archive holds of one run, and what proves it.
 *
 * @param plan what it copied
 * @param end what was known at its end
 * @param compression name of the compression
 * @param encryption how its key is found; null if it is not encrypted
 * @param standsFor the run that this one takes the place of, because it was combined from it and
 *     those before it; null for a run that was taken
 * @param files in order of batches
 */
public record RunManifest(
    RunPlan plan,
    RunEnd end,
    String compression,
    @Nullable KeyParameters encryption,
    RunPlan.@Nullable Parent standsFor,
    List<ManifestFile> files) {

  /** Copies the list. */
  public RunManifest {
    files = List.copyOf(files);
  }

  /** Returns how many blocks it has content of. */
  public long blocks() {
    return sum(ManifestFile::blocks);
  }

  /** Returns how many tombstones it has. */
  public long deleted() {
    return sum(ManifestFile::deleted);
  }

  /** Returns how many blocks were gone when they were to be copied. */
  public long gone() {
    return sum(ManifestFile::gone);
  }

  /** Returns the bytes of content it holds. */
  public long contentBytes() {
    return sum(ManifestFile::contentBytes);
  }

  /** Returns the bytes of its data files. */
  public long storedBytes() {
    return sum(ManifestFile::lengthBytes);
  }

  private long sum(ToLongFunction<ManifestFile> of) {
    return files.stream().mapToLong(of).sum();
  }
}
