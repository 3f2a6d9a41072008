package dev.lengthwise.report;

import dev.lengthwise.AtomicFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What attention does, as one self-contained page: charts for a layer that the reader chooses, the
/// table, the protocol.
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
    boolean terms = report.entries().stream().anyMatch(entry -> !entry.summary().terms().isEmpty());
    Map<String, String> values = new LinkedHashMap<>();
    values.put("title", HtmlParts.escape(report.title()));
    values.put("trainedLength", Numbers.count(report.trainedLength()));
    values.put("hideTerms", terms ? "" : "hidden");
    values.put("table", table(report));
    values.put("protocol", HtmlParts.protocol(report.protocol()));
    values.put("notes", HtmlParts.notes(report.notes()));
    values.put("data", data(report));
    return HtmlTemplate.fill("attention", values);
  }

  private static String table(AttentionReport report) {
    String body =
        report.entries().stream()
            .map(
                entry ->
                    row(
                        "td",
                        List.of(entry.method(), String.valueOf(entry.layer())),
                        AttentionTable.cells(report, entry.summary())))
            .collect(Collectors.joining());
    return "<thead>"
        + row("th", List.of("method", "layer"), AttentionTable.HEAD)
        + "</thead><tbody>"
        + body
        + "</tbody>";
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
