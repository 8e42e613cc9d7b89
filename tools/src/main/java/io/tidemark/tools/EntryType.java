package io.tidemark.tools;

import io.tidemark.block.BlockEventType;

/** The types of journal entry, as the command line names them. */
enum EntryType {
  CREATE,
  UPDATE,
  FLUSH,
  DELETE,
  ASSIGN,
  COVER,
  GAP,
  GENERATION,
  COMMIT,
  PREPARE,
  ABORT,
  DROP,
  TOMBSTONE,
  CLEAR;

  static EntryType of(BlockEventType type) {
    return switch (type) {
      case CREATE -> CREATE;
      case UPDATE -> UPDATE;
      case FLUSH -> FLUSH;
      case DELETE -> DELETE;
      case CLEAR -> CLEAR;
    };
  }
}
