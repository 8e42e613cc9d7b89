package io.tidemark.tdengine;

import java.nio.ByteBuffer;

/** A pull reader of CREATE_TABLE (515): the tables one message creates. */
public final class CreateTableDecoder {
  private static final int REQUEST_BYTES_MIN = 32;

  private final BodyCursor cursor = new BodyCursor();
  private final CreateTableRequest request = new CreateTableRequest();
  private int rest;

  /** Begins a message; the bytes must stay until its last table was read. */
  public CreateTableDecoder wrap(ByteBuffer body, int offset, int lengthBytes)
      throws WalDecodeException {
    rest = 0;
    cursor.wrap("CREATE_TABLE", body, offset, lengthBytes);
    final int outerLimit = cursor.beginPart("messageLength");
    final int count = cursor.signedCount("tableCount", REQUEST_BYTES_MIN);
    if (cursor.limit() != outerLimit) {
      throw cursor.malformed(
          "bytes behind the message", "lengthBytes", outerLimit - cursor.limit());
    }
    rest = count;
    return this;
  }

  /** Begins a record's message. */
  public CreateTableDecoder wrap(WalRecord record) throws WalDecodeException {
    return wrap(record.buffer(), record.bodyOffset(), record.bodyLength());
  }

  /** Moves to the next table; false behind the last. */
  public boolean nextTable() throws WalDecodeException {
    if (rest == 0) {
      return false;
    }
    request.read(cursor);
    rest--;
    return true;
  }

  /** Returns the table the decoder stands at. */
  public CreateTableRequest request() {
    return request;
  }
}
