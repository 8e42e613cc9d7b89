package io.tidemark.tools;

import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.RowDeletion;
import io.tidemark.tdengine.taosdump.ChangedBlock;
import io.tidemark.tdengine.taosdump.IncrementalSet;
import io.tidemark.tdengine.taosdump.KnownBlocks;
import io.tidemark.tracker.BlockChange;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Joins the answers of a database's vgroups to the set that taosdump has to copy. */
final class IncrementalSets {
  private IncrementalSets() {}

  /**
   * Joins the answers of a detection in which no vgroup failed.
   *
   * @param tableNames of tables whose names the log does not tell
   * @throws CommandFailedException if they are of several databases
   */
  static IncrementalSet of(Detection detection, TableNames tableNames) {
    TreeSet<String> databases = new TreeSet<>();
    List<ChangedBlock> blocks = new ArrayList<>();
    List<RowDeletion> deletions = new ArrayList<>();
    KnownBlocks known = new KnownBlocks();
    for (VgroupAnswer answer : detection.answers()) {
      databases.add(answer.config().database());
      for (BlockChange change : answer.changes().changes()) {
        BlockName name = answer.names().name(change.blockId());
        if (name == null) {
          throw unnamed(answer.vgroupId(), Long.toUnsignedString(change.blockId()));
        }
        blocks.add(
            new ChangedBlock(
                answer.vgroupId(),
                change.kind(),
                tableNames.of(name),
                change.first(),
                change.last(),
                answer.onlyDeletedFrom().contains(change.blockId())));
      }
      answer.deletions().forEach(deletion -> deletions.add(tableNames.of(deletion)));
      addKnown(answer, known, tableNames);
    }
    return new IncrementalSet(
        onlyOne(databases),
        detection.answers().get(0).config().fileSets(),
        blocks,
        deletions,
        known);
  }

  /** Adds the data blocks that a vgroup knows of, by stable. */
  static void addKnown(VgroupAnswer answer, KnownBlocks known, TableNames tableNames) {
    for (BlockName block : answer.names().names()) {
      BlockName name = tableNames.of(block);
      if (name.kind() == BlockName.Kind.DATA && !name.stable().isEmpty()) {
        known.add(name.stable(), name.fileSet(), 1);
      }
    }
  }

  static CommandFailedException unnamed(int vgroupId, String blockId) {
    return new CommandFailedException(
        ExitCode.FAILED,
        "the log does not tell what this block is: vgroup=" + vgroupId + ", block=" + blockId);
  }

  /**
   * Returns the only database.
   *
   * @throws CommandFailedException if there are several
   */
  static String onlyOne(SortedSet<String> databases) {
    if (databases.size() != 1) {
      throw new CommandFailedException(
          ExitCode.USAGE,
          "a script is for one database: choose one with --database: there="
              + String.join(",", databases));
    }
    return databases.first();
  }
}
