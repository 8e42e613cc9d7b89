package io.tidemark.tdengine;

/** What a message in the WAL of a vnode means for changed-block tracking. */
public enum MessageClass {
  /** Rows of one or more tables, some of them perhaps created by it. */
  SUBMIT,
  /** New child or normal tables. */
  CREATE_TABLE,
  /** Another schema, tag value or option of one table. */
  ALTER_TABLE,
  /** Tables that cease to exist. */
  DROP_TABLE,
  /** A new stable. */
  CREATE_STB,
  /** Another schema of a stable. */
  ALTER_STB,
  /** A stable that ceases to exist, with all its child tables. */
  DROP_STB,
  /** A range of rows removed from some tables. */
  DELETE,
  /** Everything up to this version was written to data files. */
  COMMIT,
  /** Changes no row and no definition: it only carries the version on. */
  NO_CHANGE,
  /** Not known, not decoded, or never expected in a WAL: a hole of one version. */
  UNKNOWN
}
