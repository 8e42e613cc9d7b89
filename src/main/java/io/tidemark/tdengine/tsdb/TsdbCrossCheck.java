package io.tidemark.tdengine.tsdb;

import io.tidemark.block.Verdict;
import io.tidemark.block.WalPosition;
import io.tidemark.tdengine.BlockCatalog;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tracker.BlockChange;
import io.tidemark.tracker.Coverage;
import io.tidemark.tracker.StoreView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares what a store says of data blocks with what the data files show: a version that lies in a
 * file is a change that the store must know of.
 *
 * <p>Used by one thread, before the coverage it was given changes.
 */
public final class TsdbCrossCheck {

  /*
   * One-sided on purpose. A block whose newest row or deletion in the files is of version v changed at
   * v, so the store's last change of it is not before v, unless v lies in a hole. The other way
   * round nothing follows: the server merges deleted and replaced rows away.
   *
   * Versions that were written again after a rollback belong to the newest generation, those below its
   * first own offset to the ones before.
   */

  /**
   * A change that the store missed although it declared the version complete.
   *
   * @param tracked the last change that the store knows; null for none
   */
  public record Missed(long uid, long fileSet, long version, @Nullable WalPosition tracked) {}

  /**
   * What a comparison came to.
   *
   * @param compared data blocks in the files that the store's coverage reaches
   * @param unread blocks whose newest version the store has not read yet, or cannot vouch for
   * @param missed changes that are missing in the store
   */
  public record Report(int compared, int unread, List<Missed> missed) {

    /** Copies the list. */
    public Report {
      missed = List.copyOf(missed);
    }
  }

  private record Block(long uid, long fileSet) {}

  private final StoreView view;
  private final Coverage coverage;
  private final Map<Block, WalPosition> tracked = new HashMap<>();

  private TsdbCrossCheck(StoreView view, Coverage coverage, BlockCatalog names) {
    this.view = view;
    this.coverage = coverage;
    for (BlockChange change : view.changedEver().changes()) {
      BlockName name = names.name(change.blockId());
      if (name != null && name.kind() == BlockName.Kind.DATA) {
        tracked.put(new Block(name.uid(), name.fileSet()), change.last());
      }
    }
  }

  /** Takes what a store knows at one moment, which may be before or after a scan. */
  public static TsdbCrossCheck of(StoreView view, Coverage coverage, BlockCatalog names) {
    return new TsdbCrossCheck(view, coverage, names);
  }

  /** Compares with files: a version that the store has not read yet is no miss. */
  public Report compare(TsdbScan scan) {
    Map<Block, Long> newest = new HashMap<>();
    for (TableRows rows : scan.tables()) {
      newest.merge(new Block(rows.uid(), rows.fileSet()), rows.maxVersion(), Math::max);
    }
    // A deletion of a table without rows in the file set touches no block.
    for (Tombstone deleted : scan.tombstones()) {
      newest.computeIfPresent(
          new Block(deleted.uid(), deleted.fileSet()),
          (block, version) -> Math.max(version, deleted.version()));
    }
    int compared = 0;
    int unread = 0;
    List<Missed> missed = new ArrayList<>();
    for (Map.Entry<Block, Long> entry : newest.entrySet()) {
      Block block = entry.getKey();
      long version = entry.getValue();
      WalPosition last = tracked.get(block);
      if (last != null && reaches(last, version)) {
        compared++;
      } else if (isComplete(version)) {
        compared++;
        missed.add(new Missed(block.uid(), block.fileSet(), version, last));
      } else {
        unread++;
      }
    }
    return new Report(compared, unread, missed);
  }

  /** Whether a position is not before the version of the log as it is now. */
  private boolean reaches(WalPosition last, long version) {
    int generation = coverage.generation();
    boolean isOwn = Long.compareUnsigned(version, coverage.firstOwn(generation)) >= 0;
    if (last.generation() == generation) {
      return !isOwn || Long.compareUnsigned(last.walOffset(), version) >= 0;
    }
    return !isOwn && Long.compareUnsigned(last.walOffset(), version) >= 0;
  }

  /** Whether the store declared a version complete: then it must know all of its changes. */
  private boolean isComplete(long version) {
    Long through = coverage.completeThrough();
    if (through == null || Long.compareUnsigned(version, through) > 0) {
      return false;
    }
    WalPosition position = new WalPosition(coverage.generation(), version);
    return view.changedIn(position, position).verdict() != Verdict.FULL_REQUIRED;
  }
}
