package dev.lengthwise.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.io.AtomicFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The comparison as one HTML file with charts. Nothing is loaded from anywhere: the style, the
/// numbers and the chart library (Apache ECharts, which renders SVG in the reader's browser) are
/// inside, and the page forbids the browser all connections. Java draws nothing, because its fonts
/// are missing on many servers.
///
/// Heat maps and tables are plain HTML and show without JavaScript.
public final class HtmlReport {

  /// Loss curves are means over a moving window of this share of their points.
  private static final int WINDOWS_PER_CURVE = 40;

  private static final JsonMapper MAPPER = new JsonMapper();

  private HtmlReport() {}

  /// Writes the page to `file`, whole or not at all.
  ///
  /// @throws dev.lengthwise.LengthwiseException when the file cannot be written
  public static void write(ComparisonReport report, Path file) {
    AtomicFile.writeText(file, writer -> writer.write(render(report)));
  }

  /// The page.
  public static String render(ComparisonReport report) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("title", HtmlParts.escape(report.title()));
    values.put("headline", HtmlParts.escape(report.headline()));
    values.put("trainedLength", Numbers.count(report.trainedLength()));
    values.put("window", Numbers.count(largestWindow(report)));
    values.put("hideCurves", hiddenIf(report.curves().isEmpty()));
    values.put("hideRows", hiddenIf(report.rows().isEmpty()));
    values.put("hidePasskey", hiddenIf(!passkeyMeasured(report)));
    values.put("hideHeatMaps", hiddenIf(report.passkey().isEmpty()));
    values.put("heatMaps", HtmlParts.heatMaps(report));
    values.put("table", HtmlParts.table(report));
    values.put("protocol", HtmlParts.protocol(report.protocol()));
    values.put("hideProtocol", hiddenIf(report.protocol().isEmpty()));
    values.put("notes", HtmlParts.notes(report.notes()));
    values.put("hideNotes", hiddenIf(report.notes().isEmpty()));
    values.put("data", data(report));
    return HtmlTemplate.fill("report", values);
  }

  private static String hiddenIf(boolean absent) {
    return absent ? "hidden" : "";
  }

  private static boolean passkeyMeasured(ComparisonReport report) {
    return report.rows().stream().anyMatch(row -> !Double.isNaN(row.passkeyAccuracy()));
  }

  /// Never wider than half the trained length, so that a collapse behind it keeps its edge.
  private static int window(ComparisonReport report, LossCurve curve) {
    long widest = Math.min(curve.size() / WINDOWS_PER_CURVE, report.trainedLength() / 2);
    return Math.toIntExact(Math.max(1, widest)) | 1;
  }

  private static int largestWindow(ComparisonReport report) {
    return report.curves().stream().mapToInt(curve -> window(report, curve)).max().orElse(1);
  }

  /// The numbers of the charts as JSON that is safe inside a script element.
  private static String data(ComparisonReport report) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("trainedLength", report.trainedLength());
    data.put("methods", report.methods());
    data.put("curves", report.curves().stream().map(curve -> curve(report, curve)).toList());
    data.put("rows", report.rows().stream().map(HtmlReport::row).toList());
    try {
      return MAPPER.writeValueAsString(data).replace("<", "\\u003c");
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static Map<String, Object> curve(ComparisonReport report, LossCurve curve) {
    LossCurve shown = curve.smoothed(window(report, curve)).thinned(JsonLinesReport.CURVE_POINTS);
    double[] positions = shown.positions();
    double[] loss = shown.loss();
    double[][] points = new double[shown.size()][];
    for (int i = 0; i < points.length; i++) {
      points[i] = new double[] {rounded(positions[i]), rounded(loss[i])};
    }
    return Map.of("method", curve.label(), "points", points);
  }

  private static double rounded(double value) {
    return Math.round(value * 1e4) / 1e4;
  }

  private static Map<String, @Nullable Object> row(ResultRow row) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("method", row.method());
    fields.put("length", row.length());
    fields.put("perplexity", JsonLinesReport.finite(row.perplexity()));
    fields.put("passkey", JsonLinesReport.finite(row.passkeyAccuracy()));
    return fields;
  }
}
