package io.tidemark.tdengine;

import io.tidemark.state.Catalog;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The names of a vgroup's blocks, with data blocks joined to the definition of their table.
 *
 * <p>An image: names assigned later do not show. Immutable.
 */
public final class BlockCatalog {
  private final Map<Long, BlockName> names;

  private BlockCatalog(Map<Long, BlockName> names) {
    this.names = names;
  }

  /** Reads all names of a catalog. */
  public static BlockCatalog of(Catalog catalog) {
    Map<Long, BlockName> names = new HashMap<>();
    Map<Long, BlockName> tables = new HashMap<>();
    Map<Long, BlockName> stables = new HashMap<>();
    for (long id : catalog.ids()) {
      BlockName name = BlockName.decode(Objects.requireNonNull(catalog.name(id)));
      names.put(id, name);
      switch (name.kind()) {
        case TABLE -> tables.put(name.uid(), name);
        case STABLE -> stables.put(name.uid(), name);
        case DATA -> {}
      }
    }
    names.replaceAll((id, name) -> joined(name, tables.get(name.uid()), stables.get(name.suid())));
    return new BlockCatalog(names);
  }

  private static BlockName joined(
      BlockName name, @Nullable BlockName table, @Nullable BlockName stable) {
    if (name.kind() == BlockName.Kind.STABLE) {
      return name;
    }
    BlockName definition = table == null ? name : table;
    String stableName =
        definition.stable().isEmpty() && stable != null ? stable.stable() : definition.stable();
    long suid = name.suid() == 0 ? definition.suid() : name.suid();
    return new BlockName(
        name.kind(), name.uid(), suid, name.fileSet(), definition.table(), stableName);
  }

  /** Returns what a block is, or null if its id was never assigned. */
  public @Nullable BlockName name(long blockId) {
    return names.get(blockId);
  }

  /** Returns what all the blocks are, in no order. */
  public Collection<BlockName> names() {
    return Collections.unmodifiableCollection(names.values());
  }

  /** Returns the number of blocks. */
  public int size() {
    return names.size();
  }
}
