package io.tidemark.backup;

import java.util.List;

/**
 * What became of a batch that a tool wrote; it is durable.
 *
 * @param number of the batch
 * @param lastId the highest id of the batch
 * @param blocks blocks whose content was copied
 * @param deleted tombstones written
 * @param gone ids of the blocks that were to be copied and were not there any more
 * @param contentBytes bytes of content copied
 * @param writtenBytes bytes that they take in the backup
 * @param idsSha256 see {@link Batch#idsSha256}
 * @param detail what the tool wants to be told when a run is resumed or sealed; one line
 */
public record BatchReceipt(
    int number,
    long lastId,
    long blocks,
    long deleted,
    List<Long> gone,
    long contentBytes,
    long writtenBytes,
    String idsSha256,
    String detail) {

  /** Copies the list. */
  public BatchReceipt {
    gone = List.copyOf(gone);
  }
}
