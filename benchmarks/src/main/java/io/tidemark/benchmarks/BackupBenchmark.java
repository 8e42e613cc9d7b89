package io.tidemark.benchmarks;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.Compressions;
import io.tidemark.archive.KeySource;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.BackupResult;
import io.tidemark.backup.StorageEngine;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.restore.Restore;
import io.tidemark.storage.Directories;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.TrackerOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What a backup of an embedded engine costs, end to end: full runs with each compression, with and
 * without encryption, and reading every byte of them again.
 *
 * <p>Half of each block is random, the other half text that repeats: zstd makes it about half as
 * long.
 */
public final class BackupBenchmark {
  private static final Map<String, String> DEFAULTS =
      Map.of("blocks", "100000", "length", "4096", "batch", "1000", "repeat", "3");
  private static final double MIB = 1 << 20;
  private static final int KEY_LENGTH = 32;

  private final Path directory;
  private final NamedArguments arguments;
  private final EmbeddedEngine engine;
  private final BitmapEngine store;
  private final ResultTable table;

  private BackupBenchmark(
      Path directory, NamedArguments arguments, EmbeddedEngine engine, BitmapEngine store)
      throws IOException {
    this.directory = directory;
    this.arguments = arguments;
    this.engine = engine;
    this.store = store;
    this.table = new ResultTable(System.out, null);
  }

  /**
   * Runs the benchmark.
   *
   * @param args a new or empty directory, then {@code name=value} of blocks, length, batch and
   *     repeat
   */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of(args[0]);
    NamedArguments arguments =
        NamedArguments.parse(DEFAULTS, Arrays.asList(args).subList(1, args.length));
    try (EmbeddedEngine engine =
            EmbeddedEngine.open(directory.resolve("engine"), EmbeddedOptions.defaults());
        BitmapEngine store =
            BitmapEngine.open(
                directory.resolve("store"), engine.shard(), TrackerOptions.defaults())) {
      EngineSink.start(engine, store);
      BackupBenchmark benchmark = new BackupBenchmark(directory, arguments, engine, store);
      benchmark.fill();
      benchmark.run();
    }
  }

  private void fill() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    byte[] text = "the same words again and again, ".repeat(128).getBytes(StandardCharsets.UTF_8);
    byte[] content = new byte[(int) arguments.number("length")];
    for (long id = 0; id < arguments.number("blocks"); id++) {
      byte[] noise = new byte[content.length / 2];
      random.nextBytes(noise);
      for (int at = 0; at < content.length; at++) {
        content[at] = at < noise.length ? noise[at] : text[at % text.length];
      }
      engine.create(id, content);
    }
    engine.flush();
    table.begin("dense", arguments.number("blocks"), arguments.number("blocks"));
  }

  private void run() throws IOException {
    KeySource key = KeySource.keyFile(new byte[KEY_LENGTH], "benchmark");
    for (String compression : List.of("none", "lz4", "zstd:1", "zstd:3")) {
      measure(compression, null);
      measure(compression, key);
    }
  }

  private void measure(String compression, @Nullable KeySource key) throws IOException {
    Path root = directory.resolve("archive");
    Meter write = new Meter();
    Meter verify = new Meter();
    long bytes = 0;
    long stored = 0;
    for (int i = 0; i < arguments.number("repeat"); i++) {
      Archive archive = new Archive(FileStorageIO.INSTANCE, root);
      BackupCoordinator coordinator =
          BackupCoordinator.open(
              store,
              StorageEngine.of(engine),
              new ArchiveTool(archive, new ArchiveOptions(Compressions.named(compression), key)),
              directory.resolve("store"),
              BackupOptions.defaults().withBatchSize((int) arguments.number("batch")));
      write.start();
      BackupResult result = coordinator.run(BackupRequest.full("default"), progress -> {});
      write.stop();
      ArchivedRun run = archive.run(result.run().runId());
      verify.start();
      Restore.Content content = new Restore(archive, key).verify(run);
      verify.stop();
      bytes = content.bytes();
      stored = result.storedBytes();
      Directories.deleteTree(root);
    }
    String name = compression + (key == null ? "" : " encrypted");
    table.add(name + " write", bytes / MIB / (write.cpuNs() / 1e9), "MiB/s of CPU");
    table.add(name + " write", bytes / MIB / (write.wallNs() / 1e9), "MiB/s");
    table.add(name + " verify", bytes / MIB / (verify.cpuNs() / 1e9), "MiB/s of CPU");
    table.add(name + " stored", 100.0 * stored / bytes, "%");
  }
}
