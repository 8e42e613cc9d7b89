package io.tidemark.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.storage.Directories;
import io.tidemark.testing.MemoryTempDir;
import io.tidemark.testing.Rounds;
import io.tidemark.testing.VolatileDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens what a power cut may leave of a store at any moment: what was forced, and of everything
 * else each page and each name or not.
 *
 * <p>More images: {@code -Dtidemark.pagemix.images=50000}; one workload again: {@code
 * -Dtidemark.pagemix.seed=N}.
 */
class PageMixTest {
  private static final int IMAGES = Rounds.of("tidemark.pagemix.images", 2_000, 150);
  private static final long SEED = Long.getLong("tidemark.pagemix.seed", 1);
  private static final Duration LIMIT = Duration.ofSeconds(5);

  /** The metadata map compiles classes when it is first used. */
  private static final Duration METADATA_LIMIT = Duration.ofSeconds(30);

  private static final int LIVES = 3;
  private static final int STEPS = 60;
  private static final int STEPS_PER_METADATA_LOOK = 15;
  private static final int WORKLOADS_PER_METADATA = 8;
  private static final int OPERATIONS_PER_IMAGE = 4;
  private static final int STEPS_PER_IMAGE = 3;
  private static final int IMAGES_PER_THOROUGH_LOOK = 10;

  @TempDir(factory = MemoryTempDir.class)
  Path directory;

  private int images;
  private int workloads;
  private int withHoles;
  private int thorough;
  private int metadata;
  private long entriesLost;

  @Test
  void shouldRecoverWhateverReachedTheDisk() throws IOException {
    long startedNs = System.nanoTime();

    while (images < IMAGES) {
      long seed = SEED + workloads;
      Workload workload = new Workload(seed);
      try {
        workload.run();
      } catch (AssertionError | RuntimeException | IOException caught) {
        Throwable e = Objects.requireNonNullElse(workload.failure, caught);
        throw new AssertionError(
            "image "
                + images
                + " failed: "
                + e
                + "; replay: mvn -pl src -am test -Dtest=PageMixTest -Dtidemark.pagemix.seed="
                + seed,
            e);
      }
      workloads++;
    }

    System.out.printf(
        "opened %d images of %d workloads (%d thoroughly, %d with a metadata map) in %d s: %d"
            + " entries not forced were lost, %d images had holes, seeds %d-%d%n",
        images,
        workloads,
        thorough,
        metadata,
        (System.nanoTime() - startedNs) / 1_000_000_000,
        entriesLost,
        withHoles,
        SEED,
        SEED + workloads - 1);
    assertTrue(images >= IMAGES, "images " + images);
    assertEquals(0, withHoles, "what is left of the journal is a prefix");
  }

  /** A store that is opened, written and left a few times, on a disk that may be cut. */
  private final class Workload {
    private final Random random;
    private final VolatileDisk disk;
    private final Path place;
    private final StoreHistory history = new StoreHistory();
    private final boolean looksAtMetadata;
    private long acknowledged;
    private final Thread thread = Thread.currentThread();
    private @Nullable Throwable failure;

    Workload(long seed) throws IOException {
      this.random = new Random(seed);
      this.looksAtMetadata = seed % WORKLOADS_PER_METADATA == 0;
      this.place = Files.createDirectories(directory.resolve("workload" + seed));
      this.disk = new VolatileDisk(place, this::onOperation);
    }

    void run() throws IOException {
      Path root = disk.root().resolve("store");
      for (int life = 0; life < LIVES && images < IMAGES; life++) {
        StoreScript script = new StoreScript(random.nextLong(), history);
        ChangeTracker tracker = ChangeTracker.open(root, StoreScript.SHARD, StoreScript.OPTIONS);
        for (int step = 0; step < STEPS && images < IMAGES; step++) {
          if (script.perform(script.next(), tracker)) {
            acknowledged = history.lastPosition();
          }
          if (looksAtMetadata && random.nextInt(STEPS_PER_METADATA_LOOK) == 0) {
            tracker.metadata(1);
          }
          if (random.nextInt(STEPS_PER_IMAGE) == 0) {
            image();
          }
        }
        if (looksAtMetadata) {
          tracker.metadata(1);
          tracker.close();
        } else {
          tracker.abandon();
        }
      }
      Directories.deleteTree(place);
    }

    private void onOperation() throws IOException {
      if (Thread.currentThread() == thread
          && failure == null
          && images < IMAGES
          && random.nextInt(OPERATIONS_PER_IMAGE) == 0) {
        try {
          image();
        } catch (IOException | RuntimeException | AssertionError e) {
          // The store takes it for a failure of its disk and may hide it behind its own.
          failure = e;
          throw e;
        }
      }
    }

    private void image() throws IOException {
      Path image = directory.resolve("image");
      disk.cut(image, random);
      images++;
      boolean isThorough = images % IMAGES_PER_THOROUGH_LOOK == 0;
      StoreVerifier verifier =
          new StoreVerifier(image.resolve("store"), history, acknowledged, random);
      StoreVerifier.Outcome outcome =
          assertTimeoutPreemptively(
              LIMIT, () -> isThorough ? verifier.verifyThoroughly() : verifier.verify());
      thorough += isThorough ? 1 : 0;
      withHoles += outcome.hasHoles() ? 1 : 0;
      entriesLost += history.lastPosition() - outcome.recovered().lastPosition();
      if (looksAtMetadata && !outcome.hasHoles() && !isThorough) {
        metadata++;
        assertTimeoutPreemptively(
            METADATA_LIMIT, () -> verifier.verifyMetadata(outcome.recovered()));
      }
      Directories.deleteTree(image);
    }
  }
}
