package io.tidemark.journal;

import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;

/** A change journal of plain files, so that it can lie in memory. */
public final class MemoryEventLogs extends FileEventLogs {

  /** Takes the journal of a store; creates nothing. */
  public MemoryEventLogs(StorageIO io, Path journal, long storeId) {
    super(io, journal, storeId);
  }

  @Override
  protected String fileSuffix() {
    return ".log";
  }

  @Override
  public EventLog begin(long epoch, long firstPosition, long rollLength) throws IOException {
    Path directory = directory(firstPosition);
    if (!io.list(directory).isEmpty()) {
      throw new IOException("journal was written before: directory=" + directory);
    }
    io.createDirectory(directory);
    EventLog log =
        new MemoryEventLog(io, directory, fileSuffix(), storeId, epoch, firstPosition, rollLength);
    io.forceDirectory(journal);
    return log;
  }
}
