package io.tidemark.backup;

import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to have backed up.
 *
 * @param chain the chain to add a run to
 * @param kind whether to copy everything; a full run is always safe
 * @param since for an incremental run: copy everything that changed after this too; null for what
 *     changed after the chain's last run
 */
public record BackupRequest(String chain, RunKind kind, @Nullable BackupCursor since) {
  private static final String CHAIN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  /** Checks the name, which becomes part of names of files. */
  public BackupRequest {
    checkChain(chain);
  }

  static void checkChain(String chain) {
    if (!chain.matches(CHAIN)) {
      throw new IllegalArgumentException(
          "not the name of a chain: allowed=letters, digits, '.', '_' and '-', at most 64, name="
              + chain);
    }
  }

  /** Asks for everything. */
  public static BackupRequest full(String chain) {
    return new BackupRequest(chain, RunKind.FULL, null);
  }

  /** Asks for what changed since the chain's last run. */
  public static BackupRequest incremental(String chain) {
    return new BackupRequest(chain, RunKind.INCREMENTAL, null);
  }
}
