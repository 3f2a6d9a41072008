package dev.lengthwise.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.report.LineChart.Axis;
import dev.lengthwise.report.LineChart.Point;
import dev.lengthwise.report.LineChart.Series;
import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class SvgChartsTest {

  private static final LineChart CHART =
      new LineChart(
          "Loss <by> length",
          new Axis("tokens", true),
          new Axis("nats", false),
          List.of(
              new Series("rope", List.of(new Point(128, 2), new Point(1024, 9))),
              new Series("a & b", List.of(new Point(128, 2), new Point(1024, 2.5)))));

  @Test
  void aChartIsAnSvgDocumentWithTitleAxesAndEveryLine() throws Exception {
    SvgCharts charts = new SvgCharts();
    String svg = charts.draw(CHART);
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(document.getDocumentElement().getTextContent())
        .contains("Loss <by> length", "tokens", "nats", "rope", "a & b");
    // The colours of the first two lines of ECharts 6.
    assertThat(svg).contains("stroke=\"#5070dd\"", "stroke=\"#b6d634\"");
    assertThat(charts.draw(CHART)).hasSameSizeAs(svg);
  }

  /// There are nine colours: a tenth line is dashed, a nineteenth dotted.
  @Test
  void linesOfOneColourHaveOtherStrokes() {
    assertThat(dashedLines(9)).isZero();
    assertThat(dashedLines(10)).isPositive();
    assertThat(dashedLines(19)).isGreaterThan(dashedLines(18));
  }

  // Strokes with a pattern; the legend has them too.
  private static int dashedLines(int lines) {
    List<Series> series =
        IntStream.range(0, lines)
            .mapToObj(line -> new Series("line " + line, List.of(new Point(1, line))))
            .toList();
    String svg =
        new SvgCharts()
            .draw(new LineChart("t", new Axis("x", false), new Axis("y", false), series));
    return svg.split("stroke-dasharray=\"[0-9]", -1).length - 1;
  }
}
