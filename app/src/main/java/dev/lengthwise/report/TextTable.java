package dev.lengthwise.report;

import java.util.ArrayList;
import java.util.List;

/// The comparison as an aligned table for a terminal: one column for each length, and for each
/// metric a block with one line for each method, so that methods are compared by looking down.
///
/// ```text
///                                      256    512
/// Perplexity of the last part
///   rope                              5.21  8,410
///   yarn                              5.30   5.44
/// ```
///
/// A column past the trained length is marked with `*`. A metric that nobody measured is left
/// out; a number that was not measured is a dash.
public final class TextTable {

  private static final String INDENT = "  ";
  private static final String GAP = "  ";

  private TextTable() {}

  /// The table with a line break after every line.
  public static String render(ComparisonReport report) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(header(report));
    for (Metric metric : Metric.measuredIn(report)) {
      lines.add(List.of(metric.title()));
      for (String method : report.methods()) {
        lines.add(line(report, metric, method));
      }
    }
    boolean past = report.lengths().stream().anyMatch(length -> length > report.trainedLength());
    return aligned(lines)
        + (past
            ? "* past the trained length of " + Numbers.count(report.trainedLength()) + " tokens\n"
            : "");
  }

  private static List<String> header(ComparisonReport report) {
    List<String> cells = new ArrayList<>(List.of("tokens"));
    for (long length : report.lengths()) {
      cells.add((length > report.trainedLength() ? "*" : "") + Numbers.count(length));
    }
    return cells;
  }

  private static List<String> line(ComparisonReport report, Metric metric, String method) {
    List<String> cells = new ArrayList<>(List.of(INDENT + method));
    for (long length : report.lengths()) {
      cells.add(report.row(method, length).map(metric::text).orElse(Numbers.MISSING));
    }
    return cells;
  }

  /// Lines in columns, all but the first on the right; a line of one cell may run over them.
  static String aligned(List<List<String>> lines) {
    int columns = lines.stream().mapToInt(List::size).max().orElse(1);
    int[] widths = new int[columns];
    for (List<String> cells : lines) {
      // A block title may run over the columns: it has no others.
      for (int column = cells.size() == 1 ? columns : 0; column < cells.size(); column++) {
        widths[column] = Math.max(widths[column], width(cells.get(column)));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> cells : lines) {
      text.append(cells.getFirst());
      for (int column = 1; column < cells.size(); column++) {
        int padding =
            widths[column]
                - width(cells.get(column))
                + (column == 1 ? widths[0] - width(cells.getFirst()) : 0);
        text.append(GAP).repeat(' ', padding).append(cells.get(column));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
