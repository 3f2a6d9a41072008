package dev.lengthwise.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.report.LineChart;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExhibitTest {

  private static final Exhibit LOSS =
      new Exhibit(
          "loss", "Loss", Exhibit.Across.LENGTH, Exhibit.Shown.NATS, Exhibit.metric("loss"));

  private static Row row(String variant, long seed, String method, int length, double value) {
    return new Row(variant, seed, method, "loss", length, null, null, value, 1, Map.of());
  }

  @Test
  void aCellIsTheMeanOfTheSeedsAndSaysHowFarTheyLieApart() {
    List<Row> rows = List.of(row("rope", 1, "declared", 64, 2), row("rope", 2, "declared", 64, 3));
    assertThat(LOSS.cells(rows).get("declared"))
        .isEqualTo(Map.of(64.0, new Exhibit.Cell(2.5, 0.5)));
    assertThat(MarkdownTable.of(LOSS, rows))
        .isEqualTo(
            """
            | tokens | 64 |
            |---|--:|
            | declared | 2.50 ± 0.50 |
            """);
  }

  @Test
  void perplexityIsThatOfTheMeanLossOfASeed() {
    Exhibit perplexity =
        new Exhibit(
            "p", "P", Exhibit.Across.LENGTH, Exhibit.Shown.PERPLEXITY, Exhibit.metric("loss"));
    List<Row> rows = List.of(row("rope", 1, "declared", 64, 1), row("rope", 1, "declared", 64, 3));
    assertThat(MarkdownTable.of(perplexity, rows)).contains("| declared | 7.39 |"); // exp(2)
  }

  @Test
  void linesAreNamedByWhatTellsThemApart() {
    Row plain = row("rope", 1, "declared", 64, 2);
    assertThat(LOSS.cells(List.of(plain, row("coca", 1, "declared", 64, 2))).keySet())
        .containsExactly("rope", "coca");
    assertThat(LOSS.cells(List.of(plain, row("rope", 1, "yarn", 64, 2))).keySet())
        .containsExactly("declared", "yarn");
    assertThat(LOSS.cells(List.of(plain, row("coca", 1, "yarn", 64, 2))).keySet())
        .containsExactly("rope · declared", "coca · yarn");
  }

  @Test
  void whatIsNotFiniteStandsInTheTableAndNotInTheChart() {
    List<Row> rows =
        List.of(
            row("rope", 1, "declared", 64, 2),
            row("rope", 1, "declared", 128, Double.POSITIVE_INFINITY));
    assertThat(LOSS.chart(rows).series())
        .containsExactly(new LineChart.Series("declared", List.of(new LineChart.Point(64, 2))));
    assertThat(MarkdownTable.of(LOSS, rows)).contains("| 2.00 | ∞ |");
    assertThat(MarkdownTable.of(LOSS, List.of())).isEmpty();
  }
}
