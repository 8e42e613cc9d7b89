package io.tidemark.tdengine.tsdb;

import io.tidemark.tdengine.FileSets;
import io.tidemark.tdengine.VnodeConfig;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * Reads what the data files of a vnode hold; the server is not disturbed and may commit meanwhile.
 *
 * <p>Reads indexes, and of rows that are not merged yet the keys; never {@code .data}.
 */
public final class TsdbScanner {

  /*
   * The files that are read here never change once current.json lists them. A commit writes new ones,
   * then replaces current.json, then deletes the old ones: so what vanishes, or is another file than the
   * one listed, means that the list is old, and the scan begins again with the new one. What is wrong
   * under a list that did not change is damage.
   */

  private static final int ATTEMPTS_MAX = 16;

  private final Path directory;
  private final VnodeConfig config;
  private final FileSets fileSets;
  private final ColumnDecoder decoder = new ColumnDecoder();
  private final Map<Long, TableRows> tables = new LinkedHashMap<>();
  private final List<TableRows> finished = new ArrayList<>();
  private final List<Tombstone> tombstones = new ArrayList<>();

  private TsdbScanner(VnodeDirectory vnode, VnodeConfig config) {
    this.directory = vnode.dataFileDirectory();
    this.config = config;
    this.fileSets = config.fileSets();
  }

  /**
   * Scans a vnode.
   *
   * @throws TsdbFormatException if files are damaged, encrypted, or of a layout unknown here
   * @throws WalDecodeException if vnode.json cannot be understood
   */
  public static TsdbScan scan(VnodeDirectory vnode) throws IOException, WalDecodeException {
    return scan(vnode, fileSet -> true);
  }

  /**
   * Scans some file sets of a vnode.
   *
   * @param isWanted tells by its number whether to read a file set; the result lists all
   */
  public static TsdbScan scan(VnodeDirectory vnode, LongPredicate isWanted)
      throws IOException, WalDecodeException {
    IOException last = null;
    List<TsdbFileSet> before = List.of();
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      // Before the list: what it says is committed is in the files then.
      VnodeConfig config = vnode.config();
      if (config.tsdbEncryption() != 0) {
        throw new FilePlace(vnode.configFile(), 0)
            .unsupported("encrypted pages", "tsdb.encryptAlgorithm=" + config.tsdbEncryption());
      }
      TsdbScanner scanner = new TsdbScanner(vnode, config);
      List<TsdbFileSet> files = CurrentFiles.read(scanner.directory, config.vgroupId());
      if (last != null && files.equals(before)) {
        throw last;
      }
      before = files;
      try {
        return scanner.scan(files, isWanted);
      } catch (NoSuchFileException | TsdbFormatException e) {
        last = e;
      }
    }
    throw new IOException(
        "data files vanish faster than they can be read: attempts="
            + ATTEMPTS_MAX
            + ", directory="
            + vnode.dataFileDirectory(),
        last);
  }

  private TsdbScan scan(List<TsdbFileSet> files, LongPredicate isWanted) throws IOException {
    for (TsdbFileSet set : files) {
      if (isWanted.test(set.number())) {
        tables.clear();
        scan(set);
        finished.addAll(tables.values());
      }
    }
    return new TsdbScan(config.commitVersion(), files, finished, tombstones);
  }

  private void scan(TsdbFileSet set) throws IOException {
    TsdbFile head = set.head();
    TsdbFile data = set.data();
    if (head != null && data != null) {
      try (PagedFile file = PagedFile.open(head, config.tsdbPageBytes())) {
        for (BrinRecord block : HeadFile.read(file, decoder, data.lengthBytes())) {
          add(rows(block, set.number()), file.place(0));
        }
      }
    }
    for (TsdbFile stt : set.stt()) {
      try (PagedFile file = PagedFile.open(stt, config.tsdbPageBytes())) {
        for (TableRows rows : new SttFile(file, decoder, set.number()).tables()) {
          add(rows, file.place(0));
        }
        TombstoneTable.read(
            file, SttFile.FOOTER_BYTES, SttFile.DELETIONS, decoder, set.number(), tombstones);
      }
    }
    TsdbFile tomb = set.tomb();
    if (tomb != null) {
      try (PagedFile file = PagedFile.open(tomb, config.tsdbPageBytes())) {
        TombstoneTable.readTomb(file, decoder, set.number(), tombstones);
      }
    }
  }

  private static TableRows rows(BrinRecord block, long fileSet) {
    return new TableRows(
        block.uid(),
        block.suid(),
        fileSet,
        block.minVersion(),
        block.maxVersion(),
        block.rows(),
        block.firstTimestamp(),
        block.lastTimestamp());
  }

  private void add(TableRows rows, FilePlace place) throws TsdbFormatException {
    if (fileSets.fileSetOf(rows.firstTimestamp()) != rows.fileSet()
        || fileSets.fileSetOf(rows.lastTimestamp()) != rows.fileSet()) {
      throw place.malformed(
          "rows belong to another file set", "fileSet=" + rows.fileSet() + ", rows=" + rows);
    }
    tables.merge(rows.uid(), rows, TableRows::plus);
  }
}
