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
  protected EventLog create(Path directory, long epoch, long firstPosition, long rollLength)
      throws IOException {
    io.createDirectory(directory);
    return new MemoryEventLog(
        io, directory, fileSuffix(), storeId, epoch, firstPosition, rollLength);
  }
}
