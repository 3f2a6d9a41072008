package dev.lengthwise.report;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.io.AtomicFile;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The comparison for programs: one JSON object a line, each with a `kind`.
///
/// | kind | fields |
/// |---|---|
/// | `protocol` (first line, once) | `title`, `headline`, `trainedLength`, `protocol`, `notes` |
/// | `row` | `method`, `length`, `perplexity`, `lossRatio`, `passkeyAccuracy`, `tokensPerSecond` |
/// | `curve` | `method`, `positions`, `nll` (nats), thinned to [#CURVE_POINTS] by bucket means |
/// | `passkey` | `method`, `length`, `depth`, `accuracy`, `trials` |
///
/// JSON knows neither NaN nor infinity: both are `null`.
public final class JsonLinesReport {

  /// The largest number of points of a curve in a file; see [LossCurve#thinned].
  public static final int CURVE_POINTS = 500;

  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonLinesReport() {}

  /// Writes all lines to `file`, whole or not at all.
  ///
  /// @throws dev.lengthwise.LengthwiseException when the file cannot be written
  public static void write(ComparisonReport report, Path file) {
    AtomicFile.writeText(file, writer -> write(report, writer));
  }

  /// All lines as one text.
  public static String render(ComparisonReport report) {
    StringWriter writer = new StringWriter();
    try {
      write(report, writer);
    } catch (IOException e) {
      throw new IllegalStateException("a string writer does not fail", e);
    }
    return writer.toString();
  }

  private static void write(ComparisonReport report, Writer writer) throws IOException {
    line(writer, header(report));
    for (ResultRow row : report.rows()) {
      line(writer, row(row));
    }
    for (LossCurve curve : report.curves()) {
      line(writer, curve(curve.thinned(CURVE_POINTS)));
    }
    for (PasskeyCell cell : report.passkey()) {
      line(writer, cell(cell));
    }
  }

  private static void line(Writer writer, Map<String, @Nullable Object> fields) throws IOException {
    writer.write(MAPPER.writeValueAsString(fields));
    writer.write('\n');
  }

  private static Map<String, @Nullable Object> header(ComparisonReport report) {
    Map<String, @Nullable Object> fields = ofKind("protocol");
    fields.put("title", report.title());
    fields.put("headline", report.headline());
    fields.put("trainedLength", report.trainedLength());
    fields.put("protocol", report.protocol());
    fields.put("notes", report.notes());
    return fields;
  }

  private static Map<String, @Nullable Object> row(ResultRow row) {
    Map<String, @Nullable Object> fields = ofKind("row");
    fields.put("method", row.method());
    fields.put("length", row.length());
    fields.put("perplexity", finite(row.perplexity()));
    fields.put("lossRatio", finite(row.lossRatio()));
    fields.put("passkeyAccuracy", finite(row.passkeyAccuracy()));
    fields.put("tokensPerSecond", finite(row.tokensPerSecond()));
    return fields;
  }

  private static Map<String, @Nullable Object> curve(LossCurve curve) {
    Map<String, @Nullable Object> fields = ofKind("curve");
    fields.put("method", curve.label());
    fields.put("positions", curve.positions());
    fields.put("nll", curve.loss());
    return fields;
  }

  private static Map<String, @Nullable Object> cell(PasskeyCell cell) {
    Map<String, @Nullable Object> fields = ofKind("passkey");
    fields.put("method", cell.method());
    fields.put("length", cell.length());
    fields.put("depth", cell.depth());
    fields.put("accuracy", cell.accuracy());
    fields.put("trials", cell.trials());
    return fields;
  }

  private static Map<String, @Nullable Object> ofKind(String kind) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("kind", kind);
    return fields;
  }

  /// The number, or null where JSON has none for it.
  static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
