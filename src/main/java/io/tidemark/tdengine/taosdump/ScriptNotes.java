package io.tidemark.tdengine.taosdump;

import java.time.Instant;
import java.util.List;

/**
 * What scripts say about themselves, for people.
 *
 * @param tool name and version of what wrote them
 * @param written when that was
 * @param lines whatever else is worth knowing
 */
public record ScriptNotes(String tool, Instant written, List<String> lines) {

  /** Copies the lines. */
  public ScriptNotes {
    lines = List.copyOf(lines);
  }
}
