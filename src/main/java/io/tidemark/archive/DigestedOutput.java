package io.tidemark.archive;

import io.tidemark.storage.StorageFile;
import io.tidemark.storage.StorageFileOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Writes a file from its start on, and takes the SHA-256 of it; closing it closes nothing. */
final class DigestedOutput extends OutputStream {
  private final StorageFile file;
  private final StorageFileOutput out;
  private final MessageDigest digest = Sha256.digest();

  DigestedOutput(StorageFile file) {
    this.file = file;
    this.out = new StorageFileOutput(file, 0);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    digest.update(bytes, offset, length);
    out.write(bytes, offset, length);
  }

  /** Writes out and forces everything; returns the SHA-256 in hexadecimal digits. */
  String complete() throws IOException {
    out.flush();
    file.force();
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns how many bytes were written. */
  long length() {
    return out.position();
  }
}
