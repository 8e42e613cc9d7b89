package io.tidemark.tdengine;

import java.nio.ByteBuffer;

/**
 * A reader of CREATE_STB (531), ALTER_STB (533) and DROP_STB (535): which stable a message is
 * about.
 */
public final class StableDecoder {
  private final BodyCursor cursor = new BodyCursor();
  private String name = "";
  private long suid;

  /** Reads a message; nothing of the bytes is needed afterwards. */
  public StableDecoder wrap(ByteBuffer body, int offset, int lengthBytes)
      throws WalDecodeException {
    cursor.wrap("STABLE", body, offset, lengthBytes);
    final int outerLimit = cursor.beginPart("messageLength");
    name = cursor.name("stableName");
    suid = cursor.i64("suid");
    cursor.endPart(outerLimit);
    cursor.expectEnd();
    if (suid == 0) {
      throw cursor.malformed("stable without an id", "suid", suid);
    }
    return this;
  }

  /** Reads a record's message. */
  public StableDecoder wrap(WalRecord record) throws WalDecodeException {
    return wrap(record.buffer(), record.bodyOffset(), record.bodyLength());
  }

  /** Returns the stable's name without its database. */
  public String name() {
    return name;
  }

  /** Returns the stable's unique id. */
  public long suid() {
    return suid;
  }
}
