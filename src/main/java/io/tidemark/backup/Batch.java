package io.tidemark.backup;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Blocks that a backup tool copies in one go, in unsigned order of ids.
 *
 * <p>Immutable. Batches of a run are numbered from 1, and their ids ascend from each to the next.
 */
public final class Batch {
  private final int number;
  private final long[] ids;
  private final CopyKind[] kinds;

  /**
   * Takes over the arrays.
   *
   * @param ids at least one
   * @param kinds what to copy of each; never GONE
   */
  Batch(int number, long[] ids, CopyKind[] kinds) {
    assert ids.length > 0 && ids.length == kinds.length : "no batch: ids=" + ids.length;
    this.number = number;
    this.ids = ids;
    this.kinds = kinds;
  }

  /** Returns the number of the batch, from 1. */
  public int number() {
    return number;
  }

  /** Returns how many blocks there are. */
  public int size() {
    return ids.length;
  }

  /** Returns the id of the i-th block, from 0. */
  public long blockId(int index) {
    return ids[index];
  }

  /** Returns what to copy of the i-th block, from 0. */
  public CopyKind kind(int index) {
    return kinds[index];
  }

  /** Returns the highest id. */
  public long lastId() {
    return ids[ids.length - 1];
  }

  /** Returns the SHA-256 of the ids, 8 bytes big-endian each, in hexadecimal digits. */
  public String idsSha256() {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(ids.length, Long.BYTES));
    for (long id : ids) {
      bytes.putLong(id);
    }
    return HexFormat.of().formatHex(sha256().digest(bytes.array()));
  }

  /** Returns a digest, which every JDK has. */
  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
