package io.tidemark.tools;

import java.util.ArrayList;
import java.util.List;

/** Text behind a label, wrapped so that a terminal of 80 columns shows it, indented or not. */
final class Paragraph {
  private static final int WIDTH = 76;
  private static final int LABEL_WIDTH = 13;

  /** A blank at which no line ends. */
  static final char NO_BREAK = '\u00a0';

  private Paragraph() {}

  /** Returns the lines: the label on the first, the text beside it. */
  static List<String> labelled(String label, String text) {
    List<String> lines = new ArrayList<>();
    String indent = " ".repeat(LABEL_WIDTH);
    StringBuilder line = new StringBuilder("  " + label);
    line.append(" ".repeat(Math.max(1, LABEL_WIDTH - line.length())));
    boolean isFresh = true;
    for (String word : text.strip().split(" +", -1)) {
      if (!isFresh && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder(indent);
        isFresh = true;
      }
      line.append(isFresh ? "" : " ").append(word.replace(NO_BREAK, ' '));
      isFresh = false;
    }
    lines.add(line.toString());
    return lines;
  }
}
