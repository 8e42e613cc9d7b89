package io.tidemark.plugin;

import io.tidemark.errors.PluginException;
import java.util.Locale;

/** Where a plugin is in its life. */
enum PluginStage {
  /** It was made and knows nothing. */
  MADE,
  /** It has what it works with. */
  INITIALISED,
  /** It takes runs. */
  STARTED,
  /** It let go of everything. */
  ENDED;

  /** Refuses what may be done in other stages only. */
  void check(String operation, PluginStage... allowed) {
    for (PluginStage stage : allowed) {
      if (this == stage) {
        return;
      }
    }
    throw new PluginException(
        "plugin cannot do this now: operation="
            + operation
            + ", stage="
            + name().toLowerCase(Locale.ROOT));
  }
}
