package dev.lengthwise.report;

import dev.lengthwise.io.AtomicFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What a model does on a text, as one self-contained page: charts for a layer that the reader
/// chooses, the tables, the protocol.
public final class AttentionPage {

  private AttentionPage() {}

  /// Writes the page to `file`, whole or not at all.
  ///
  /// @throws dev.lengthwise.LengthwiseException when the file cannot be written
  public static void write(AttentionReport report, Path file) {
    AtomicFile.writeText(file, writer -> writer.write(render(report)));
  }

  /// The page.
  public static String render(AttentionReport report) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("title", HtmlParts.escape(report.title()));
    values.put("trainedLength", Numbers.count(report.trainedLength()));
    values.put("tables", tables(report));
    values.put("protocol", HtmlParts.protocol(report.protocol()));
    values.put("notes", HtmlParts.notes(report.notes()));
    values.put("data", data(report));
    return HtmlTemplate.fill("attention", values);
  }

  private static String tables(AttentionReport report) {
    return LayerTable.of(report).stream().map(AttentionPage::table).collect(Collectors.joining());
  }

  private static String table(LayerTable table) {
    String title =
        table.title().isEmpty() ? "" : "<h3>" + HtmlParts.escape(table.title()) + "</h3>";
    String body =
        table.lines().stream()
            .map(line -> row("td", List.of(line.method(), line.layers()), line.cells()))
            .collect(Collectors.joining());
    return title
        + "<div class=\"scroll\"><table class=\"numbers\"><thead>"
        + row("th", List.of("method", "layer"), table.head())
        + "</thead><tbody>"
        + body
        + "</tbody></table></div>";
  }

  private static String row(String tag, List<String> names, List<String> cells) {
    StringBuilder html = new StringBuilder("<tr>");
    names.forEach(name -> html.append(cell(tag, name)));
    cells.forEach(cell -> html.append(cell(tag, cell)));
    return html.append("</tr>").toString();
  }

  private static String cell(String tag, String text) {
    return "<%s class=\"plain\">%s</%s>".formatted(tag, HtmlParts.escape(text), tag);
  }

  // Safe inside a script element.
  private static String data(AttentionReport report) {
    return SpeedLines.json(
            Map.of(
                "trainedLength", report.trainedLength(), "numbers", AttentionLines.numbers(report)))
        .replace("<", "\\u003c");
  }
}
