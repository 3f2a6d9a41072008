package dev.lengthwise.app.command;

import dev.lengthwise.evaluate.Axes;
import dev.lengthwise.evaluate.Measurement;
import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.report.ComparisonReport;
import dev.lengthwise.report.LossCurve;
import dev.lengthwise.report.PasskeyCell;
import dev.lengthwise.report.ResultRow;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/// What `compare` has measured so far, and the report of it.
final class ComparisonResults {

  private final ModelShape shape;
  private final Axes axes;
  private final Map<String, Object> protocol;
  private final Map<String, List<Measurement>> measurements = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();

  ComparisonResults(ModelShape shape, Axes axes, Map<String, Object> protocol) {
    this.shape = shape;
    this.axes = axes;
    this.protocol = protocol;
  }

  /// Adds a remark to the report.
  void note(String note) {
    remarks.add(note);
  }

  void add(String method, Measurement measurement) {
    measurements.computeIfAbsent(method, name -> new ArrayList<>()).add(measurement);
  }

  /// The report of everything so far.
  ComparisonReport report() {
    List<ResultRow> rows = new ArrayList<>();
    List<LossCurve> curves = new ArrayList<>();
    List<PasskeyCell> cells = new ArrayList<>();
    for (String method : measurements.keySet()) {
      axes.lengths().forEach(length -> rows.add(row(method, length)));
      curves.add(curve(method));
      of(method, Metric.PASSKEY_DIGITS)
          .map(m -> new PasskeyCell(method, m.length(), m.depth(), m.value(), (int) m.count()))
          .forEach(cells::add);
    }
    return new ComparisonReport(
        protocol.get("model") + " past " + shape.trainedLength() + " tokens",
        headline(),
        shape.trainedLength(),
        rows,
        curves,
        cells,
        protocol,
        notes());
  }

  private ResultRow row(String method, int length) {
    Measurement loss =
        of(method, Metric.LOSS).filter(m -> m.length() == length).findFirst().orElse(null);
    if (loss == null) {
      return new ResultRow(method, length, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    }
    double passkey = passkey(method, length).orElse(Double.NaN);
    double tokensPerSecond = (double) length * axes.windows() / loss.seconds();
    return new ResultRow(
        method,
        length,
        Math.exp(loss.value()),
        loss.value() / lossAtTrainedLength(method),
        passkey,
        tokensPerSecond);
  }

  private OptionalDouble passkey(String method, int length) {
    return of(method, Metric.PASSKEY_DIGITS)
        .filter(m -> m.length() == length)
        .mapToDouble(Measurement::value)
        .average();
  }

  // The loss at the trained length, or where that was not measured, at the shortest length.
  private double lossAtTrainedLength(String method) {
    int reference =
        axes.lengths().stream()
            .filter(length -> length == shape.trainedLength())
            .findFirst()
            .orElse(axes.shortest());
    return lossAt(method, reference);
  }

  private double lossAt(String method, int length) {
    return of(method, Metric.LOSS)
        .filter(m -> m.length() == length)
        .mapToDouble(Measurement::value)
        .findFirst()
        .orElse(Double.NaN);
  }

  private LossCurve curve(String method) {
    List<Measurement> points = of(method, Metric.LOSS_AT_POSITION).toList();
    return new LossCurve(
        method,
        points.stream().mapToDouble(Measurement::length).toArray(),
        points.stream().mapToDouble(Measurement::value).toArray());
  }

  private Stream<Measurement> of(String method, Metric metric) {
    return measurements.getOrDefault(method, List.of()).stream().filter(m -> m.metric() == metric);
  }

  // The one sentence that matters: what the model does at the longest length without and with help.
  private String headline() {
    int longest = axes.longest();
    if (measurements.isEmpty()) {
      return "";
    }
    String plain = measurements.keySet().iterator().next();
    String best =
        measurements.keySet().stream()
            .filter(method -> !Double.isNaN(lossAt(method, longest)))
            .min((a, b) -> Double.compare(lossAt(a, longest), lossAt(b, longest)))
            .orElse(plain);
    String where =
        longest <= shape.trainedLength()
            ? "within the trained length"
            : times((double) longest / shape.trainedLength()) + " times the trained length";
    String lowest =
        best.equals(plain)
            ? ", the lowest"
            : "; the lowest is %s, with %s".formatted(perplexity(best, longest), best);
    return "At %d tokens, %s, %s has perplexity %s%s."
        .formatted(longest, where, plain, perplexity(plain, longest), lowest);
  }

  private String perplexity(String method, int length) {
    return String.format(Locale.ROOT, "%.1f", Math.exp(lossAt(method, length)));
  }

  // 16, not 16.0, and 1.5.
  private static String times(double number) {
    return new DecimalFormat("0.#", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(number);
  }

  private List<String> notes() {
    List<String> notes = new ArrayList<>();
    notes.add(
        "Perplexity: the last "
            + Math.min(axes.scored(), axes.shortest() - 1)
            + " tokens of "
            + axes.windows()
            + " windows, the same tokens at every length; a method that remembers more can only"
            + " gain with length.");
    notes.add(
        "Flat loss alone is not memory: a window has flat loss and forgets everything before it."
            + " The passkey shows what is remembered.");
    notes.add(
        "Passkey: share of the key's digits that are the most likely tokens when the digits before"
            + " them are given; results.jsonl also has the score of free generation.");
    notes.addAll(remarks);
    return notes;
  }
}
