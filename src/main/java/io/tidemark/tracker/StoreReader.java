package io.tidemark.tracker;

import io.tidemark.errors.MovedOnException;
import io.tidemark.errors.NotAStoreException;
import io.tidemark.journal.EventLogs;
import io.tidemark.journal.JournalRecord;
import io.tidemark.state.BlockStates;
import io.tidemark.state.Catalog;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * A store as another process sees it: read without a lock, of a live or a dead writer, at the
 * moment it was opened.
 *
 * <p>Changes nothing on disk. Used by one thread.
 */
public final class StoreReader {
  private static final int ATTEMPTS = 5;

  private final StoreEnvironment environment;
  private final StoreLayout layout;
  private final StoreImage image;

  private StoreReader(StoreEnvironment environment, StoreLayout layout, StoreImage image) {
    this.environment = environment;
    this.layout = layout;
    this.image = image;
  }

  /**
   * Reads a store. If files vanish while they are read, because a writer replaced them, or entries
   * seem to be missing between files that were read one after another, it begins again, a few
   * times.
   *
   * @throws NotAStoreException if the directory holds no store
   * @throws MovedOnException if the writer replaced files each time
   * @throws io.tidemark.errors.UnsupportedFormatException if a newer program wrote it
   */
  public static StoreReader open(Path root) throws IOException {
    return open(StoreEnvironment.REAL, root);
  }

  static StoreReader open(StoreEnvironment environment, Path root) throws IOException {
    StoreLayout layout = new StoreLayout(root);
    long storeId = StoreIdentity.open(environment.io(), root).storeId();
    EventLogs logs = environment.journal(layout, storeId);
    String vanished = "";
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      Set<String> journal = logs.parts();
      try {
        StoreImage image = StoreImage.load(environment, root);
        // What a recycled journal held may have been sealed after the segments were listed.
        journal.removeAll(logs.parts());
        if (journal.isEmpty() && (image.report().lost().isEmpty() || attempt == ATTEMPTS)) {
          return new StoreReader(environment, layout, image);
        }
        vanished = "journal/" + journal;
      } catch (NoSuchFileException e) {
        vanished = String.valueOf(e.getMessage());
      }
    }
    throw movedOn(vanished, root);
  }

  /** Returns which store this is. */
  public StoreIdentity identity() {
    return image.identity();
  }

  /** Returns what reading it found. */
  public RecoveryReport report() {
    return image.report();
  }

  /** Returns everything that answers range questions. */
  public StoreView view() {
    return image.view();
  }

  /** Returns the state of every block. */
  public BlockStates states() {
    return image.states();
  }

  /** Returns what the block ids name. */
  public Catalog catalog() {
    return image.controls().catalog();
  }

  /** Returns what the source declared complete. */
  public Coverage coverage() {
    return image.controls().coverage();
  }

  /** Returns the chains of backups by name. */
  public Map<String, Chains.Chain> chains() {
    return image.controls().chains().all();
  }

  /** Returns the journal position of the last entry. */
  public long lastPosition() {
    return image.lastPosition();
  }

  /** Receives journal records. */
  @FunctionalInterface
  public interface RecordHandler {

    /** The record is valid during the call only. */
    void onRecord(JournalRecord record);
  }

  /**
   * Passes on every intact journal record that holds an entry of a closed interval of positions, as
   * far back as the journal is kept.
   *
   * @throws MovedOnException if the writer recycled a part of the journal meanwhile; records may be
   *     missing between those that were passed on
   */
  public void forEachRecord(long first, long last, RecordHandler handler) throws IOException {
    EventLogs logs = environment.journal(layout, identity().storeId());
    Set<String> journal = logs.parts();
    try {
      new JournalReplay(logs)
          .forEachRecord(first, Math.min(last, lastPosition()), handler::onRecord);
    } catch (NoSuchFileException e) {
      throw movedOn(String.valueOf(e.getMessage()), layout.root());
    }
    journal.removeAll(logs.parts());
    if (!journal.isEmpty()) {
      throw movedOn("journal/" + journal, layout.root());
    }
  }

  private static MovedOnException movedOn(String vanished, Path root) {
    return new MovedOnException(
        "store moved on while it was read: vanished=" + vanished + ", directory=" + root);
  }
}
