package io.tidemark.benchmarks.comparison;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class BarChartTest {
  private static final String FIRST_COLOUR = "#1f6f8b";

  @Test
  void shouldDrawBarsByTheLogarithm() throws Exception {
    BarChart chart = new BarChart("Time & space", "a < b", List.of("one"));
    chart.add("1", List.of(1.0));
    chart.add("10", List.of(10.0));
    chart.add("100", List.of(100.0));

    List<Integer> widths = widths(chart);

    // The first of its colour is the legend; a bar at the left end of the scale is a line.
    assertEquals(11, widths.get(0));
    assertEquals(1, widths.get(1));
    assertEquals(widths.get(3), 2 * widths.get(2));
  }

  @Test
  void shouldLeaveOutBarsWithoutValue() throws Exception {
    BarChart chart = new BarChart("title", "subtitle", List.of("one"));
    chart.add("there", List.of(3.0));
    chart.add("missing", List.of(Double.NaN));

    assertEquals(2, widths(chart).size());
    assertTrue(chart.svg().contains(">missing</text>"));
  }

  @Test
  void shouldRefuseRowThatDoesNotFit() {
    BarChart chart = new BarChart("title", "subtitle", List.of("one", "two"));

    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> chart.add("row", List.of(1.0)));

    assertEquals("row does not fit the chart: values=1, series=2", refused.getMessage());
  }

  private static List<Integer> widths(BarChart chart) throws Exception {
    NodeList rectangles =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(chart.svg())))
            .getElementsByTagName("rect");
    List<Integer> widths = new ArrayList<>();
    for (int i = 0; i < rectangles.getLength(); i++) {
      Element rectangle = (Element) rectangles.item(i);
      if (rectangle.getAttribute("fill").equals(FIRST_COLOUR)) {
        widths.add(Integer.valueOf(rectangle.getAttribute("width")));
      }
    }
    return widths;
  }
}
