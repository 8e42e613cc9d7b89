package io.tidemark.tdengine.tsdb;

import io.tidemark.tdengine.RecycledHistory;
import io.tidemark.tdengine.VnodeDirectory;
import io.tidemark.tdengine.WalDecodeException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the data files of a vnode still show of recycled versions.
 *
 * <p>Every data block that has a row or a deletion of such a version, with bounds for when. Not
 * shown: definitions, dropped tables' ends, and rows that were replaced before they were merged.
 */
public final class TsdbHistory implements RecycledHistory {
  private final VnodeDirectory vnode;

  /** The block of a table in a file set. */
  private record Block(long uid, long fileSet) {}

  /** A block and the versions between which it changed. */
  private record Change(long uid, long suid, long fileSet, long firstVersion, long lastVersion) {
    Change plus(Change other) {
      return new Change(
          uid,
          suid == 0 ? other.suid : suid,
          fileSet,
          Math.min(firstVersion, other.firstVersion),
          Math.max(lastVersion, other.lastVersion));
    }
  }

  /** Takes a vnode, whose files are read when they are needed. */
  public TsdbHistory(VnodeDirectory vnode) {
    this.vnode = vnode;
  }

  @Override
  public String replay(long first, long last, BlockHandler handler) throws IOException {
    if (Files.notExists(vnode.dataFileDirectory().resolve(CurrentFiles.FILE_NAME))) {
      return "";
    }
    TsdbScan scan = scan();
    Map<Long, Long> committedNs = new HashMap<>();
    for (TsdbFileSet set : scan.fileSets()) {
      committedNs.put(set.number(), TimeUnit.MILLISECONDS.toNanos(set.lastCommitMs()));
    }
    List<Change> changes = changes(scan, first, last);
    for (Change change : changes) {
      handler.onBlock(
          change.uid,
          change.suid,
          change.fileSet,
          change.firstVersion,
          change.lastVersion,
          committedNs.getOrDefault(change.fileSet, 0L));
    }
    return "data files show "
        + changes.size()
        + " data blocks of it"
        + (scan.committedVersion() < last ? ", through version " + scan.committedVersion() : "");
  }

  private TsdbScan scan() throws IOException {
    try {
      return TsdbScanner.scan(vnode);
    } catch (WalDecodeException e) {
      throw new TsdbFormatException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns what touches a range of versions, cut to it, in order of last versions. */
  private static List<Change> changes(TsdbScan scan, long first, long last) {
    Map<Block, Change> found = new HashMap<>();
    for (TableRows rows : scan.tables()) {
      add(
          new Change(rows.uid(), rows.suid(), rows.fileSet(), rows.minVersion(), rows.maxVersion()),
          first,
          last,
          found);
    }
    for (Tombstone deleted : scan.tombstones()) {
      add(
          new Change(
              deleted.uid(),
              deleted.suid(),
              deleted.fileSet(),
              deleted.version(),
              deleted.version()),
          first,
          last,
          found);
    }
    List<Change> changes = new ArrayList<>(found.values());
    changes.sort(
        Comparator.comparingLong(Change::lastVersion)
            .thenComparingLong(Change::uid)
            .thenComparingLong(Change::fileSet));
    return changes;
  }

  private static void add(Change change, long first, long last, Map<Block, Change> found) {
    if (change.firstVersion <= last && change.lastVersion >= first) {
      Change cut =
          new Change(
              change.uid,
              change.suid,
              change.fileSet,
              Math.max(change.firstVersion, first),
              Math.min(change.lastVersion, last));
      found.merge(new Block(change.uid, change.fileSet), cut, Change::plus);
    }
  }
}
