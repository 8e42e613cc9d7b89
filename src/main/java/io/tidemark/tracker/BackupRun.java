package io.tidemark.tracker;

/**
 * A prepared run of a chain: the changes journaled in (base, end].
 *
 * @param chain name of the chain
 * @param base journal position the chain had committed through; 0 for its first run
 * @param end journal position the run reaches, the end of a segment
 * @param epoch the opening of the store that gave it out; a later opening refuses it
 */
public record BackupRun(String chain, long base, long end, long epoch) {

  /** Returns whether nothing was committed before: the run has to copy everything. */
  public boolean isFirst() {
    return base == 0;
  }
}
