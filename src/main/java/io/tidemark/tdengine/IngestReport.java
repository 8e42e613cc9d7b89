package io.tidemark.tdengine;

import io.tidemark.block.Hole;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over the WAL delivered.
 *
 * @param records intact records taken in, without those known before
 * @param bytes their length on disk
 * @param events block events that came of them
 * @param undecoded how many of them could not be decoded; each is a hole
 * @param firstVersion version of the first of them; −1 if there was none
 * @param lastVersion version of the last of them; −1 if there was none
 * @param lastTimestampUs when the server wrote the last record that was ever taken in, microseconds
 *     since the epoch; 0 if there was none
 * @param generationsBegun how often the log was found rolled back or replaced
 * @param newHoles versions that are missing or cannot be decoded
 * @param tail bytes at the end that are no record yet; null if there are none
 * @param isAtEnd whether there was nothing more to read
 */
public record IngestReport(
    long records,
    long bytes,
    long events,
    long undecoded,
    long firstVersion,
    long lastVersion,
    long lastTimestampUs,
    int generationsBegun,
    List<Hole> newHoles,
    @Nullable WalTail tail,
    boolean isAtEnd) {

  /** Copies the list. */
  public IngestReport {
    newHoles = List.copyOf(newHoles);
  }
}
