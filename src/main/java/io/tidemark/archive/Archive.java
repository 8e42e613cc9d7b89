package io.tidemark.archive;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.errors.MissingRunException;
import io.tidemark.errors.TidemarkException;
import io.tidemark.errors.WrongKeyException;
import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A directory that holds backups: one directory for each run, named after it.
 *
 * <pre>
 *  archive/
 *    20261127T031500Z-default-5f0c9e1a/
 *      000001.blocks  000002.blocks ...    one for each batch
 *      manifest.json                       comes last: without it the run is unfinished
 * </pre>
 *
 * <p>Immutable and thread-safe: it is read anew with each call.
 */
public final class Archive {
  static final String MANIFEST = "manifest.json";
  static final String DATA_SUFFIX = ".blocks";

  /** What may be the name of a run: it becomes the name of a directory. */
  private static final String RUN_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,199}";

  /** Longer than that of a run of 10 million batches. */
  private static final long MAX_MANIFEST_BYTES = 1L << 30;

  private final StorageIO io;
  private final Path root;

  /** Names a directory, which need not be there yet. */
  public Archive(StorageIO io, Path root) {
    this.io = io;
    this.root = root;
  }

  /** Returns where the archive is. */
  public Path root() {
    return root;
  }

  StorageIO io() {
    return io;
  }

  /** Returns the directory of a run. */
  Path directory(String runId) {
    if (!runId.matches(RUN_ID)) {
      throw new MissingRunException("not the name of a run: run=" + runId);
    }
    return root.resolve(runId);
  }

  Path manifest(String runId) {
    return directory(runId).resolve(MANIFEST);
  }

  static String dataFile(int batch) {
    return String.format(Locale.ROOT, "%06d%s", batch, DATA_SUFFIX);
  }

  /**
   * What a directory of the archive is.
   *
   * @param name of the directory
   * @param run null if the run is unfinished or its manifest cannot be read
   * @param failure why the manifest cannot be read; null if it can, or is not there
   */
  public record Entry(
      String name, @Nullable ArchivedRun run, @Nullable TidemarkException failure) {}

  /** Returns what the archive holds, by name. */
  public List<Entry> entries() throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (String name : names()) {
      entries.add(entry(name));
    }
    return entries;
  }

  /** Returns the names of its directories in order: those of later runs come later. */
  List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    for (Path path : io.list(root)) {
      String name = path.getFileName().toString();
      if (name.matches(RUN_ID) && io.isDirectory(path)) {
        names.add(name);
      }
    }
    return names;
  }

  Entry entry(String name) throws IOException {
    try {
      return new Entry(name, find(name), null);
    } catch (TidemarkException e) {
      return new Entry(name, null, e);
    }
  }

  /** Returns the sealed runs whose manifests can be read, by name. */
  public List<ArchivedRun> runs() throws IOException {
    List<ArchivedRun> runs = new ArrayList<>();
    for (Entry entry : entries()) {
      ArchivedRun run = entry.run();
      if (run != null) {
        runs.add(run);
      }
    }
    return runs;
  }

  /**
   * Returns a sealed run; null if there is none of this name.
   *
   * @throws CorruptFileException if a byte of its manifest is wrong
   * @throws io.tidemark.errors.UnsupportedFormatException if a newer program wrote it
   */
  public @Nullable ArchivedRun find(String runId) throws IOException {
    Path path = manifest(runId);
    byte[] bytes;
    try {
      bytes = read(path);
    } catch (NoSuchFileException e) {
      return null;
    }
    ManifestFormat.Read read = ManifestFormat.read(bytes, path.toString());
    if (!read.manifest().plan().runId().equals(runId)) {
      throw new CorruptFileException(
          "corrupt file: manifest is of another run: run="
              + read.manifest().plan().runId()
              + ", file="
              + path);
    }
    return new ArchivedRun(directory(runId), read.manifest(), read.digest());
  }

  /**
   * Returns a sealed run.
   *
   * @throws MissingRunException if there is none of this name
   */
  public ArchivedRun run(String runId) throws IOException {
    ArchivedRun run = find(runId);
    if (run == null) {
      throw new MissingRunException(
          "no such run in the archive: run=" + runId + ", archive=" + root);
    }
    return run;
  }

  /** Publishes the manifest of a run whose files are durable: with that the run is sealed. */
  ArchivedRun seal(RunManifest manifest, @Nullable ArchiveKey key) throws IOException {
    String runId = manifest.plan().runId();
    Path temporary = manifest(runId).resolveSibling(MANIFEST + ".tmp");
    try (StorageFile file = io.create(temporary)) {
      file.write(ByteBuffer.wrap(ManifestFormat.write(manifest, key)), 0);
      file.force();
    }
    io.rename(temporary, manifest(runId));
    io.forceDirectory(directory(runId));
    return run(runId);
  }

  /**
   * Deletes a run; it is none any more before its first file is gone. Whoever needs it cannot be
   * restored after that.
   */
  public void delete(String runId) throws IOException {
    Path directory = directory(runId);
    if (io.exists(manifest(runId))) {
      io.delete(manifest(runId));
      io.forceDirectory(directory);
    }
    io.deleteTree(directory);
    if (io.isDirectory(root)) {
      io.forceDirectory(root);
    }
  }

  private byte[] read(Path path) throws IOException {
    try (StorageFile file = io.openForReading(path)) {
      long length = file.length();
      if (length > MAX_MANIFEST_BYTES) {
        throw new CorruptFileException(
            "corrupt file: longer than any manifest: length=" + length + ", file=" + path);
      }
      byte[] bytes = new byte[(int) length];
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining() && file.read(buffer, buffer.position()) > 0) {
        // Reads on.
      }
      return bytes;
    }
  }

  /**
   * Returns the key of a run, with which its manifest is authentic; null if it is not encrypted.
   *
   * @param keys null if there are none
   * @throws WrongKeyException if there is no key for it
   * @throws CorruptFileException if the manifest was not written with it
   */
  @Nullable ArchiveKey key(ArchivedRun run, @Nullable KeySource keys) throws IOException {
    KeyParameters parameters = run.manifest().encryption();
    if (parameters == null) {
      return null;
    }
    Path path = manifest(run.runId());
    if (keys == null) {
      throw new WrongKeyException(
          "run is encrypted and no key was given: needed="
              + parameters.source()
              + ", file="
              + path);
    }
    ArchiveKey key = keys.key(parameters, path.toString());
    ManifestFormat.authenticate(read(path), key, path.toString());
    return key;
  }
}
