package io.tidemark.tdengine.taosdump;

/**
 * What a table or stable was defined as when it was exported, as a fingerprint.
 *
 * <p>Columns, tags and whatever else the server's own statement for it says go in: another version
 * of the server may word the same definition otherwise.
 *
 * @param isStable whether it is a stable; else a normal table
 * @param name of it
 * @param sha256 of the statement in its canonical form, in hexadecimal digits; see {@link
 *     DumpDefinitions}
 */
public record ObjectDefinition(boolean isStable, String name, String sha256) {
  private static final int SHORT_DIGITS = 12;

  /** Returns the beginning of the fingerprint, enough for people to see a difference. */
  public String shortFingerprint() {
    return sha256.substring(0, Math.min(SHORT_DIGITS, sha256.length()));
  }

  /** Returns what it is, for people. */
  @Override
  public String toString() {
    return (isStable ? "stable " : "table ") + name;
  }
}
