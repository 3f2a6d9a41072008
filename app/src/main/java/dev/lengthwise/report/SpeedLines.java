package dev.lengthwise.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A benchmark for programs: one JSON object a line, first `{"kind":"protocol",…}`, then a
/// `{"kind":"row",…}` for each row. Times are seconds, rates are per second.
public final class SpeedLines {

  private static final JsonMapper MAPPER = new JsonMapper();

  private SpeedLines() {}

  /// All lines.
  public static String render(SpeedReport report) {
    List<Map<String, @Nullable Object>> lines = new ArrayList<>();
    Map<String, @Nullable Object> head = new LinkedHashMap<>();
    head.put("kind", "protocol");
    head.put("title", report.title());
    head.put("peakMemory", report.peakMemory());
    head.put("protocol", report.protocol());
    lines.add(head);
    report.rows().forEach(row -> lines.add(fields(row)));
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(json(line)).append('\n'));
    return text.toString();
  }

  /// The row as names and values.
  static Map<String, @Nullable Object> fields(SpeedRow row) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("kind", "row");
    fields.put("task", row.task());
    fields.put("label", row.label());
    fields.put("length", row.length());
    fields.put("median", row.time().median());
    fields.put("least", row.time().least());
    fields.put("most", row.time().most());
    fields.put("runs", row.time().runs());
    fields.put("tokensPerSecond", JsonLinesReport.finite(row.rate().tokens()));
    fields.put("operationsPerSecond", JsonLinesReport.finite(row.rate().operations()));
    fields.put("bytesPerSecond", JsonLinesReport.finite(row.rate().bytes()));
    fields.put("cacheBytes", row.cacheBytes());
    fields.put("shares", row.shares());
    return fields;
  }

  /// One value as JSON.
  static String json(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a benchmark is not JSON", e);
    }
  }
}
