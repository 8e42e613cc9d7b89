package io.tidemark.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveOptions;
import io.tidemark.archive.ArchiveTool;
import io.tidemark.archive.ArchiveVerifier.Level;
import io.tidemark.archive.ArchivedRun;
import io.tidemark.archive.Compressions;
import io.tidemark.archive.KeySource;
import io.tidemark.backup.BackupCoordinator;
import io.tidemark.backup.BackupOptions;
import io.tidemark.backup.BackupRequest;
import io.tidemark.backup.StorageEngine;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.MemoryStorageIO;
import io.tidemark.tracker.BitmapEngine;
import io.tidemark.tracker.EngineSink;
import io.tidemark.tracker.MemoryStore;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * An archive that an earlier build wrote restores what went into it.
 *
 * <p>Its files are never written again: a change that cannot read them is a new format version.
 */
class ArchiveFormatsTest {
  private static final KeySource SECRET = KeySource.passPhrase("tidemark", 8, 1);
  private static final Path STORE = Path.of("/disk/store");

  /** Writes a full run without compression, an lz4 one and an encrypted zstd one. */
  static void write(Path archive) throws IOException {
    MemoryStorageIO io = new MemoryStorageIO();
    io.createDurably(STORE.resolveSibling(""));
    try (EmbeddedEngine engine =
            EmbeddedEngine.open(io, Path.of("/disk/engine"), EmbeddedOptions.defaults());
        BitmapEngine store = MemoryStore.open(io, STORE, engine.shard(), 100)) {
      EngineSink.start(engine, store);
      engine.create(1, bytes("one"));
      engine.create(2, bytes("two"));
      engine.create(-1, bytes("last"));
      take(archive, io, engine, store, new ArchiveOptions(Compressions.none(), null), true);
      engine.update(1, bytes("one again"));
      engine.delete(2);
      take(archive, io, engine, store, new ArchiveOptions(Compressions.lz4(), null), false);
      engine.create(2, bytes("two again ".repeat(50)));
      take(archive, io, engine, store, new ArchiveOptions(Compressions.zstd(3), SECRET), false);
    }
  }

  private static void take(
      Path archive,
      MemoryStorageIO io,
      EmbeddedEngine engine,
      BitmapEngine store,
      ArchiveOptions options,
      boolean isFull)
      throws IOException {
    BackupCoordinator.open(
            store,
            StorageEngine.of(engine),
            new ArchiveTool(new Archive(FileStorageIO.INSTANCE, archive), options),
            io,
            STORE.resolve("runs"),
            BackupOptions.defaults().withBatchSize(2))
        .run(
            isFull ? BackupRequest.full("default") : BackupRequest.incremental("default"),
            progress -> {});
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Archive archive() throws URISyntaxException {
    URL url = ArchiveFormatsTest.class.getResource("/formats/archive-1");
    assertNotNull(url);
    return new Archive(FileStorageIO.INSTANCE, Path.of(url.toURI()));
  }

  private static SortedMap<Long, String> content(ArchivedRun run)
      throws IOException, URISyntaxException {
    SortedMap<Long, String> content = new TreeMap<>(Long::compareUnsigned);
    List<ArchivedRun> runs = RunIndex.of(archive()).leadingTo(run);
    try (MergedRuns merged = MergedRuns.open(archive(), runs, SECRET)) {
      while (merged.next()) {
        ByteBuffer bytes = merged.content();
        content.put(merged.blockId(), StandardCharsets.UTF_8.decode(bytes).toString());
      }
    }
    return content;
  }

  private static SortedMap<Long, String> blocks(String one, String two, String last) {
    SortedMap<Long, String> blocks = new TreeMap<>(Long::compareUnsigned);
    blocks.put(1L, one);
    blocks.put(2L, two);
    blocks.put(-1L, last);
    return blocks;
  }

  @Test
  void shouldReadVersion1Archive() throws IOException, URISyntaxException {
    List<ArchivedRun> runs = RunIndex.of(archive()).runs();

    SortedMap<Long, String> second = blocks("one again", "", "last");
    second.remove(2L);
    assertEquals(3, runs.size());
    assertEquals(blocks("one", "two", "last"), content(runs.get(0)));
    assertEquals(second, content(runs.get(1)));
    assertEquals(blocks("one again", "two again ".repeat(50), "last"), content(runs.get(2)));
    assertTrue(ArchiveReport.of(archive(), null, Level.FULL, SECRET).isGood());
  }
}
