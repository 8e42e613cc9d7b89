package io.tidemark.archive;

/**
 * A data file of a run, as its manifest lists it.
 *
 * @param name in the run's directory
 * @param batch number of the batch it holds, from 1
 * @param lengthBytes its length
 * @param sha256 of all of it, in hexadecimal digits
 * @param blocks blocks with content
 * @param deleted tombstones
 * @param gone blocks that were gone when they were to be copied
 * @param contentBytes bytes of content
 * @param firstId lowest block id, unsigned
 * @param lastId highest block id, unsigned
 * @param idsSha256 SHA-256 of all ids in order, 8 bytes big-endian each
 */
record ManifestFile(
    String name,
    int batch,
    long lengthBytes,
    String sha256,
    long blocks,
    long deleted,
    long gone,
    long contentBytes,
    long firstId,
    long lastId,
    String idsSha256) {

  long records() {
    return blocks + deleted + gone;
  }
}
