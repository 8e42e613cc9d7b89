package io.tidemark.ingest;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.storage.StorageIO;
import io.tidemark.testing.EngineHistory;
import io.tidemark.testing.EngineScript;
import java.io.IOException;
import java.nio.file.Path;

/** What a power cut left of an embedded engine. */
final class EmbeddedImage {
  private EmbeddedImage() {}

  /**
   * Opens it and asserts that it is a prefix of what the engine was told, or of what a rollback
   * that was under way makes of it, and no less than what survives for sure.
   */
  static void verify(
      StorageIO io, Path root, EmbeddedOptions options, EngineHistory history, EngineScript script)
      throws IOException {
    try (EmbeddedEngine engine = EmbeddedEngine.open(io, root, options)) {
      int generation = engine.statistics().generation();
      EngineHistory left = history.copy();
      Long rollingBackTo = script.rollingBackTo();
      long durable = script.durable();
      if (rollingBackTo != null && generation == left.generation() + 2) {
        left.rollBack(rollingBackTo);
        durable = rollingBackTo;
      }
      int begun = generation - left.generation();
      long last = engine.walOffset() - (begun > 0 ? 1 : 0);
      for (; begun > 1 && last > left.last(); begun--) {
        left.rollBack(left.last());
      }
      assertTrue(last >= durable, "durable " + durable + ", left " + last);
      assertTrue(last <= left.last(), "written " + left.last() + ", left " + last);
      for (; begun > 0; begun--) {
        left.rollBack(last);
      }
      left.verify(engine);
    }
  }
}
