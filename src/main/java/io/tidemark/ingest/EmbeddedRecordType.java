package io.tidemark.ingest;

/** What a record of an embedded engine's log says; the code is stored in it. */
enum EmbeddedRecordType {
  /** The block came into being. */
  CREATE(0),
  /** The block has other content. */
  UPDATE(1),
  /** Everything before is in data files. */
  FLUSH(2),
  /** The block ceased to exist. */
  DELETE(3),
  /** A generation begins: nothing happened to a block. */
  BEGIN(4);

  private final int code;

  EmbeddedRecordType(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /**
   * Returns the type with this code.
   *
   * @throws IllegalArgumentException if no type has it
   */
  static EmbeddedRecordType ofCode(int code) {
    for (EmbeddedRecordType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new IllegalArgumentException("unknown type of log record: code=" + code);
  }
}
