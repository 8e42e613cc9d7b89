package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.storage.Directories;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.testing.EngineHistory;
import io.tidemark.testing.EngineScript;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.Seeds;
import io.tidemark.testing.VolatileDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens what a power cut may leave of an embedded engine's real files at any moment: {@code
 * -Dtidemark.embedded.mixes=N} workloads, {@code -Dtidemark.seed=S} for one.
 */
class EmbeddedPageMixTest {
  private static final int WORKLOADS = Rounds.of("tidemark.embedded.mixes", 6, 2);
  private static final int LIVES = 3;
  private static final int STEPS = 40;
  private static final int OPERATIONS_PER_IMAGE = 3;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private int images;

  @Test
  void shouldLeaveAPrefixWhateverReachedTheDisk() {
    Seeds.each(WORKLOADS, random -> new Workload(random).run());

    assertTrue(images > 20 * WORKLOADS || Long.getLong("tidemark.seed") != null, "few images");
  }

  private final class Workload {
    private final Random random;
    private final EmbeddedOptions options = EngineScript.smallOptions(1);
    private final EngineHistory history = new EngineHistory(1);
    private final EngineScript script;
    private final Path place;
    private final VolatileDisk disk;

    Workload(Random random) throws IOException {
      this.random = random;
      this.script = new EngineScript(random, history);
      this.place = Files.createTempDirectory(directory, "disk");
      this.disk = new VolatileDisk(place, this::onOperation);
    }

    void run() throws IOException {
      Path root = disk.root().resolve("engine");
      for (int life = 0; life < LIVES; life++) {
        try (EmbeddedEngine engine = EmbeddedEngine.open(root, options)) {
          for (int step = 0; step < STEPS; step++) {
            script.step(engine);
            image();
          }
          history.verify(engine);
        }
        script.setDurable();
      }
      Directories.deleteTree(place);
    }

    private void onOperation() throws IOException {
      if (random.nextInt(OPERATIONS_PER_IMAGE) == 0) {
        image();
      }
    }

    private void image() throws IOException {
      Path image = directory.resolve("image");
      disk.cut(image, random);
      EmbeddedImage.verify(
          FileStorageIO.INSTANCE, image.resolve("engine"), options, history, script);
      Directories.deleteTree(image);
      images++;
    }
  }
}
