package io.tidemark.tracker;

import java.util.List;

/**
 * What opening a store found and did.
 *
 * @param isNew whether the store had never been written
 * @param checkpoint number of the checkpoint that was trusted; 0 for none
 * @param trusted what was used as it lay on disk
 * @param rebuilt views that were made again from the truth
 * @param replayedEntries journal entries behind the last sealed segment that were folded again
 * @param dropped what was thrown away, and why
 * @param lost truth that is missing: ranges that need it are FULL_REQUIRED
 * @param durationMs how long it took
 */
public record RecoveryReport(
    boolean isNew,
    long checkpoint,
    List<String> trusted,
    List<String> rebuilt,
    long replayedEntries,
    List<String> dropped,
    List<String> lost,
    long durationMs) {

  /** Copies the lists. */
  public RecoveryReport {
    trusted = List.copyOf(trusted);
    rebuilt = List.copyOf(rebuilt);
    dropped = List.copyOf(dropped);
    lost = List.copyOf(lost);
  }

  /** Returns one line for people. */
  public String summary() {
    if (isNew) {
      return "new store";
    }
    StringBuilder line = new StringBuilder("recovered in ").append(durationMs).append(" ms");
    append(line, "trusted", trusted);
    append(line, "rebuilt", rebuilt);
    if (replayedEntries > 0) {
      line.append("; replayed ").append(replayedEntries).append(" journal entries");
    }
    append(line, "dropped", dropped);
    append(line, "LOST", lost);
    return line.toString();
  }

  private static void append(StringBuilder line, String title, List<String> items) {
    if (!items.isEmpty()) {
      line.append("; ").append(title).append(' ').append(String.join(", ", items));
    }
  }
}
