package io.tidemark.archive;

import io.tidemark.storage.StorageIO;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * How the files of one run are compressed and encrypted.
 *
 * @param parameters how the key is found; null if the run is not encrypted
 * @param key null if the run is not encrypted
 */
record RunEncoding(
    Compression compression, @Nullable KeyParameters parameters, @Nullable ArchiveKey key) {

  private static final SecureRandom RANDOM = new SecureRandom();

  /** Returns how to encode a run that shares the salt of another one, if there is one. */
  static RunEncoding of(ArchiveOptions options, @Nullable KeyParameters like, String where) {
    KeySource keys = options.keys();
    if (keys == null) {
      return new RunEncoding(options.compression(), null, null);
    }
    KeyParameters parameters = like != null && keys.fits(like) ? like : keys.newParameters();
    return new RunEncoding(options.compression(), parameters, keys.key(parameters, where));
  }

  /** Begins a data file. */
  DataFileWriter create(StorageIO io, Path path, String runId, int batch) throws IOException {
    byte[] salt = new byte[DataFileHeader.SALT_LENGTH];
    if (key != null) {
      RANDOM.nextBytes(salt);
    }
    DataFileHeader header =
        new DataFileHeader(
            compression.code(), key != null, DataFileHeader.runOf(runId), batch, salt);
    return new DataFileWriter(io, path, header, compression, key);
  }
}
