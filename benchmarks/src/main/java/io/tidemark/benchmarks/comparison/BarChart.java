package io.tidemark.benchmarks.comparison;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A chart of horizontal bars on a logarithmic scale, as SVG: a group of bars for each row, a bar
 * for each series.
 *
 * <p>Used by one thread.
 */
final class BarChart {
  private static final int WIDTH = 760;
  private static final int LEFT = 150;
  private static final int RIGHT = 90;
  private static final int TOP = 72;
  private static final int BOTTOM = 34;
  private static final int BAR = 13;
  private static final int GAP = 11;
  private static final List<String> COLOURS = List.of("#1f6f8b", "#e0a030", "#7a5195", "#5a8f3c");

  private final String title;
  private final String subtitle;
  private final List<String> series;
  private final List<Row> rows = new ArrayList<>();

  /** A group of bars; NaN where there is no value. */
  private record Row(String label, List<Double> values) {}

  /**
   * Creates a chart without bars.
   *
   * @param series the names of the bars of each row, four at most
   */
  BarChart(String title, String subtitle, List<String> series) {
    if (series.isEmpty() || series.size() > COLOURS.size()) {
      throw new IllegalArgumentException("series do not fit a chart: count=" + series.size());
    }
    this.title = title;
    this.subtitle = subtitle;
    this.series = List.copyOf(series);
  }

  /**
   * Adds a group of bars below the others.
   *
   * @param values one for each series, above 0 or NaN
   */
  void add(String label, List<Double> values) {
    if (values.size() != series.size()) {
      throw new IllegalArgumentException(
          "row does not fit the chart: values=" + values.size() + ", series=" + series.size());
    }
    rows.add(new Row(label, List.copyOf(values)));
  }

  /** Returns the chart as an SVG document. */
  String svg() {
    int rowHeight = series.size() * BAR + GAP;
    int height = TOP + rows.size() * rowHeight + BOTTOM;
    StringBuilder svg = new StringBuilder();
    svg.append(
        format(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n",
            WIDTH, height, WIDTH, height));
    svg.append(format("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>%n", WIDTH, height));
    svg.append(text(12, 22, "start", title).replace("<text", "<text font-size=\"16\""));
    svg.append(text(12, 40, "start", subtitle).replace("<text", "<text fill=\"#555555\""));
    legend(svg);
    int lowest = (int) Math.floor(Math.log10(extreme(true)));
    int highest = Math.max((int) Math.ceil(Math.log10(extreme(false))), lowest + 1);
    grid(svg, lowest, highest, height);
    for (int row = 0; row < rows.size(); row++) {
      row(svg, rows.get(row), TOP + row * rowHeight, lowest, highest);
    }
    return svg.append("</svg>\n").toString();
  }

  private void legend(StringBuilder svg) {
    int x = LEFT;
    for (int i = 0; i < series.size(); i++) {
      svg.append(
          format(
              "<rect x=\"%d\" y=\"50\" width=\"11\" height=\"11\" fill=\"%s\"/>%n",
              x, COLOURS.get(i)));
      svg.append(text(x + 16, 60, "start", series.get(i)));
      x += 40 + 7 * series.get(i).length();
    }
  }

  private void grid(StringBuilder svg, int lowest, int highest, int height) {
    for (int power = lowest; power <= highest; power++) {
      int x = x(Math.pow(10, power), lowest, highest);
      svg.append(
          format(
              "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#dddddd\"/>%n",
              x, TOP - 4, x, height - BOTTOM));
      svg.append(text(x, height - BOTTOM + 16, "middle", number(Math.pow(10, power))));
    }
  }

  private void row(StringBuilder svg, Row row, int top, int lowest, int highest) {
    int middle = top + series.size() * BAR / 2 + 4;
    svg.append(text(LEFT - 8, middle, "end", row.label()));
    for (int i = 0; i < series.size(); i++) {
      double value = row.values().get(i);
      int y = top + i * BAR;
      if (Double.isNaN(value)) {
        svg.append(text(LEFT + 4, y + BAR - 3, "start", "–"));
        continue;
      }
      int end = x(value, lowest, highest);
      svg.append(
          format(
              "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>%n",
              LEFT, y, Math.max(end - LEFT, 1), BAR - 2, COLOURS.get(i)));
      svg.append(
          text(end + 5, y + BAR - 3, "start", number(value))
              .replace("<text", "<text font-size=\"11\""));
    }
  }

  private static int x(double value, int lowest, int highest) {
    double share = (Math.log10(value) - lowest) / (highest - lowest);
    return (int) Math.round(LEFT + share * (WIDTH - LEFT - RIGHT));
  }

  /** Returns the lowest or the highest value of all bars. */
  private double extreme(boolean isLowest) {
    var values =
        rows.stream()
            .flatMap(row -> row.values().stream())
            .mapToDouble(Double::doubleValue)
            .filter(value -> value > 0);
    return (isLowest ? values.min() : values.max()).orElse(1);
  }

  private static String number(double value) {
    int digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
    String number = format("%,." + digits + "f", value);
    return number.contains(".") ? number.replaceAll("\\.?0+$", "") : number;
  }

  private static String text(int x, int y, String anchor, String content) {
    return format(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>%n",
        x, y, anchor, content.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
