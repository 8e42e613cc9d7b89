package io.tidemark.tdengine;

import io.tidemark.block.Hole;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over the WAL delivered.
 *
 * @param records intact records taken in, without those known before
 * @param bytes their length on disk
 * @param firstVersion version of the first of them; −1 if there was none
 * @param lastVersion version of the last of them; −1 if there was none
 * @param generationsBegun how often the log was found rolled back or replaced
 * @param newHoles versions that are missing or cannot be decoded
 * @param tail bytes at the end that are no record yet; null if there are none
 */
public record IngestReport(
    long records,
    long bytes,
    long firstVersion,
    long lastVersion,
    int generationsBegun,
    List<Hole> newHoles,
    @Nullable WalTail tail) {

  /** Copies the list. */
  public IngestReport {
    newHoles = List.copyOf(newHoles);
  }
}
