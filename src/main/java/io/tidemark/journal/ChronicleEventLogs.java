package io.tidemark.journal;

import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;

/** The change journal as Chronicle Queue directories; see {@link EventLogs}. */
public final class ChronicleEventLogs extends FileEventLogs {

  /** Suffix of the queue's data files. */
  static final String FILE_SUFFIX = ".cq4";

  /** Takes the journal of a store; creates nothing. */
  public ChronicleEventLogs(StorageIO io, Path journal, long storeId) {
    super(io, journal, storeId);
  }

  @Override
  protected String fileSuffix() {
    return FILE_SUFFIX;
  }

  @Override
  protected EventLog create(Path directory, long epoch, long firstPosition, long rollLength)
      throws IOException {
    return new ChronicleEventLog(io, directory, storeId, epoch, firstPosition, rollLength);
  }

  /**
   * Reads one queue directory, wherever it is.
   *
   * @param storeId the store it must belong to
   */
  public static EventLogReader read(StorageIO io, Path directory, long storeId) throws IOException {
    return new JournalScanner(io, directory, FILE_SUFFIX, storeId);
  }
}
