package io.tidemark.restore;

import io.tidemark.errors.TargetRefusedException;
import io.tidemark.ingest.EmbeddedEngine;
import io.tidemark.ingest.EmbeddedOptions;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is not there yet, or is empty, and becomes an embedded engine: wholly or not at
 * all.
 *
 * <p>The engine is built beside it, under a temporary name, and gets its name as the last step.
 */
public final class NewEngineTarget implements RestoreTarget {
  /** Ends the name of a directory in which an engine is being built, which is none yet. */
  public static final String TEMPORARY_SUFFIX = ".restoring";

  /** An engine has its log beside its data, and what manages both. */
  private static final double SPACE_FACTOR = 2.1;

  private static final long SPACE_OVERHEAD_BYTES = 1 << 20;

  private final StorageIO io;
  private final Path directory;
  private final Path temporary;
  private final EmbeddedOptions options;
  private @Nullable EmbeddedEngine engine;

  /** Names the directory; nothing is done yet. */
  public NewEngineTarget(StorageIO io, Path directory, EmbeddedOptions options) {
    this.io = io;
    this.directory = directory.toAbsolutePath();
    this.temporary = this.directory.resolveSibling(this.directory.getFileName() + TEMPORARY_SUFFIX);
    this.options = options;
  }

  @Override
  public void prepare(long blocks, long bytes) throws IOException {
    Path parent = directory.getParent();
    if (parent == null || !io.isDirectory(parent)) {
      throw new TargetRefusedException(
          "target cannot be made: its parent is no directory: target=" + directory);
    }
    if (io.exists(directory) && (!io.isDirectory(directory) || !io.list(directory).isEmpty())) {
      throw new TargetRefusedException(
          "target is neither new nor an empty directory: target=" + directory);
    }
    long needed = (long) (bytes * SPACE_FACTOR) + SPACE_OVERHEAD_BYTES;
    long usable = io.usableSpace(parent);
    if (usable < needed) {
      throw new TargetRefusedException(
          "target has not enough space: neededBytes="
              + needed
              + ", usableBytes="
              + usable
              + ", target="
              + directory);
    }
    try {
      io.deleteTree(temporary);
      engine = EmbeddedEngine.open(io, temporary, options);
    } catch (IOException e) {
      throw new TargetRefusedException(
          "target cannot be written: " + e.getMessage() + ": target=" + directory);
    }
  }

  private EmbeddedEngine engine() {
    EmbeddedEngine open = engine;
    if (open == null) {
      throw new IllegalStateException("target was not prepared: target=" + directory);
    }
    return open;
  }

  @Override
  public void put(long blockId, ByteBuffer content) throws IOException {
    engine().create(blockId, content);
  }

  @Override
  public void complete() throws IOException {
    engine().flush();
    engine().close();
    engine = null;
    io.rename(temporary, directory);
    io.forceDirectory(directory.resolveSibling(""));
  }

  /** Takes away what was built, unless the restore is complete. */
  @Override
  public void close() throws IOException {
    EmbeddedEngine open = engine;
    if (open != null) {
      engine = null;
      try {
        open.close();
      } finally {
        io.deleteTree(temporary);
      }
    }
  }
}
