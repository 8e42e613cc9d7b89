package io.tidemark.tools;

import io.tidemark.errors.CorruptFileException;
import io.tidemark.state.Catalog;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.BlockName;
import org.jspecify.annotations.Nullable;

/** The names of a store's blocks for people; a store of another source has numbers only. */
final class BlockNames {
  private final @Nullable BlockCatalog names;

  private BlockNames(@Nullable BlockCatalog names) {
    this.names = names;
  }

  static BlockNames of(Catalog catalog) {
    try {
      return new BlockNames(BlockCatalog.of(catalog));
    } catch (CorruptFileException e) {
      return new BlockNames(null);
    }
  }

  /** Returns what a block is, or an empty text if that is not known. */
  String describe(long blockId) {
    BlockName name = names == null ? null : names.name(blockId);
    if (name == null) {
      return "";
    }
    String table =
        name.table().isEmpty() ? "uid " + Long.toUnsignedString(name.uid()) : name.table();
    return switch (name.kind()) {
      case STABLE -> "stable " + name.stable();
      case TABLE -> "table " + table;
      case DATA -> "data " + table + ", file set " + name.fileSet();
    };
  }
}
