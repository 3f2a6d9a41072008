package dev.lengthwise.report;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// A benchmark as one self-contained page: speed by length as charts, all rows, the protocol.
public final class SpeedPage {

  private SpeedPage() {}

  /// The page.
  public static String render(SpeedReport report) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("title", HtmlParts.escape(report.title()));
    values.put("memory", HtmlParts.escape(report.peakMemory()));
    values.put("hidePrefill", hiddenUnless(report, "prefill"));
    values.put("hideDecode", hiddenUnless(report, "decode"));
    values.put("hideAttention", hiddenUnless(report, "attention"));
    values.put("table", table(report));
    values.put("protocol", HtmlParts.protocol(report.protocol()));
    values.put("data", data(report));
    return HtmlTemplate.fill("speed", values);
  }

  private static String hiddenUnless(SpeedReport report, String task) {
    return report.rows().stream().anyMatch(row -> row.task().equals(task)) ? "" : "hidden";
  }

  private static String table(SpeedReport report) {
    String head =
        SpeedTable.HEAD.stream()
            .map(name -> "<th scope=\"col\">" + HtmlParts.escape(name) + "</th>")
            .collect(Collectors.joining());
    String body = report.rows().stream().map(SpeedPage::line).collect(Collectors.joining());
    return "<thead><tr>"
        + head
        + "<th scope=\"col\">shares</th></tr></thead><tbody>"
        + body
        + "</tbody>";
  }

  private static String line(SpeedRow row) {
    String cells =
        SpeedTable.cells(row).stream()
            .map(cell -> "<td class=\"plain\">" + HtmlParts.escape(cell) + "</td>")
            .collect(Collectors.joining());
    return "<tr>"
        + cells
        + "<td class=\"plain\">"
        + HtmlParts.escape(SpeedTable.shares(row))
        + "</td></tr>";
  }

  // Safe inside a script element.
  private static String data(SpeedReport report) {
    return SpeedLines.json(report.rows().stream().map(SpeedLines::fields).toList())
        .replace("<", "\\u003c");
  }
}
