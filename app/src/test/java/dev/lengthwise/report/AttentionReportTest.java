package dev.lengthwise.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.diagnose.AttentionSummary;
import dev.lengthwise.diagnose.AttentionSummary.AtDistance;
import dev.lengthwise.diagnose.AttentionSummary.AtPosition;
import dev.lengthwise.diagnose.HiddenStatePca;
import dev.lengthwise.diagnose.LayerDiagnosis;
import dev.lengthwise.diagnose.OrderBreaking;
import dev.lengthwise.diagnose.ScoreDecay;
import dev.lengthwise.diagnose.ScoreTerms;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttentionReportTest {

  private static final List<AtPosition> POSITIONS =
      List.of(new AtPosition(1, 0, 1, 0, 0), new AtPosition(8, 2, 0.5, 0.25, 0.125));

  private static AttentionReport report(List<AtDistance> distances, List<ScoreTerms> terms) {
    return new AttentionReport(
        "<x>",
        4,
        List.of(
            new AttentionReport.Entry(
                "rope",
                new LayerDiagnosis(
                    2,
                    new AttentionSummary(2, distances, POSITIONS, terms),
                    List.of(),
                    List.of(),
                    null))),
        Map.of("k", "v"),
        List.of("a note"));
  }

  @Test
  void pairsWithinAndPastTheTrainedLengthAreApart() {
    AttentionReport report =
        report(
            List.of(
                new AtDistance(0, 1, 3, 1),
                new AtDistance(3, 2, 4, 3),
                new AtDistance(4, 9, 20, 1)),
            List.of());

    assertThat(AttentionTable.render(report))
        .isEqualTo(
            """
            layer  score within  score past  most within  most past  entropy trained  \
            entropy end  first  recent  past
            rope
              3            1.75        9.00         4.00       20.0             0.00  \
                   2.00    50%     25%   13%
            within, past: distances below the trained length of 4 tokens, and from it on; entropy in nats;
            first, recent, past: shares of the weights at the end of the text
            """);
  }

  @Test
  void textWithinTheTrainedLengthHasNothingPastIt() {
    AttentionReport report = report(List.of(new AtDistance(0, 1, 3, 1)), List.of());

    assertThat(AttentionTable.render(report)).contains("1.00           –         3.00          –");
  }

  @Test
  void linesAndPageHoldEveryNumberAndThePageLoadsNothing() {
    AttentionReport report =
        report(List.of(new AtDistance(5, 1.5, 3, 7)), List.of(new ScoreTerms(2, 5, 1, 2, 3, 4)));
    List<String> numbers =
        List.of(
            "{\"kind\":\"distance\",\"method\":\"rope\",\"layer\":3,\"distance\":5,\"mean\":1.5,"
                + "\"greatest\":3.0,\"pairs\":7}",
            "{\"kind\":\"position\",\"method\":\"rope\",\"layer\":3,\"position\":8,\"entropy\":2.0,"
                + "\"first\":0.5,\"recent\":0.25,\"past\":0.125}",
            "{\"kind\":\"terms\",\"method\":\"rope\",\"layer\":3,\"distance\":5,\"content\":1.0,"
                + "\"queryBias\":2.0,\"keyBias\":3.0,\"bothBiases\":4.0}");

    assertThat(AttentionLines.render(report).lines())
        .hasSize(5)
        .containsAll(numbers)
        .first()
        .asString()
        .startsWith("{\"kind\":\"protocol\",\"title\":\"<x>\",\"trainedLength\":4,");
    assertThat(AttentionPage.render(report))
        .contains(numbers)
        .contains("&lt;x&gt;", "default-src 'none'", "<dd>v</dd>", "<li>a note</li>")
        .doesNotContain("{{");
  }

  // Layers with these curves, and nothing else.
  private static AttentionReport decaying(List<List<ScoreDecay>> layers) {
    return new AttentionReport(
        "x",
        4,
        IntStream.range(0, layers.size())
            .mapToObj(
                at ->
                    new AttentionReport.Entry(
                        "alibi", new LayerDiagnosis(at, null, layers.get(at), List.of(), null)))
            .toList(),
        Map.of(),
        List.of());
  }

  @Test
  void decayIsInTableLinesAndPage() {
    List<ScoreDecay> same =
        List.of(
            new ScoreDecay(0, 1, 4),
            new ScoreDecay(1, 0.5, 3),
            new ScoreDecay(3, 0.25, 2),
            new ScoreDecay(5, -2, Double.NaN));
    AttentionReport report =
        decaying(List.of(same, same, List.of(new ScoreDecay(1, 7, Double.NaN))));

    assertThat(AttentionTable.render(report))
        .as("layers of the same curve are one line")
        .isEqualTo(
            """
            Scores of equal content by distance
            layer   1–3    4–5
            alibi
              1–2  0.38  -2.00
              3    7.00      –
            means over heads and distances; 1 at distance 0 without map, scale and bias
            """);
    String bounded =
        "{\"kind\":\"decay\",\"method\":\"alibi\",\"layer\":2,\"distance\":3,\"score\":0.25,"
            + "\"bound\":2.0}";
    assertThat(AttentionLines.render(report))
        .contains(bounded, "\"distance\":5,\"score\":-2.0,\"bound\":null}")
        .doesNotContain("\"kind\":\"position\"");
    assertThat(AttentionPage.render(report)).contains(bounded, "1–2");
  }

  @Test
  void orderIsInTableLinesAndPage() {
    List<OrderBreaking> heads =
        List.of(
            new OrderBreaking(0, List.of(0.5, 0.25), List.of(2.0, 30.0)),
            new OrderBreaking(1, List.of(0.0, 0.25), List.of(0.0, 4.0)));
    AttentionReport report =
        new AttentionReport(
            "x",
            4,
            List.of(
                new AttentionReport.Entry(
                    "rope", new LayerDiagnosis(1, null, List.of(), heads, null))),
            Map.of(),
            List.of());

    assertThat(AttentionTable.render(report))
        .startsWith(
            """
            Rotary pairs against the order of the text
            layer  rising  most in a head  affected keys
            rope
              2       25%             38%           9.00
            """);
    String second =
        "{\"kind\":\"order\",\"method\":\"rope\",\"layer\":2,\"head\":2,\"rising\":[0.0,0.25],"
            + "\"affected\":[0.0,4.0]}";
    assertThat(AttentionLines.render(report)).contains(second);
    assertThat(AttentionPage.render(report)).contains(second);
  }

  @Test
  void statesAreInTableLinesAndPage() {
    HiddenStatePca plane =
        new HiddenStatePca(
            List.of(0.75, 0.125),
            List.of(new HiddenStatePca.Point(1.5, 0), new HiddenStatePca.Point(-1.5, 0.25)));
    AttentionReport report =
        new AttentionReport(
            "x",
            4,
            List.of(
                new AttentionReport.Entry(
                    "rope", new LayerDiagnosis(0, null, List.of(), List.of(), plane))),
            Map.of(),
            List.of());

    assertThat(AttentionTable.render(report)).contains("  1      75%     13%");
    String line =
        "{\"kind\":\"pca\",\"method\":\"rope\",\"layer\":1,\"explained\":[0.75,0.125],"
            + "\"x\":[1.5,-1.5],\"y\":[0.0,0.25]}";
    assertThat(AttentionLines.render(report)).contains(line);
    assertThat(AttentionPage.render(report)).contains(line);
  }
}
