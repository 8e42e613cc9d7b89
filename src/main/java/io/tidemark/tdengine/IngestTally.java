package io.tidemark.tdengine;

import io.tidemark.block.Hole;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what a pass over a log delivers, until it is reported. Used by one thread. */
final class IngestTally {
  private long records;
  private long bytes;
  private long undecoded;
  private long firstVersion = -1;
  private long lastVersion = -1;
  private long lastTimestampUs;
  private int generationsBegun;
  private final List<Hole> holes = new ArrayList<>();

  /**
   * Counts records that lie in a closed range of versions.
   *
   * @param count how many; 0 for a stretch without any
   * @param timestampUs when the last of them was written, or read
   */
  void records(long count, long first, long last, long timestampUs) {
    records += count;
    firstVersion = firstVersion < 0 ? first : firstVersion;
    lastVersion = last;
    lastTimestampUs = timestampUs;
  }

  /** Counts bytes on disk. */
  void bytes(long lengthBytes) {
    bytes += lengthBytes;
  }

  void undecoded() {
    undecoded++;
  }

  void generationBegun() {
    generationsBegun++;
  }

  void hole(Hole hole) {
    holes.add(hole);
  }

  /** Returns how many records were counted since the last report. */
  long records() {
    return records;
  }

  /** Returns what was counted and begins anew. */
  IngestReport report(long events, @Nullable WalTail tail, boolean isAtEnd) {
    IngestReport report =
        new IngestReport(
            records,
            bytes,
            events,
            undecoded,
            firstVersion,
            lastVersion,
            lastTimestampUs,
            generationsBegun,
            holes,
            tail,
            isAtEnd);
    records = 0;
    bytes = 0;
    undecoded = 0;
    firstVersion = -1;
    lastVersion = -1;
    generationsBegun = 0;
    holes.clear();
    return report;
  }
}
