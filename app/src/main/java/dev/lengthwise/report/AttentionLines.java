package dev.lengthwise.report;

import dev.lengthwise.diagnose.AttentionSummary;
import dev.lengthwise.diagnose.HiddenStatePca;
import dev.lengthwise.diagnose.LayerDiagnosis;
import dev.lengthwise.diagnose.OrderBreaking;
import dev.lengthwise.diagnose.ScoreDecay;
import dev.lengthwise.diagnose.ScoreTerms;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What attention does, for programs: one JSON object a line, each with a `kind`. Numbers are means
/// over buckets of four to the octave; a line stands at the last place of its bucket.
///
/// | kind | fields |
/// |---|---|
/// | `protocol` (first line, once) | `title`, `trainedLength`, `protocol`, `notes` |
/// | `distance` | `method`, `layer`, `distance`, `mean`, `greatest`, `pairs` |
/// | `position` | `method`, `layer`, `position`, `entropy`, `first`, `recent`, `past` |
/// | `terms` | `method`, `layer`, `distance`, `content`, `queryBias`, `keyBias`, `bothBiases` |
/// | `decay` | `method`, `layer`, `distance`, `score`, `bound` (`null`: none) |
/// | `order` | `method`, `layer`, `head`, and by rotary pair the lists `rising`, `affected` |
/// | `pca` | `method`, `layer`, the list `explained`, and by position the lists `x`, `y` |
///
/// Layers and heads are counted from 1; `position` is the number of tokens up to the query, with
/// it.
public final class AttentionLines {

  private AttentionLines() {}

  /// All lines.
  public static String render(AttentionReport report) {
    List<Map<String, @Nullable Object>> lines = new ArrayList<>();
    Map<String, @Nullable Object> head = new LinkedHashMap<>();
    head.put("kind", "protocol");
    head.put("title", report.title());
    head.put("trainedLength", report.trainedLength());
    head.put("protocol", report.protocol());
    head.put("notes", report.notes());
    lines.add(head);
    lines.addAll(numbers(report));
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(SpeedLines.json(line)).append('\n'));
    return text.toString();
  }

  /// All lines but the first.
  static List<Map<String, @Nullable Object>> numbers(AttentionReport report) {
    List<Map<String, @Nullable Object>> lines = new ArrayList<>();
    for (AttentionReport.Entry entry : report.entries()) {
      LayerDiagnosis buckets = entry.diagnosis().inBuckets();
      AttentionSummary attention = buckets.attention();
      if (attention != null) {
        attention.distances().forEach(at -> lines.add(distance(entry, at)));
        attention.positions().forEach(at -> lines.add(position(entry, at)));
        attention.terms().forEach(at -> lines.add(terms(entry, at)));
      }
      buckets.decay().forEach(at -> lines.add(decay(entry, at)));
      buckets.order().forEach(head -> lines.add(order(entry, head)));
      HiddenStatePca states = buckets.states();
      if (states != null) {
        lines.add(states(entry, states));
      }
    }
    return lines;
  }

  private static Map<String, @Nullable Object> of(AttentionReport.Entry entry, String kind) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("kind", kind);
    fields.put("method", entry.method());
    fields.put("layer", entry.layer());
    return fields;
  }

  private static Map<String, @Nullable Object> distance(
      AttentionReport.Entry entry, AttentionSummary.AtDistance at) {
    Map<String, @Nullable Object> fields = of(entry, "distance");
    fields.put("distance", at.distance());
    fields.put("mean", JsonLinesReport.finite(at.mean()));
    fields.put("greatest", JsonLinesReport.finite(at.greatest()));
    fields.put("pairs", at.pairs());
    return fields;
  }

  private static Map<String, @Nullable Object> position(
      AttentionReport.Entry entry, AttentionSummary.AtPosition at) {
    Map<String, @Nullable Object> fields = of(entry, "position");
    fields.put("position", at.position());
    fields.put("entropy", JsonLinesReport.finite(at.entropy()));
    fields.put("first", JsonLinesReport.finite(at.first()));
    fields.put("recent", JsonLinesReport.finite(at.recent()));
    fields.put("past", JsonLinesReport.finite(at.beyond()));
    return fields;
  }

  private static Map<String, @Nullable Object> terms(AttentionReport.Entry entry, ScoreTerms at) {
    Map<String, @Nullable Object> fields = of(entry, "terms");
    fields.put("distance", at.distance());
    fields.put("content", JsonLinesReport.finite(at.content()));
    fields.put("queryBias", JsonLinesReport.finite(at.queryBias()));
    fields.put("keyBias", JsonLinesReport.finite(at.keyBias()));
    fields.put("bothBiases", JsonLinesReport.finite(at.bothBiases()));
    return fields;
  }

  private static Map<String, @Nullable Object> decay(AttentionReport.Entry entry, ScoreDecay at) {
    Map<String, @Nullable Object> fields = of(entry, "decay");
    fields.put("distance", at.distance());
    fields.put("score", JsonLinesReport.finite(at.score()));
    fields.put("bound", JsonLinesReport.finite(at.bound()));
    return fields;
  }

  private static Map<String, @Nullable Object> order(
      AttentionReport.Entry entry, OrderBreaking head) {
    Map<String, @Nullable Object> fields = of(entry, "order");
    fields.put("head", head.head() + 1);
    fields.put("rising", head.rising());
    fields.put("affected", head.affected());
    return fields;
  }

  // Coordinates in single precision: they are for charts, and there are many.
  private static Map<String, @Nullable Object> states(
      AttentionReport.Entry entry, HiddenStatePca states) {
    Map<String, @Nullable Object> fields = of(entry, "pca");
    fields.put("explained", states.explained());
    fields.put("x", states.points().stream().map(point -> (float) point.x()).toList());
    fields.put("y", states.points().stream().map(point -> (float) point.y()).toList());
    return fields;
  }
}
