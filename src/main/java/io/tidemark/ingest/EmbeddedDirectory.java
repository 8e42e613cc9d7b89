package io.tidemark.ingest;

import io.tidemark.errors.NotAStoreException;
import io.tidemark.errors.StoreFailedException;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The directory of an embedded engine: its names, its manifests, and what is left over in it. */
record EmbeddedDirectory(StorageIO io, Path root) {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
  private static final Pattern MANIFEST = Pattern.compile("manifest-(\\d{20})");
  private static final Pattern LOG = Pattern.compile("\\d{10}-\\d{20}\\.log");
  private static final Pattern DATA = Pattern.compile("\\d{20}\\.data");
  private static final int GENERATION_DIGITS = 10;
  private static final int DIGITS = 20;

  /** Returns the file whose lock the engine holds. */
  Path lock() {
    return root.resolve("LOCK");
  }

  /** Returns the directory of the log. */
  Path logs() {
    return root.resolve("wal");
  }

  /** Returns the directory of the data files. */
  Path data() {
    return root.resolve("data");
  }

  Path manifest(long number) {
    return root.resolve("manifest-" + digits(number, DIGITS));
  }

  Path log(int generation, long first) {
    return logs()
        .resolve(
            digits(Integer.toUnsignedLong(generation), GENERATION_DIGITS)
                + "-"
                + digits(first, DIGITS)
                + ".log");
  }

  Path data(long number) {
    return data().resolve(digits(number, DIGITS) + ".data");
  }

  /** Returns an unsigned number with leading zeros. */
  private static String digits(long number, int count) {
    String digits = Long.toUnsignedString(number);
    return "0".repeat(count - digits.length()) + digits;
  }

  /**
   * Reads the newest manifest; null if the directory holds no engine yet.
   *
   * @throws NotAStoreException if it holds files of one without a manifest
   */
  @Nullable EmbeddedManifest newestManifest() throws IOException {
    long newest = newestManifestNumber();
    if (newest > 0) {
      return EmbeddedManifest.open(io, manifest(newest), newest);
    }
    if (!io.list(logs()).isEmpty() || !io.list(data()).isEmpty()) {
      throw new NotAStoreException(
          "not an embedded engine: log or data without a manifest: directory=" + root);
    }
    return null;
  }

  /** Returns the number of the newest manifest; 0 if there is none. */
  long newestManifestNumber() throws IOException {
    long newest = 0;
    for (Path path : io.list(root)) {
      Matcher name = MANIFEST.matcher(name(path));
      if (name.matches()) {
        newest = Math.max(newest, Long.parseLong(name.group(1)));
      }
    }
    return newest;
  }

  /** Creates what is missing of the directories; durable when this returns. */
  void create() throws IOException {
    io.createDurably(logs());
    io.createDurably(data());
  }

  /** Opens a file of the log that a manifest names, before its first record. */
  EmbeddedLogReader read(EmbeddedManifest.LogFile log, long engineId) throws IOException {
    return new EmbeddedLogReader(
        io, log(log.generation(), log.first()), engineId, log.generation(), log.first(), false);
  }

  /**
   * Opens the file that the engine of a manifest appends to, before its first record; a record
   * counts once its content is there too.
   */
  EmbeddedLogReader readOpen(EmbeddedManifest manifest) throws IOException {
    int generation = manifest.generation();
    long first = manifest.walOffset() + 1;
    return new EmbeddedLogReader(
        io, log(generation, first), manifest.engineId(), generation, first, true);
  }

  /** Creates a file of the log; its name is durable when this returns. */
  EmbeddedLogFile createLog(long engineId, int generation, long first) throws IOException {
    EmbeddedLogFile log =
        EmbeddedLogFile.create(io, log(generation, first), engineId, generation, first);
    try {
      io.forceDirectory(logs());
      return log;
    } catch (IOException e) {
      log.close();
      throw e;
    }
  }

  /** Creates the open file of a manifest's last generation, with the record that begins it. */
  EmbeddedLogFile beginGeneration(EmbeddedManifest manifest) throws IOException {
    long first = manifest.walOffset() + 1;
    EmbeddedLogFile log = createLog(manifest.engineId(), manifest.generation(), first);
    try {
      log.append(
          EmbeddedRecordType.BEGIN, 0, first, manifest.newestGeneration().timestampNs(), NOTHING);
      return log;
    } catch (IOException e) {
      log.close();
      throw e;
    }
  }

  /** Returns the files of the log as they are without the records above a WAL offset. */
  List<EmbeddedManifest.LogFile> cut(List<EmbeddedManifest.LogFile> logs, long last, long engineId)
      throws IOException {
    List<EmbeddedManifest.LogFile> result = new ArrayList<>();
    for (EmbeddedManifest.LogFile log : logs) {
      if (Long.compareUnsigned(log.last(), last) <= 0) {
        result.add(log);
      } else if (Long.compareUnsigned(log.first(), last) <= 0) {
        try (EmbeddedLogReader reader = read(log, engineId)) {
          while (reader.walOffset() != last) {
            reader.next();
          }
          result.add(
              new EmbeddedManifest.LogFile(log.generation(), log.first(), last, reader.end()));
        }
      }
    }
    return result;
  }

  /**
   * Publishes a manifest.
   *
   * @throws IOException if the one before is in force still
   * @throws StoreFailedException if nobody knows which one is
   */
  void publish(EmbeddedManifest manifest) throws IOException {
    Path file = manifest(manifest.number());
    try {
      manifest.publish(io, file);
    } catch (IOException e) {
      if (io.exists(file)) {
        throw new StoreFailedException(
            "manifest may be in force or not: cause=" + e + ", file=" + file);
      }
      throw e;
    }
  }

  /** Deletes what a manifest that is in force does not name: left by a crash, or not needed now. */
  void deleteUnnamed(EmbeddedManifest manifest) throws IOException {
    Set<Path> named = new HashSet<>();
    named.add(manifest(manifest.number()));
    for (EmbeddedManifest.LogFile log : manifest.logs()) {
      named.add(log(log.generation(), log.first()));
    }
    if (!manifest.isClosed()) {
      named.add(log(manifest.generation(), manifest.walOffset() + 1));
    }
    for (EmbeddedManifest.Run run : manifest.runs()) {
      run.files().forEach(data -> named.add(data(data.number())));
    }
    deleteUnnamed(root, MANIFEST, named);
    deleteUnnamed(logs(), LOG, named);
    deleteUnnamed(data(), DATA, named);
  }

  /** Files whose name is not one of ours are left alone. */
  private void deleteUnnamed(Path directory, Pattern ours, Set<Path> named) throws IOException {
    List<Path> paths = io.list(directory);
    for (Path path : paths) {
      String name = name(path);
      boolean isUnfinished =
          name.endsWith(PublishedFile.TEMPORARY_SUFFIX)
              && ours.matcher(
                      name.substring(0, name.length() - PublishedFile.TEMPORARY_SUFFIX.length()))
                  .matches();
      if (isUnfinished || (ours.matcher(name).matches() && !named.contains(path))) {
        io.delete(path);
      }
    }
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }
}
