package dev.lengthwise.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.diagnose.AttentionSummary;
import dev.lengthwise.diagnose.AttentionSummary.AtDistance;
import dev.lengthwise.diagnose.AttentionSummary.AtPosition;
import dev.lengthwise.diagnose.ScoreTerms;
import java.util.List;
import java.util.Map;
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
                "rope", new AttentionSummary(2, distances, POSITIONS, terms))),
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
        .contains("&lt;x&gt;", "default-src 'none'", "<dd>v</dd>", "<li>a note</li>", "<section >")
        .doesNotContain("{{");
    assertThat(AttentionPage.render(report(List.of(new AtDistance(5, 1, 3, 7)), List.of())))
        .contains("<section hidden>");
  }
}
