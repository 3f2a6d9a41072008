package dev.lengthwise.experiment;

import dev.lengthwise.report.Numbers;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An exhibit as a table in Markdown: a line for each label, a column for each place.
final class MarkdownTable {

  // Positions are many: the table shows some of them, the chart and the rows all.
  private static final int MOST_COLUMNS = 10;

  private MarkdownTable() {}

  /// The table with a line break after every line; empty where there are no rows.
  static String of(Exhibit exhibit, List<Row> rows) {
    Map<String, Map<Double, Exhibit.Cell>> cells = exhibit.cells(rows);
    if (cells.isEmpty()) {
      return "";
    }
    List<Double> places =
        thinned(
            List.copyOf(
                cells.values().stream()
                    .flatMap(line -> line.keySet().stream())
                    .collect(Collectors.toCollection(TreeSet::new))));
    StringBuilder table = new StringBuilder("| " + exhibit.across().name() + " |");
    places.forEach(place -> table.append(' ').append(place(exhibit.across(), place)).append(" |"));
    table.append("\n|---|").append("--:|".repeat(places.size())).append('\n');
    cells.forEach(
        (label, line) -> {
          table.append("| ").append(label).append(" |");
          for (double place : places) {
            table.append(' ').append(text(line.get(place))).append(" |");
          }
          table.append('\n');
        });
    return table.toString();
  }

  private static List<Double> thinned(List<Double> places) {
    int step = Math.ceilDiv(places.size(), MOST_COLUMNS);
    int last = places.size() - 1;
    return places.stream().filter(place -> (last - places.indexOf(place)) % step == 0).toList();
  }

  private static String place(Exhibit.Across across, double place) {
    if (!across.names().isEmpty()) {
      return across.names().get((int) place - 1);
    }
    return place == Math.rint(place) ? Numbers.count((long) place) : Numbers.significant(place);
  }

  private static String text(Exhibit.@Nullable Cell cell) {
    if (cell == null) {
      return Numbers.MISSING;
    }
    String mean = Numbers.significant(cell.mean());
    return cell.spread() > 0 ? mean + " ± " + Numbers.significant(cell.spread()) : mean;
  }
}
