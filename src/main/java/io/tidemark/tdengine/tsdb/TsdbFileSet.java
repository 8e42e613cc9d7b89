package io.tidemark.tdengine.tsdb;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data files of one file set.
 *
 * @param number the file set's number
 * @param head index of the blocks in {@code data}; null while everything is in {@code stt}
 * @param data the blocks; null exactly if {@code head} is
 * @param tomb deletions that are not in {@code stt}; null if there are none
 * @param stt rows and deletions that were not merged into {@code data} yet
 * @param lastCommitMs when the server wrote to it last, ms since the epoch
 */
public record TsdbFileSet(
    long number,
    @Nullable TsdbFile head,
    @Nullable TsdbFile data,
    @Nullable TsdbFile tomb,
    List<TsdbFile> stt,
    long lastCommitMs) {

  /** Copies the list. */
  public TsdbFileSet {
    stt = List.copyOf(stt);
  }
}
