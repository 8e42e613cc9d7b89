package io.tidemark.storage;

/** Kinds of immutable file; the code is stored in each file's header. */
public enum FileType {
  /** Identity of the store. */
  STORE(1),
  /** Which blocks changed in one interval of the journal. */
  SEGMENT(2),
  /** State bitmaps at one journal position. */
  SNAPSHOT(3),
  /** What the ids name, at one journal position. */
  CATALOG(4),
  /** Names, sizes and checksums of the files that belong together, and a journal position. */
  CHECKPOINT(5),
  /** Journal position through which the metadata map is complete. */
  METADATA_STAMP(6),
  /** What is known of the blocks of a range of ids. */
  BASE(7),
  /** Which files are the base at one journal position, and its control entries. */
  BASE_MANIFEST(8),
  /** What the directory of an embedded engine holds. */
  EMBEDDED_MANIFEST(9),
  /** Blocks of an embedded engine. */
  EMBEDDED_DATA(10),
  /** What a server says of the vgroup that the store tracks. */
  VNODE(11);

  private final int code;

  FileType(int code) {
    this.code = code;
  }

  /** Returns the code stored in the header. */
  public int code() {
    return code;
  }
}
