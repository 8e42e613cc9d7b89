package io.tidemark.plugin;

/** What a plugin can do; what it cannot it refuses with a {@code PluginException}. */
public enum PluginCapability {
  /** Says which blocks changed: {@link TaosxInterface}. */
  DETECT,
  /** Gives the content of blocks with them. */
  BLOCK_DATA,
  /** Takes full and incremental runs. */
  BACKUP,
  /** Verifies runs that were taken. */
  VERIFY,
  /** Restores a run into a target. */
  RESTORE
}
