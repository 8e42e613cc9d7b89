package io.tidemark.tdengine.tsdb;

import java.util.List;

/**
 * What the data files of a vnode hold, at one moment between two commits of the server.
 *
 * @param committedVersion everything through this WAL version is in the files; −1 for nothing.
 *     Later versions may be there too
 * @param fileSets the files, in order of file sets
 * @param tables one for each table and file set that has rows, in order of file sets
 * @param tombstones the deletions, in order of file sets
 */
public record TsdbScan(
    long committedVersion,
    List<TsdbFileSet> fileSets,
    List<TableRows> tables,
    List<Tombstone> tombstones) {

  /** Copies the lists. */
  public TsdbScan {
    fileSets = List.copyOf(fileSets);
    tables = List.copyOf(tables);
    tombstones = List.copyOf(tombstones);
  }
}
