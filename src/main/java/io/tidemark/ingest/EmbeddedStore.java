package io.tidemark.ingest;

import io.tidemark.errors.StoreFailedException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of an embedded engine that is open: its blocks, its log, and the manifest that names
 * them.
 *
 * <p>Guarded by the engine's lock. An {@link IOException} means that nothing changed; after a
 * {@code StoreFailedException} only {@link #close} may be called.
 */
final class EmbeddedStore implements Closeable {

  /*
   * Layout. A change is appended to the log; a map says where in the log the newest content of each
   * block is. A flush writes these contents as a run, files of blocks in order of ids, that lies over
   * the runs before; the newest run or runs are written into it again where that keeps their sizes
   * geometric. So memory holds the ids of what was not flushed, and a lookup searches few runs.
   *
   * Durability. The newest manifest decides what the directory holds; everything it names was forced
   * before it was published, except the open file of the log. The log is rolled at each flush. So a
   * file that a manifest names is whole, and wrong bytes in it are damage; of the open file what is
   * left of a crash is a prefix, and what lies behind the first wrong record was not promised.
   *
   * Generations. After an unclean end nobody knows whether records were lost that a sink has seen:
   * what comes next is another generation, as after a rollback. Files are never appended to again.
   *
   * Rollback. The engine is what a run holds, and the log from there on: it goes back to the newest
   * run that is not above the offset, and replays. Log that is kept after it was flushed allows that
   * until the runs are merged.
   */

  private final EmbeddedDirectory directory;
  private final EmbeddedOptions options;
  private EmbeddedManifest manifest;
  private EmbeddedBlocks blocks;
  private EmbeddedLogFile log;
  private long walOffset;
  private boolean isFailed;

  /**
   * Takes over what was opened.
   *
   * @param manifest in force
   * @param log the open file, which {@code blocks} follows
   * @param walOffset of the last record
   */
  EmbeddedStore(
      EmbeddedDirectory directory,
      EmbeddedOptions options,
      EmbeddedManifest manifest,
      EmbeddedBlocks blocks,
      EmbeddedLogFile log,
      long walOffset) {
    this.directory = directory;
    this.options = options;
    this.manifest = manifest;
    this.blocks = blocks;
    this.log = log;
    this.walOffset = walOffset;
  }

  EmbeddedManifest manifest() {
    return manifest;
  }

  EmbeddedBlocks blocks() {
    return blocks;
  }

  EmbeddedDirectory directory() {
    return directory;
  }

  /** Returns the WAL offset of the last record. */
  long walOffset() {
    return walOffset;
  }

  void checkNotFailed() {
    if (isFailed) {
      throw new StoreFailedException("engine failed before: directory=" + directory.root());
    }
  }

  /** Flushes, or begins the next file of the log, if it is time to. */
  void makeRoom() throws IOException {
    if (blocks.unflushedBytes() >= options.flushBytes()) {
      flush();
    } else if (log.lengthBytes() >= options.logRollBytes()) {
      roll();
    }
  }

  /** Appends a record and applies it. */
  void append(EmbeddedRecordType type, long blockId, long timestampNs, ByteBuffer content)
      throws IOException {
    EmbeddedRecovery.checkHasNext(walOffset);
    long place = log.append(type, blockId, walOffset + 1, timestampNs, content);
    walOffset++;
    blocks.apply(type, blockId, place, content.remaining());
  }

  /** Writes what changed since the last flush to data files, if anything did. */
  void flush() throws IOException {
    if (blocks.unflushedBlocks() == 0) {
      return;
    }
    boolean isRolled = log.lengthBytes() > 0;
    EmbeddedLogFile next = isRolled ? nextLog() : log;
    try {
      int firstMerged = blocks.firstToMerge(options.mergeFanIn());
      EmbeddedManifest.Run run = writeRun(firstMerged);
      List<EmbeddedRun> runs = new ArrayList<>(blocks.runs().subList(0, firstMerged));
      runs.add(EmbeddedRun.open(directory, manifest.engineId(), run));
      publish(
          manifest.next(
              false,
              walOffset,
              manifest.nextDataFile() + run.files().size(),
              manifest.generations(),
              kept(wholeLogs()),
              runs.stream().map(EmbeddedRun::named).toList()));
      blocks.close(next);
      blocks = new EmbeddedBlocks(runs);
      blocks.follow(next);
      log = next;
    } catch (IOException | RuntimeException e) {
      if (isRolled) {
        next.close();
      }
      throw e;
    }
    directory.deleteUnnamed(manifest);
  }

  /** Writes what changed since the last flush, and the newest runs from one on, as one run. */
  private EmbeddedManifest.Run writeRun(int firstMerged) throws IOException {
    long below =
        firstMerged == 0
            ? manifest.firstWalOffset() - 1
            : blocks.runs().get(firstMerged - 1).named().last();
    EmbeddedRows rows = blocks.rows(firstMerged);
    try (EmbeddedRunWriter out =
        new EmbeddedRunWriter(
            directory,
            manifest.engineId(),
            manifest.nextDataFile(),
            below + 1,
            walOffset,
            options.dataFileBytes())) {
      while (rows.next()) {
        if (rows.length() != EmbeddedDataDescriptor.DELETED || firstMerged > 0) {
          out.put(rows);
        }
      }
      return new EmbeddedManifest.Run(walOffset, blocks.blocks(), blocks.bytes(), out.finish());
    }
  }

  /** Forces the log and creates the file that goes on behind it. */
  private EmbeddedLogFile nextLog() throws IOException {
    force();
    return directory.createLog(manifest.engineId(), manifest.generation(), walOffset + 1);
  }

  private void force() {
    try {
      log.force();
    } catch (IOException e) {
      isFailed = true;
      throw new StoreFailedException(
          "log force failed: cause=" + e + ", directory=" + directory.root());
    }
  }

  private void publish(EmbeddedManifest next) throws IOException {
    try {
      directory.publish(next);
    } catch (StoreFailedException e) {
      isFailed = true;
      throw e;
    }
    manifest = next;
  }

  /** Returns the files of the log as they are when the open one is ended here. */
  List<EmbeddedManifest.LogFile> wholeLogs() {
    List<EmbeddedManifest.LogFile> logs = new ArrayList<>(manifest.logs());
    if (log.lengthBytes() > 0) {
      logs.add(log.upTo(walOffset));
    }
    return logs;
  }

  /** Returns which files of the log, all of them flushed, are kept. */
  private List<EmbeddedManifest.LogFile> kept(List<EmbeddedManifest.LogFile> logs) {
    long length = logs.stream().mapToLong(EmbeddedManifest.LogFile::lengthBytes).sum();
    int first = 0;
    while (length > options.logKeepBytes()) {
      length -= logs.get(first).lengthBytes();
      first++;
    }
    return logs.subList(first, logs.size());
  }

  /** Begins the next file of the log. */
  private void roll() throws IOException {
    EmbeddedLogFile next = nextLog();
    try {
      publish(
          manifest.next(
              false,
              walOffset,
              manifest.nextDataFile(),
              manifest.generations(),
              wholeLogs(),
              manifest.runs()));
    } catch (IOException | RuntimeException e) {
      next.close();
      throw e;
    }
    blocks.follow(next);
    log = next;
  }

  /**
   * Forgets every record above a WAL offset and begins a generation; the files that are not needed
   * any more are deleted by the next flush.
   */
  void rollBack(long last) throws IOException {
    EmbeddedRecovery.checkHasNext(last);
    force();
    List<EmbeddedManifest.Run> runs =
        manifest.runs().stream()
            .filter(run -> Long.compareUnsigned(run.last(), last) <= 0)
            .toList();
    List<EmbeddedManifest.Generation> generations = new ArrayList<>(manifest.generations());
    generations.add(new EmbeddedManifest.Generation(last + 1, options.clock().nanoTime()));
    EmbeddedManifest next =
        manifest.next(
            false,
            last,
            manifest.nextDataFile(),
            generations,
            directory.cut(wholeLogs(), last, manifest.engineId()),
            runs);
    EmbeddedBlocks remaining = EmbeddedRecovery.load(directory, next);
    EmbeddedLogFile begun;
    try {
      begun = directory.beginGeneration(next);
      try {
        publish(next);
      } catch (IOException | RuntimeException e) {
        begun.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      remaining.close();
      throw e;
    }
    blocks.close();
    blocks = remaining;
    blocks.follow(begun);
    log = begun;
    walOffset = last + 1;
  }

  /** Returns the lowest WAL offset that there is a run, and the log from there on, for. */
  long oldestRollback() {
    long firstAvailable = manifest.firstAvailable();
    if (firstAvailable == manifest.firstWalOffset()) {
      return firstAvailable - 1;
    }
    // The log is kept from the newest run's end on at least.
    return manifest.runs().stream()
        .map(EmbeddedManifest.Run::last)
        .filter(last -> Long.compareUnsigned(last, firstAvailable - 1) >= 0)
        .findFirst()
        .orElseThrow();
  }

  /** Makes the log durable and ends it, unless the store failed. */
  @Override
  public void close() throws IOException {
    try {
      if (!isFailed) {
        force();
        publish(
            manifest.next(
                true,
                walOffset,
                manifest.nextDataFile(),
                manifest.generations(),
                wholeLogs(),
                manifest.runs()));
        directory.deleteUnnamed(manifest);
      }
    } finally {
      blocks.close();
    }
  }
}
