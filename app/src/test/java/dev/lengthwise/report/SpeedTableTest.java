package dev.lengthwise.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpeedTableTest {

  private static SpeedRow row(String task, long length, Map<String, Double> shares) {
    SpeedRow.Time time = new SpeedRow.Time(0.5, 0.45, 0.6, 5);
    return new SpeedRow(
        task, "rope", length, time, new SpeedRow.Rate(1024, 3e11, 0), 3 << 20, shares);
  }

  @Test
  void columnsAreAlignedAndSharesCloseTheLine() {
    Map<String, Double> shares = new LinkedHashMap<>();
    shares.put("of bf16 linear", 0.634);
    shares.put("the time of rope", 1.18);
    SpeedReport report =
        new SpeedReport(
            "x",
            List.of(row("prefill", 512, shares), row("decode", 16_384, Map.of())),
            "9 MiB",
            Map.of());

    assertThat(SpeedTable.render(report))
        .isEqualTo(
            """
            task     what  tokens   ms  spread  tokens/s  GFLOP/s  GB/s  KV MiB
            prefill  rope     512  500    ±15%     1,024      300          3.00  \
            63.4% of bf16 linear, 1.18× the time of rope
            decode   rope  16,384  500    ±15%     1,024      300          3.00
            peak memory 9 MiB
            """);
  }

  @Test
  void thePageHoldsEveryRowAndLoadsNothing() {
    SpeedReport report =
        new SpeedReport("<x>", List.of(row("prefill", 512, Map.of())), "9 MiB", Map.of("k", "v"));
    assertThat(SpeedPage.render(report))
        .contains("&lt;x&gt;", "\"task\":\"prefill\"", "default-src 'none'", "<dd>v</dd>")
        .doesNotContain("{{");
  }
}
