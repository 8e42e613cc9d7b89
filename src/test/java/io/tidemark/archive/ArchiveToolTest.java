package io.tidemark.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tidemark.backup.BackupTool;
import io.tidemark.backup.BackupToolContract;
import io.tidemark.ingest.BlockReader;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.testing.MemoryStorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The archive as a backup tool, and the names of compressions. */
class ArchiveToolTest extends BackupToolContract {
  private static final Path ROOT = Path.of("/disk/archive");
  private static final KeySource KEYS = KeySource.keyFile(new byte[ArchiveKey.LENGTH], "key");

  private final MemoryStorageIO io = new MemoryStorageIO();

  @Override
  protected BackupTool tool() {
    return new ArchiveTool(new Archive(io, ROOT), new ArchiveOptions(Compressions.zstd(1), KEYS));
  }

  @Override
  protected BlockReader blocks() throws IOException {
    EmbeddedEngine engine =
        EmbeddedEngine.open(
            new MemoryStorageIO(), Path.of("/disk/engine"), EmbeddedOptions.defaults());
    for (int id = 0; id < BLOCKS; id++) {
      if (id != GONE) {
        engine.create(id, new byte[id]);
      }
    }
    return engine;
  }

  @Override
  protected List<Long> held(String runId) throws IOException {
    Archive archive = new Archive(io, ROOT);
    List<Long> held = new ArrayList<>();
    try (RunReader reader = RunReader.open(archive, archive.run(runId), KEYS)) {
      while (reader.next()) {
        if (reader.kind().hasContent()) {
          assertEquals(reader.blockId(), reader.content().remaining());
          held.add(reader.blockId());
        }
      }
    }
    return held;
  }

  @Test
  void shouldKnowCompressionsByName() {
    assertEquals("none", Compressions.named("none").name());
    assertEquals("lz4", Compressions.named("lz4").name());
    assertEquals("zstd", Compressions.named("zstd").name());
    assertEquals("zstd", Compressions.named("zstd:22").name());
  }

  @Test
  void shouldRefuseCompressionsThatThereAreNot() {
    assertEquals(
        "no such compression: known=none, lz4, zstd, zstd:LEVEL, asked=gzip",
        assertThrows(IllegalArgumentException.class, () -> Compressions.named("gzip"))
            .getMessage());
    assertEquals(
        "no such zstd level: lowest=1, highest=22, level=0",
        assertThrows(IllegalArgumentException.class, () -> Compressions.named("zstd:0"))
            .getMessage());
    assertEquals(
        "no such zstd level: level=zstd:fast",
        assertThrows(IllegalArgumentException.class, () -> Compressions.named("zstd:fast"))
            .getMessage());
  }
}
