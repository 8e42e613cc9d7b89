package io.tidemark.tools;

import java.util.ArrayList;
import java.util.List;

/** Rows of text with aligned columns; a column of numbers is aligned to the right. */
final class Table {
  private static final String GAP = "  ";

  private final String indent;
  private final List<List<String>> rows = new ArrayList<>();

  Table(String indent) {
    this.indent = indent;
  }

  void row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    rows.add(row);
  }

  /** Returns the lines without trailing blanks. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(indent);
      for (int i = 0; i < row.size(); i++) {
        String padding = " ".repeat(width(i) - row.get(i).length());
        boolean isNumber = isNumeric(i);
        line.append(i == 0 ? "" : GAP).append(isNumber ? padding : "").append(row.get(i));
        line.append(isNumber ? "" : padding);
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private int width(int column) {
    return rows.stream()
        .filter(row -> column < row.size())
        .mapToInt(row -> row.get(column).length())
        .max()
        .orElse(0);
  }

  /** Whether every cell below the first row is a number. */
  private boolean isNumeric(int column) {
    return rows.stream()
        .skip(1)
        .filter(row -> column < row.size())
        .allMatch(row -> row.get(column).matches("-|[0-9]+"));
  }
}
