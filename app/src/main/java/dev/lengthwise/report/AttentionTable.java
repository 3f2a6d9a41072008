package dev.lengthwise.report;

import java.util.ArrayList;
import java.util.List;

/// What a model does on a text, as aligned tables for a terminal: a block for each method, a line
/// for each layer. In the first, scores are of all pairs within the trained length and past it;
/// entropy and shares are means over the last bucket of positions within it, and over the last of
/// the text.
///
/// ```text
/// layer  score within  score past  most within  most past  entropy trained  entropy end  first  …
/// rope
///   1            0.52        0.81         9.40       12.1             3.10         4.92    31%  …
/// ```
public final class AttentionTable {

  private AttentionTable() {}

  /// The tables with a line break after every line, and an empty line between them.
  public static String render(AttentionReport report) {
    return String.join("\n", LayerTable.of(report).stream().map(AttentionTable::render).toList());
  }

  private static String render(LayerTable table) {
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("layer"));
    head.addAll(table.head());
    lines.add(head);
    String method = "";
    for (LayerTable.Line line : table.lines()) {
      if (!line.method().equals(method)) {
        method = line.method();
        lines.add(List.of(method));
      }
      List<String> cells = new ArrayList<>(List.of("  " + line.layers()));
      cells.addAll(line.cells());
      lines.add(cells);
    }
    return (table.title().isEmpty() ? "" : table.title() + "\n")
        + TextTable.aligned(lines)
        + table.note();
  }
}
