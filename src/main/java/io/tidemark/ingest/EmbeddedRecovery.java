package io.tidemark.ingest;

import io.tidemark.errors.CorruptFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens what an embedded engine's directory holds. */
final class EmbeddedRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedRecovery.class);

  private EmbeddedRecovery() {}

  /** Reads the directory, ends what a crash left open, and begins a new file of the log. */
  static EmbeddedStore open(EmbeddedDirectory directory, EmbeddedOptions options)
      throws IOException {
    directory.create();
    EmbeddedManifest found = directory.newestManifest();
    if (found == null) {
      found = first(options);
      directory.publish(found);
    }
    directory.deleteUnnamed(found);
    EmbeddedManifest next =
        found.isClosed() ? reopened(found) : recovered(directory, found, options);
    EmbeddedBlocks blocks = load(directory, next);
    EmbeddedLogFile log = null;
    try {
      log =
          found.isClosed()
              ? directory.createLog(next.engineId(), next.generation(), next.walOffset() + 1)
              : directory.beginGeneration(next);
      directory.publish(next);
      directory.deleteUnnamed(next);
    } catch (IOException | RuntimeException e) {
      if (log != null) {
        log.close();
      }
      blocks.close();
      throw e;
    }
    blocks.follow(log);
    long walOffset = found.isClosed() ? next.walOffset() : next.walOffset() + 1;
    return new EmbeddedStore(directory, options, next, blocks, log, walOffset);
  }

  private static EmbeddedManifest first(EmbeddedOptions options) {
    long engineId = new SecureRandom().nextLong() | 1;
    return new EmbeddedManifest(
        engineId,
        1,
        true,
        options.firstWalOffset(),
        options.firstWalOffset() - 1,
        1,
        List.of(
            new EmbeddedManifest.Generation(options.firstWalOffset(), options.clock().nanoTime())),
        List.of(),
        List.of());
  }

  private static EmbeddedManifest reopened(EmbeddedManifest found) {
    return found.next(
        false,
        found.walOffset(),
        found.nextDataFile(),
        found.generations(),
        found.logs(),
        found.runs());
  }

  /** Ends the file that was open, and begins a generation: records may be lost that were seen. */
  private static EmbeddedManifest recovered(
      EmbeddedDirectory directory, EmbeddedManifest found, EmbeddedOptions options)
      throws IOException {
    List<EmbeddedManifest.LogFile> logs = new ArrayList<>(found.logs());
    long last = found.walOffset();
    EmbeddedManifest.LogFile tail = tail(directory, found);
    Path path = directory.log(tail.generation(), tail.first());
    if (tail.lengthBytes() > 0) {
      try (EmbeddedLogFile log =
          EmbeddedLogFile.open(directory.io(), path, found.engineId(), tail)) {
        log.force();
      }
      logs.add(tail);
      last = tail.last();
    }
    checkHasNext(last);
    LOG.info(
        "engine was not closed: last={}, droppedBytes={}, generation={}, directory={}",
        Long.toUnsignedString(last),
        directory.io().length(path) - tail.lengthBytes(),
        found.generation() + 1,
        directory.root());
    List<EmbeddedManifest.Generation> generations = new ArrayList<>(found.generations());
    generations.add(new EmbeddedManifest.Generation(last + 1, options.clock().nanoTime()));
    return found.next(false, last, found.nextDataFile(), generations, logs, found.runs());
  }

  /** Returns the intact records that the open file begins with. */
  private static EmbeddedManifest.LogFile tail(EmbeddedDirectory directory, EmbeddedManifest found)
      throws IOException {
    int generation = found.generation();
    long first = found.walOffset() + 1;
    try (EmbeddedLogReader reader = directory.readOpen(found)) {
      while (reader.tryNext()) {
        // Each record that is passed counts.
      }
      return new EmbeddedManifest.LogFile(generation, first, reader.walOffset(), reader.end());
    }
  }

  /**
   * Opens the runs that a manifest names and replays the whole files of its log.
   *
   * @throws CorruptFileException if a file is not what the manifest says
   */
  static EmbeddedBlocks load(EmbeddedDirectory directory, EmbeddedManifest manifest)
      throws IOException {
    List<EmbeddedRun> runs = new ArrayList<>();
    for (EmbeddedManifest.Run run : manifest.runs()) {
      runs.add(EmbeddedRun.open(directory, manifest.engineId(), run));
    }
    EmbeddedBlocks blocks = new EmbeddedBlocks(runs);
    try {
      for (EmbeddedManifest.LogFile log : manifest.logs()) {
        if (Long.compareUnsigned(log.last(), manifest.flushedThrough()) > 0) {
          replay(directory, manifest.engineId(), log, blocks);
        } else {
          checkLength(directory, log);
        }
      }
      return blocks;
    } catch (IOException | RuntimeException e) {
      blocks.close();
      throw e;
    }
  }

  private static void replay(
      EmbeddedDirectory directory,
      long engineId,
      EmbeddedManifest.LogFile log,
      EmbeddedBlocks blocks)
      throws IOException {
    Path path = directory.log(log.generation(), log.first());
    blocks.follow(EmbeddedLogFile.openToRead(directory.io(), path, engineId, log));
    try (EmbeddedLogReader reader = directory.read(log, engineId)) {
      while (reader.walOffset() != log.last()) {
        reader.next();
        blocks.apply(reader.type(), reader.blockId(), reader.place(), reader.contentLength());
      }
    }
  }

  private static void checkLength(EmbeddedDirectory directory, EmbeddedManifest.LogFile log)
      throws IOException {
    Path path = directory.log(log.generation(), log.first());
    long length = directory.io().length(path);
    if (length < log.lengthBytes()) {
      throw new CorruptFileException(
          "corrupt file: cut: expected="
              + log.lengthBytes()
              + ", actual="
              + length
              + ", file="
              + path);
    }
  }

  /** Refuses to go on behind the last WAL offset. */
  static void checkHasNext(long walOffset) {
    if (walOffset == EmbeddedEngine.LAST_WAL_OFFSET) {
      throw new IllegalStateException(
          "wal offsets are used up: walOffset=" + Long.toUnsignedString(walOffset));
    }
  }
}
