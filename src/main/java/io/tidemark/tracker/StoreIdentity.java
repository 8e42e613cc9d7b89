package io.tidemark.tracker;

import io.tidemark.errors.NotAStoreException;
import io.tidemark.storage.FileStorageIO;
import io.tidemark.storage.FileType;
import io.tidemark.storage.PublishedFile;
import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * Which store a directory holds: the STORE file.
 *
 * @param storeId random, never 0; every file and journal record of the store carries it
 * @param shard which log the store tracks, in the source's words; one store, one log
 * @param createdMs when it was created, milliseconds since the epoch
 */
public record StoreIdentity(long storeId, String shard, long createdMs) {

  /* Payload: the shard, UTF-8. The store id is the header's. Format version 1. */
  private static final int VERSION = 1;

  /**
   * Reads the identity of a store.
   *
   * @throws NotAStoreException if the directory holds none
   */
  public static StoreIdentity open(Path root) throws IOException {
    return open(FileStorageIO.INSTANCE, root);
  }

  static StoreIdentity open(StorageIO io, Path root) throws IOException {
    try {
      PublishedFile file =
          PublishedFile.open(io, new StoreLayout(root).store(), FileType.STORE, VERSION, 0);
      return new StoreIdentity(
          file.header().storeId(),
          StandardCharsets.UTF_8.decode(file.payload()).toString(),
          file.header().createdMs());
    } catch (NoSuchFileException e) {
      throw new NotAStoreException("not a store: no STORE file: directory=" + root);
    }
  }

  /** Reads the identity of a store, or creates the store if the directory is new or empty. */
  static StoreIdentity openOrCreate(StorageIO io, Path root, String shard) throws IOException {
    StoreLayout layout = new StoreLayout(root);
    if (!io.exists(layout.store())) {
      if (io.exists(layout.segments()) || io.exists(layout.journal())) {
        throw new NotAStoreException(
            "not a store: segments or journal without a STORE file: directory=" + root);
      }
      long storeId = new SecureRandom().nextLong() | 1;
      PublishedFile.publish(
          io,
          layout.store(),
          FileType.STORE,
          VERSION,
          storeId,
          0,
          0,
          ByteBuffer.wrap(shard.getBytes(StandardCharsets.UTF_8)));
    }
    return open(io, root);
  }
}
