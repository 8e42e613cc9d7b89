package io.tidemark.tdengine.tmq;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;

/**
 * What was found in a directory of tables a short while ago.
 *
 * <p>Used by one thread at a time.
 */
final class KnownTables {
  /** A table may be dropped and created again under its name; how long that may stay unseen. */
  private static final long AGE_MAX_NS = TimeUnit.SECONDS.toNanos(10);

  private static final int NAMES_MAX = 100_000;

  private final NanoClock clock;
  private final Map<String, Optional<TableDirectory.Entry>> found = new HashMap<>();
  private long oldestNs;

  KnownTables(NanoClock clock) {
    this.clock = clock;
  }

  /** Returns what has a name; null if nothing does. */
  TableDirectory.@Nullable Entry find(String table, TableDirectory directory) throws IOException {
    long nowNs = clock.nanoTime();
    if (found.size() >= NAMES_MAX || nowNs - oldestNs > AGE_MAX_NS) {
      forget();
    }
    Optional<TableDirectory.Entry> known = found.get(table);
    if (known == null) {
      known = Optional.ofNullable(directory.find(table));
      oldestNs = found.isEmpty() ? nowNs : oldestNs;
      found.put(table, known);
    }
    return known.orElse(null);
  }

  /** Forgets everything: what had a name may be another table now. */
  void forget() {
    found.clear();
  }
}
