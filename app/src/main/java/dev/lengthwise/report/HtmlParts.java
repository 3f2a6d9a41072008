package dev.lengthwise.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The parts of the page that are plain HTML: heat maps, table, protocol and notes.
final class HtmlParts {

  private HtmlParts() {}

  /// Text made safe between tags and inside quoted attributes.
  static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        case '\'' -> safe.append("&#39;");
        default -> safe.append(c);
      }
    }
    return safe.toString();
  }

  /// One heat map of length (across) by depth (down) for each method that was measured.
  static String heatMaps(ComparisonReport report) {
    List<Long> lengths =
        report.passkey().stream().map(PasskeyCell::length).distinct().sorted().toList();
    List<Double> depths =
        report.passkey().stream().map(PasskeyCell::depth).distinct().sorted().toList();
    return report.passkey().stream()
        .map(PasskeyCell::method)
        .distinct()
        .map(method -> heatMap(report, method, lengths, depths))
        .collect(Collectors.joining("\n"));
  }

  private static String heatMap(
      ComparisonReport report, String method, List<Long> lengths, List<Double> depths) {
    Map<List<Number>, PasskeyCell> cells =
        report.passkey().stream()
            .filter(cell -> cell.method().equals(method))
            .collect(
                Collectors.toMap(
                    cell -> List.of(cell.length(), cell.depth()), cell -> cell, (a, b) -> b));
    StringBuilder html = new StringBuilder("<figure><figcaption>");
    html.append(name(report, method)).append("</figcaption><table class=\"heat\"><thead><tr>");
    html.append("<th scope=\"col\">depth</th>");
    for (long length : lengths) {
      html.append(columnHead(report, length, lengths));
    }
    html.append("</tr></thead><tbody>");
    for (double depth : depths) {
      html.append("<tr><th scope=\"row\">").append(escape(Numbers.percent(depth))).append("</th>");
      for (long length : lengths) {
        html.append(heatCell(report, lengths, length, cells.get(List.<Number>of(length, depth))));
      }
      html.append("</tr>");
    }
    return html.append("</tbody></table></figure>").toString();
  }

  private static String heatCell(
      ComparisonReport report, List<Long> lengths, long length, @Nullable PasskeyCell cell) {
    String border = beyond(report, length, lengths);
    if (cell == null) {
      return "<td class=\"missing" + border + "\">" + Numbers.MISSING + "</td>";
    }
    String hover =
        "%s, %s tokens, depth %s: %s of %d trials"
            .formatted(
                cell.method(),
                Numbers.count(length),
                Numbers.percent(cell.depth()),
                Numbers.percent(cell.accuracy()),
                cell.trials());
    return "<td class=\"blue%s\" %s title=\"%s\">%s</td>"
        .formatted(
            border,
            shade(cell.accuracy()),
            escape(hover),
            escape(Numbers.percent(cell.accuracy()).replace("%", "")));
  }

  /// The result table: a block for each metric, a line for each method, a column for each length.
  static String table(ComparisonReport report) {
    List<Long> lengths = report.lengths();
    StringBuilder html = new StringBuilder("<thead><tr><th scope=\"col\">tokens</th>");
    for (long length : lengths) {
      html.append(columnHead(report, length, lengths));
    }
    html.append("</tr></thead>");
    for (Metric metric : Metric.measuredIn(report)) {
      html.append("<tbody><tr class=\"metric\"><th scope=\"rowgroup\" colspan=\"")
          .append(lengths.size() + 1)
          .append("\">")
          .append(metric.title())
          .append("</th></tr>");
      for (String method : report.methods()) {
        html.append("<tr><th scope=\"row\">").append(name(report, method)).append("</th>");
        for (long length : lengths) {
          html.append(tableCell(report, lengths, metric, method, length));
        }
        html.append("</tr>");
      }
      html.append("</tbody>");
    }
    return html.toString();
  }

  private static String tableCell(
      ComparisonReport report, List<Long> lengths, Metric metric, String method, long length) {
    String border = beyond(report, length, lengths);
    return report
        .row(method, length)
        .map(
            row ->
                "<td class=\"%s%s\" %s>%s</td>"
                    .formatted(
                        tint(metric),
                        border,
                        shade(strength(metric, row)),
                        escape(metric.text(row))))
        .orElse("<td class=\"missing" + border + "\">" + Numbers.MISSING + "</td>");
  }

  private static String tint(Metric metric) {
    return switch (metric) {
      case PERPLEXITY, LOSS_RATIO -> "red";
      case PASSKEY -> "blue";
      case SPEED -> "plain";
    };
  }

  /// How strongly a cell is tinted, 0 to 1. A loss of twice that of the trained length or more is
  /// full red: such a model has collapsed.
  private static double strength(Metric metric, ResultRow row) {
    double strength =
        switch (metric) {
          case PERPLEXITY, LOSS_RATIO -> row.lossRatio() - 1;
          case PASSKEY -> row.passkeyAccuracy();
          case SPEED -> 0;
        };
    return Double.isNaN(strength) ? 0 : Math.clamp(strength, 0.0, 1.0);
  }

  private static String shade(double strength) {
    return String.format(Locale.ROOT, "style=\"--shade:%.0f%%\"", strength * 100)
        + (strength >= 0.55 ? " data-strong" : "");
  }

  private static String columnHead(ComparisonReport report, long length, List<Long> lengths) {
    return "<th scope=\"col\" class=\"number%s\">%s</th>"
        .formatted(beyond(report, length, lengths), Numbers.count(length));
  }

  /// The class of the first column past the trained length, which has a line on its left.
  private static String beyond(ComparisonReport report, long length, List<Long> lengths) {
    boolean first =
        length > report.trainedLength()
            && lengths.stream().noneMatch(l -> l > report.trainedLength() && l < length);
    return first ? " beyond" : "";
  }

  /// A method with the sample of its colour in the charts.
  private static String name(ComparisonReport report, String method) {
    return "<span class=\"swatch\" style=\"--series:var(--series-%d)\"></span>%s"
        .formatted(report.methods().indexOf(method) % 8, escape(method));
  }

  /// The protocol as a list of names and values; nested records are indented lists.
  static String protocol(Map<?, ?> protocol) {
    return protocol.entrySet().stream()
        .map(
            entry ->
                "<div><dt>%s</dt><dd>%s</dd></div>"
                    .formatted(escape(String.valueOf(entry.getKey())), value(entry.getValue())))
        .collect(Collectors.joining("", "<dl>", "</dl>"));
  }

  private static String value(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> protocol(map);
      case List<?> list -> list.stream().map(HtmlParts::value).collect(Collectors.joining(", "));
      case null -> Numbers.MISSING;
      default -> escape(String.valueOf(value));
    };
  }

  /// The notes as list items.
  static String notes(List<String> notes) {
    return notes.stream()
        .map(note -> "<li>" + escape(note) + "</li>")
        .collect(Collectors.joining());
  }
}
