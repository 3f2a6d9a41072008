package dev.lengthwise.report;

import dev.lengthwise.diagnose.AttentionSummary;
import dev.lengthwise.diagnose.AttentionSummary.AtDistance;
import dev.lengthwise.diagnose.AttentionSummary.AtPosition;
import dev.lengthwise.diagnose.LayerDiagnosis;
import dev.lengthwise.diagnose.OrderBreaking;
import dev.lengthwise.diagnose.ScoreDecay;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Numbers of layers under methods, for a terminal and for the page.
///
/// @param title what they are; empty where there is no doubt
/// @param head names of the numbers
/// @param lines in the order of methods and layers
/// @param note how to read them
record LayerTable(String title, List<String> head, List<Line> lines, String note) {

  /// Layers under one method.
  ///
  /// @param method its short name
  /// @param layers from 1: `3`, or `3–5` where they have the same numbers
  /// @param cells one for each name of the head
  record Line(String method, String layers, List<String> cells) {}

  /// The tables that have lines.
  static List<LayerTable> of(AttentionReport report) {
    return List.of(attention(report), decay(report), order(report), states(report)).stream()
        .filter(table -> !table.lines().isEmpty())
        .toList();
  }

  private static LayerTable attention(AttentionReport report) {
    return new LayerTable(
        "",
        List.of(
            "score within",
            "score past",
            "most within",
            "most past",
            "entropy trained",
            "entropy end",
            "first",
            "recent",
            "past"),
        lines(
            report,
            layer -> layer.attention() == null ? List.of() : attention(report, layer.attention())),
        "within, past: distances below the trained length of "
            + Numbers.count(report.trainedLength())
            + " tokens, and from it on; entropy in nats;\n"
            + "first, recent, past: shares of the weights at the end of the text\n");
  }

  // Layers one after the other that have the same numbers are one line.
  private static List<Line> lines(
      AttentionReport report, Function<LayerDiagnosis, List<String>> cells) {
    List<Line> lines = new ArrayList<>();
    int first = 0;
    int last = 0;
    for (AttentionReport.Entry entry : report.entries()) {
      List<String> own = cells.apply(entry.diagnosis());
      if (own.isEmpty()) {
        continue;
      }
      boolean same =
          !lines.isEmpty()
              && entry.layer() == last + 1
              && lines.getLast().method().equals(entry.method())
              && lines.getLast().cells().equals(own);
      first = same ? first : entry.layer();
      last = entry.layer();
      if (same) {
        lines.removeLast();
      }
      lines.add(new Line(entry.method(), same ? first + "–" + last : "" + first, own));
    }
    return lines;
  }

  private static List<String> attention(AttentionReport report, AttentionSummary summary) {
    List<AtDistance> within =
        summary.distances().stream().filter(at -> at.distance() < report.trainedLength()).toList();
    List<AtDistance> past =
        summary.distances().stream().filter(at -> at.distance() >= report.trainedLength()).toList();
    List<AtPosition> positions = summary.inBuckets().positions();
    AtPosition end = positions.getLast();
    AtPosition trained =
        positions.stream()
            .filter(at -> at.position() <= report.trainedLength())
            .reduce((_, later) -> later)
            .orElse(positions.getFirst());
    return List.of(
        joined(within, AtDistance::mean),
        joined(past, AtDistance::mean),
        joined(within, AtDistance::greatest),
        joined(past, AtDistance::greatest),
        Numbers.significant(trained.entropy()),
        Numbers.significant(end.entropy()),
        Numbers.percent(end.first()),
        Numbers.percent(end.recent()),
        Numbers.percent(end.beyond()));
  }

  private static String joined(List<AtDistance> distances, Function<AtDistance, Double> value) {
    return distances.isEmpty()
        ? Numbers.MISSING
        : Numbers.significant(value.apply(AttentionSummary.joined(distances)));
  }

  private static LayerTable decay(AttentionReport report) {
    int farthest =
        report.entries().stream()
            .flatMap(entry -> entry.diagnosis().decay().stream())
            .mapToInt(ScoreDecay::distance)
            .max()
            .orElse(0);
    List<Integer> from = IntStream.iterate(1, at -> at <= farthest, at -> 4 * at).boxed().toList();
    return new LayerTable(
        "Scores of equal content by distance",
        from.stream()
            .map(at -> Numbers.count(at) + "–" + Numbers.count(Math.min(4L * at - 1, farthest)))
            .toList(),
        lines(
            report,
            layer ->
                layer.decay().isEmpty()
                    ? List.of()
                    : from.stream().map(at -> decay(layer.decay(), at)).toList()),
        "means over heads and distances; 1 at distance 0 without map, scale and bias\n");
  }

  private static String decay(List<ScoreDecay> decay, int from) {
    return Numbers.significant(
        decay.stream()
            .filter(at -> at.distance() >= from && at.distance() < 4L * from)
            .mapToDouble(ScoreDecay::score)
            .average()
            .orElse(Double.NaN));
  }

  private static LayerTable order(AttentionReport report) {
    return new LayerTable(
        "Rotary pairs against the order of the text",
        List.of("rising", "most in a head", "affected keys"),
        lines(report, layer -> layer.order().isEmpty() ? List.of() : order(layer.order())),
        "rising: scores that first rise with the distance, mean over heads, rotary pairs and"
            + " keys;\n"
            + "affected: keys of a query that are near enough for that, mean over the same\n");
  }

  private static List<String> order(List<OrderBreaking> heads) {
    List<Double> rising = heads.stream().map(head -> mean(head.rising())).toList();
    List<Double> affected = heads.stream().map(head -> mean(head.affected())).toList();
    return List.of(
        Numbers.percent(mean(rising)),
        Numbers.percent(Collections.max(rising)),
        Numbers.significant(mean(affected)));
  }

  private static LayerTable states(AttentionReport report) {
    return new LayerTable(
        "Principal components of the hidden states",
        List.of("first", "second"),
        lines(
            report,
            layer ->
                layer.states() == null
                    ? List.of()
                    : layer.states().explained().stream().map(Numbers::percent).toList()),
        "shares of the variance after each layer, over the positions of the text\n");
  }

  private static double mean(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }
}
