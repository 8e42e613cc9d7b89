package io.tidemark.tdengine.taosdump;

import io.tidemark.backup.RunPlan;
import io.tidemark.tdengine.BlockName;
import io.tidemark.tdengine.FileSets;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Who knows what the blocks of a database are: what a {@link TaosdumpTool} asks. */
public interface DatabaseBlocks {

  /** Returns the name of the database. */
  String database();

  /** Returns how its time is divided. */
  FileSets fileSets();

  /**
   * Returns what changed in the journal's interval that an incremental run covers.
   *
   * @throws IOException if a block has no name, or the store cannot be read
   */
  IncrementalSet changes(RunPlan plan) throws IOException;

  /** Returns the names of all blocks there are now. */
  Names names() throws IOException;

  /** What blocks are; does not change. */
  @FunctionalInterface
  interface Names {

    /** Returns what a block is, or null if its id was never assigned. */
    @Nullable BlockName name(long blockId);
  }
}
