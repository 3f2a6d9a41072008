package dev.lengthwise.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TextTableTest {

  @Test
  void alignsMethodsAndLengths() {
    ComparisonReport report =
        report(
            new ResultRow("rope", 256, 5.2104, 1, 0.98, 1240.4),
            new ResultRow("rope", 1024, 8410.3, 5.482, 0, 990),
            new ResultRow("rope", 4096, 3.14e9, 13.26, Double.NaN, 870),
            new ResultRow("rerope:window=64", 256, 5.3, 1, 1, 1100),
            new ResultRow("rerope:window=64", 1024, 14.27, 1.04, 0.999, 900));
    assertThat(TextTable.render(report))
        .isEqualTo(
            """
            tokens                256  *1,024  *4,096
            Perplexity of the last part
              rope               5.21   8,410   3.1e9
              rerope:window=64   5.30    14.3       –
            Loss / loss at the trained length
              rope              1.00×   5.48×   13.3×
              rerope:window=64  1.00×   1.04×       –
            Passkey accuracy
              rope                98%      0%       –
              rerope:window=64   100%    >99%       –
            Tokens per second
              rope              1,240     990     870
              rerope:window=64  1,100     900       –
            * past the trained length of 256 tokens
            """);
  }

  @Test
  void leavesOutWhatNobodyMeasured() {
    String table =
        TextTable.render(report(new ResultRow("rope", 256, 5, 1, Double.NaN, Double.NaN)));
    assertThat(table).doesNotContain("Passkey", "per second", "*").contains("Perplexity");
  }

  @Test
  void numbersKeepThreeDigitsAndNeverGrowLong() {
    assertThat(Numbers.significant(0.004)).isEqualTo("0.00");
    assertThat(Numbers.significant(9.996)).isEqualTo("10.0");
    assertThat(Numbers.significant(99.96)).isEqualTo("100");
    assertThat(Numbers.significant(999_999)).isEqualTo("999,999");
    assertThat(Numbers.significant(9.99e9)).isEqualTo("1.0e10");
    assertThat(Numbers.significant(1.24e25)).isEqualTo("1.2e25");
    assertThat(Numbers.significant(Double.POSITIVE_INFINITY)).isEqualTo("∞");
    assertThat(Numbers.percent(0.001)).isEqualTo("<1%");
  }

  private static ComparisonReport report(ResultRow... rows) {
    return new ComparisonReport(
        "title", "headline", 256, List.of(rows), List.of(), List.of(), Map.of(), List.of());
  }
}
