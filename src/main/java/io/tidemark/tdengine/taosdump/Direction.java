package io.tidemark.tdengine.taosdump;

/** Which way taosdump moves rows. */
public enum Direction {
  /** From the server into files. */
  OUT("out"),
  /** From files into the server. */
  IN("in");

  private final String word;

  Direction(String word) {
    this.word = word;
  }

  /** Returns the word taosdump uses for it. */
  String word() {
    return word;
  }
}
