package dev.lengthwise.report;

import dev.lengthwise.diagnose.AttentionSummary;
import dev.lengthwise.diagnose.AttentionSummary.AtDistance;
import dev.lengthwise.diagnose.AttentionSummary.AtPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// What attention does, as an aligned table for a terminal: a block for each method, a line for
/// each layer. Scores are of all pairs within the trained length and past it; entropy and shares
/// are means over the last bucket of positions within it, and over the last of the text.
///
/// ```text
/// layer  score within  score past  most within  most past  entropy trained  entropy end  first  …
/// rope
///   1            0.52        0.81         9.40       12.1             3.10         4.92    31%  …
/// ```
public final class AttentionTable {

  /// The head of the numbers.
  static final List<String> HEAD =
      List.of(
          "score within",
          "score past",
          "most within",
          "most past",
          "entropy trained",
          "entropy end",
          "first",
          "recent",
          "past");

  private static final String GAP = "  ";

  private AttentionTable() {}

  /// The table with a line break after every line.
  public static String render(AttentionReport report) {
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("layer"));
    head.addAll(HEAD);
    lines.add(head);
    String method = "";
    for (AttentionReport.Entry entry : report.entries()) {
      if (!entry.method().equals(method)) {
        method = entry.method();
        lines.add(List.of(method));
      }
      List<String> line = new ArrayList<>(List.of("  " + entry.layer()));
      line.addAll(cells(report, entry.summary()));
      lines.add(line);
    }
    return aligned(lines)
        + "within, past: distances below the trained length of "
        + Numbers.count(report.trainedLength())
        + " tokens, and from it on; entropy in nats;\n"
        + "first, recent, past: shares of the weights at the end of the text\n";
  }

  /// The numbers of a layer.
  static List<String> cells(AttentionReport report, AttentionSummary summary) {
    List<AtDistance> within =
        summary.distances().stream().filter(at -> at.distance() < report.trainedLength()).toList();
    List<AtDistance> past =
        summary.distances().stream().filter(at -> at.distance() >= report.trainedLength()).toList();
    List<AtPosition> positions = summary.inBuckets().positions();
    AtPosition end = positions.getLast();
    AtPosition trained =
        positions.stream()
            .filter(at -> at.position() <= report.trainedLength())
            .reduce((_, later) -> later)
            .orElse(positions.getFirst());
    return List.of(
        joined(within, AtDistance::mean),
        joined(past, AtDistance::mean),
        joined(within, AtDistance::greatest),
        joined(past, AtDistance::greatest),
        Numbers.significant(trained.entropy()),
        Numbers.significant(end.entropy()),
        Numbers.percent(end.first()),
        Numbers.percent(end.recent()),
        Numbers.percent(end.beyond()));
  }

  private static String joined(List<AtDistance> distances, Function<AtDistance, Double> value) {
    return distances.isEmpty()
        ? Numbers.MISSING
        : Numbers.significant(value.apply(AttentionSummary.joined(distances)));
  }

  private static String aligned(List<List<String>> lines) {
    int columns = lines.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> cells : lines) {
      for (int column = 0; cells.size() == columns && column < columns; column++) {
        widths[column] = Math.max(widths[column], cells.get(column).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> cells : lines) {
      text.append(cells.getFirst());
      for (int column = 1; column < cells.size(); column++) {
        int before = column == 1 ? widths[0] - cells.getFirst().length() : 0;
        String cell = cells.get(column);
        text.append(GAP).repeat(' ', before + widths[column] - cell.length()).append(cell);
      }
      text.append('\n');
    }
    return text.toString();
  }
}
