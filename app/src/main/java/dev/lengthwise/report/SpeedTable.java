package dev.lengthwise.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A benchmark as an aligned table: one line for each row, the shares at its end.
public final class SpeedTable {

  /// The heads of the columns.
  static final List<String> HEAD =
      List.of("task", "what", "tokens", "ms", "spread", "tokens/s", "GFLOP/s", "GB/s", "KV MiB");

  private static final int TEXT_COLUMNS = 2;
  private static final String GAP = "  ";

  private SpeedTable() {}

  /// The table with a line break after every line.
  public static String render(SpeedReport report) {
    List<List<String>> lines = new ArrayList<>(List.of(HEAD));
    report.rows().forEach(row -> lines.add(cells(row)));
    int[] widths = new int[HEAD.size()];
    for (List<String> line : lines) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], line.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (int index = 0; index < lines.size(); index++) {
      String line = aligned(lines.get(index), widths);
      String shares = index == 0 ? "" : shares(report.rows().get(index - 1));
      text.append((line + GAP + shares).stripTrailing()).append('\n');
    }
    return text + "peak memory " + report.peakMemory() + "\n";
  }

  /// The cells of a row, without its shares.
  static List<String> cells(SpeedRow row) {
    return List.of(
        row.task(),
        row.label(),
        row.length() == 0 && row.rate().tokens() == 0 ? "" : Numbers.count(row.length()),
        Numbers.significant(row.time().median() * 1e3),
        spread(row.time()),
        positive(row.rate().tokens()),
        positive(row.rate().operations() / 1e9),
        positive(row.rate().bytes() / 1e9),
        positive(row.cacheBytes() / 1048576.0));
  }

  /// The shares of a row: `63% of bf16 linear`, or, of a quotient, `1.18× rope`.
  static String shares(SpeedRow row) {
    return row.shares().entrySet().stream()
        .map(share -> share(share.getKey(), share.getValue()))
        .collect(Collectors.joining(", "));
  }

  // A name that begins with `of` names a whole; others are quotients.
  private static String share(String name, double value) {
    return name.startsWith("of ")
        ? String.format(Locale.ROOT, "%.1f%% %s", value * 100, name)
        : Numbers.ratio(value) + " " + name;
  }

  // Half the range of the times, beside the median.
  private static String spread(SpeedRow.Time time) {
    double half = (time.most() - time.least()) / 2 / time.median();
    return String.format(Locale.ROOT, "±%.0f%%", half * 100);
  }

  private static String positive(double value) {
    return value > 0 ? Numbers.significant(value) : "";
  }

  private static String aligned(List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      String cell = cells.get(column);
      String padding = " ".repeat(widths[column] - cell.length());
      line.append(column == 0 ? "" : GAP);
      line.append(column < TEXT_COLUMNS ? cell + padding : padding + cell);
    }
    return line.toString();
  }
}
