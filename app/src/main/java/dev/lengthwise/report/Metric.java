package dev.lengthwise.report;

import java.util.Arrays;
import java.util.List;

/// The numbers of a result row that are printed, with title and format.
enum Metric {
  PERPLEXITY("Perplexity of the last part"),
  LOSS_RATIO("Loss / loss at the trained length"),
  PASSKEY("Passkey accuracy"),
  SPEED("Tokens per second");

  private final String title;

  Metric(String title) {
    this.title = title;
  }

  /// The metrics that at least one row has measured, in printing order.
  static List<Metric> measuredIn(ComparisonReport report) {
    return Arrays.stream(values())
        .filter(metric -> report.rows().stream().anyMatch(row -> !Double.isNaN(metric.of(row))))
        .toList();
  }

  String title() {
    return title;
  }

  double of(ResultRow row) {
    return switch (this) {
      case PERPLEXITY -> row.perplexity();
      case LOSS_RATIO -> row.lossRatio();
      case PASSKEY -> row.passkeyAccuracy();
      case SPEED -> row.tokensPerSecond();
    };
  }

  String text(ResultRow row) {
    return switch (this) {
      case PERPLEXITY, SPEED -> Numbers.significant(of(row));
      case LOSS_RATIO -> Numbers.ratio(of(row));
      case PASSKEY -> Numbers.percent(of(row));
    };
  }
}
