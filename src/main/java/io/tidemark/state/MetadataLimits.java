package io.tidemark.state;

/**
 * How much of the metadata map is open, and how much is in a file.
 *
 * @param maxOpenFiles files open at once; at least 3, for a split works on three
 * @param maxGroups groups in a file at which it is split; at most what the file has room for
 */
record MetadataLimits(int maxOpenFiles, int maxGroups) {

  /*
   * Rows grow while their blocks live: a block that was created and then updated takes twice what it
   * took at first. So a file behind which the next one begins keeps half of its chunks free.
   */

  /** Files open at once: about 2 GiB of mappings at most. */
  static final MetadataLimits DEFAULT = new MetadataLimits(128, ChronicleGroups.MAX_GROUPS / 8 * 7);

  private static final int MAX_CHUNKS = ChronicleGroups.MAX_CHUNKS / 4 * 3;
  private static final int WELL_FILLED_CHUNKS = ChronicleGroups.MAX_CHUNKS / 2;

  /** Returns whether a file must be split before much more is put. */
  boolean isFull(MetadataFile file) {
    return file.groupCount() >= maxGroups || file.chunkCount() >= MAX_CHUNKS;
  }

  /** Returns whether groups behind a file's last one should begin another file. */
  boolean isWellFilled(MetadataFile file) {
    return file.groupCount() >= maxGroups - 1 || file.chunkCount() >= WELL_FILLED_CHUNKS;
  }
}
