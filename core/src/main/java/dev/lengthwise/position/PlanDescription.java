package dev.lengthwise.position;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A plan in words and numbers, for people: what `config explain` shows.
///
/// @param frequencies every rotary pair
/// @param amplitude what turned channels of queries and keys are multiplied by
/// @param sharpness what whole scores are multiplied by with these frequencies
/// @param branches one sentence for each branch, and one for a selection of keys
/// @param scale the score scale
/// @param bias the score bias
/// @param map what happens to queries and keys before rotation
/// @param rule what the layer itself says of its scores; empty for a plain softmax
/// @param retention the keys that a cache holds
public record PlanDescription(
    List<PairFrequency> frequencies,
    double amplitude,
    double sharpness,
    List<String> branches,
    String scale,
    String bias,
    String map,
    String rule,
    String retention) {

  /// The frequency of one rotary pair.
  ///
  /// @param pair its index
  /// @param radians `θ` in radians per position
  /// @param divisor how many times slower than in the plain model it turns
  public record PairFrequency(int pair, double radians, double divisor) {

    /// Positions of one turn.
    public double wavelength() {
      return 2 * Math.PI / radians;
    }
  }

  /// Copies the lists.
  public PlanDescription {
    frequencies = List.copyOf(frequencies);
    branches = List.copyOf(branches);
  }

  /// Describes a plan of a model.
  public static PlanDescription of(ModelShape shape, AttentionPlan plan) {
    return new PlanDescription(
        frequencies(shape.plainRotary(), plan.rotary()),
        plan.rotary().amplitude(),
        plan.rotary().sharpness(),
        branches(plan),
        describe(plan.scale()),
        describe(plan.bias()),
        describe(plan.map()),
        describe(plan.rule()),
        describe(plan.retention()));
  }

  /// The description as lines of text, with the first, the last and three pairs between.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (frequencies.isEmpty()) {
      lines.add("rotary: none");
    } else {
      lines.add(
          "rotary: "
              + frequencies.size()
              + " pairs"
              + (amplitude == 1 ? "" : " of amplitude " + number(amplitude))
              + (sharpness == 1 ? "" : ", scores times " + number(sharpness)));
      int last = frequencies.size() - 1;
      for (int quarter = 0; quarter <= 4; quarter++) {
        int pair = last * quarter / 4;
        if (quarter == 0 || pair != last * (quarter - 1) / 4) {
          lines.add("  " + line(frequencies.get(pair)));
        }
      }
    }
    branches.forEach(branch -> lines.add("branch: " + branch));
    lines.add("scale: " + scale);
    lines.add("bias: " + bias);
    lines.add("query and key map: " + map);
    if (!rule.isEmpty()) {
      lines.add("the layer's own scores: " + rule);
    }
    lines.add("cache: " + retention);
    return lines;
  }

  private static String line(PairFrequency frequency) {
    return "pair %d: %s radians per token, one turn in %s tokens, %s"
        .formatted(
            frequency.pair(),
            number(frequency.radians()),
            number(frequency.wavelength()),
            frequency.divisor() == 1 ? "unchanged" : "divided by " + number(frequency.divisor()));
  }

  private static List<PairFrequency> frequencies(RotaryTable plain, RotaryTable table) {
    List<PairFrequency> pairs = new ArrayList<>();
    for (int pair = 0; pair < table.pairs(); pair++) {
      double radians = table.frequency(pair);
      double divisor = pair < plain.pairs() ? plain.frequency(pair) / radians : 1;
      pairs.add(new PairFrequency(pair, radians, divisor));
    }
    return pairs;
  }

  private static List<String> branches(AttentionPlan plan) {
    List<String> sentences =
        new ArrayList<>(plan.branches().stream().map(PlanDescription::describe).toList());
    KeySelection selection = plan.selection();
    if (selection != null) {
      sentences.add(
          "for the last query of each step, the %d best keys of %s"
              .formatted(selection.count(), describe(selection.candidates())));
    }
    return sentences;
  }

  private static String describe(Branch branch) {
    return "%s: query at %s, key at %s"
        .formatted(
            describe(branch.region()), describe(branch.query(), "i"), describe(branch.key(), "j"));
  }

  private static String describe(Region region) {
    List<String> limits = new ArrayList<>();
    if (!region.key().equals(Bounds.ALL)) {
      limits.add("key " + describe(region.key()));
    }
    if (!region.distance().equals(Bounds.ALL)) {
      limits.add("distance " + describe(region.distance()));
    }
    if (!region.chunkDifference().equals(Bounds.ALL)) {
      limits.add(
          "%s chunks of %d apart"
              .formatted(describe(region.chunkDifference()), region.chunkSize()));
    }
    return limits.isEmpty() ? "every distance" : String.join(", ", limits);
  }

  private static String describe(Bounds bounds) {
    if (bounds.until() == Bounds.UNBOUNDED) {
      return bounds.from() + " and more";
    }
    if (bounds.until() == bounds.from()) {
      return "none";
    }
    long last = bounds.until() - 1;
    return last == bounds.from() ? Long.toString(last) : bounds.from() + " … " + last;
  }

  private static String describe(PositionMap map, String index) {
    return switch (map) {
      case PositionMap.Divided(double divisor, double offset) ->
          (divisor == 1 ? index : index + " / " + number(divisor)) + plus(offset);
      case PositionMap.Fixed(double position) -> number(position);
      case PositionMap.Grouped(long size, double offset) ->
          "⌊%s / %d⌋%s".formatted(index, size, plus(offset));
      case PositionMap.Chunked(long size, double offset, double ceiling) -> {
        String position = "%s mod %d%s".formatted(index, size, plus(offset));
        yield ceiling == Double.POSITIVE_INFINITY
            ? position
            : "min(%s, %s)".formatted(position, number(ceiling));
      }
      case PositionMap.Listed list -> "%d listed positions of %s".formatted(list.size(), index);
      case PositionMap.Capped(double ceiling) -> "min(%s, %s)".formatted(index, number(ceiling));
    };
  }

  private static String describe(ScoreScale scale) {
    return switch (scale) {
      case ScoreScale.Constant(double value) -> value == 1 ? "none" : "× " + number(value);
      case ScoreScale.LogLength(double base, double minimum) ->
          "× max(%s, ln(i + 1) / ln %s)".formatted(number(minimum), number(base));
      case ScoreScale.LengthSteps(double factor, double slope, long offset, long every) ->
          "× %s(1 + %s · ln(1 + ⌊%s / %d⌋))"
              .formatted(
                  factor == 1 ? "" : number(factor) + " · ",
                  number(slope),
                  offset == 0 ? "i" : "(i + " + offset + ")",
                  every);
    };
  }

  private static String describe(ScoreBias bias) {
    return switch (bias) {
      case ScoreBias.None() -> "none";
      case ScoreBias.Linear linear -> {
        List<String> slopes = new ArrayList<>();
        for (int head = 0; head < linear.heads(); head++) {
          slopes.add(number(linear.slope(head)));
        }
        yield "−slope × (query position − key position), slopes by head "
            + String.join(" ", slopes);
      }
      case DistanceBias distance -> describe(distance);
      case FireBias fire ->
          "FIRE: a network of %d channels, of ψ(ρ) / ψ(max(i, %s)) with ψ(x) = ln(%s · x + 1)"
              .formatted(
                  fire.width(),
                  number(Math.abs(fire.multiplier() * fire.threshold())),
                  number(Math.abs(fire.scale())));
    };
  }

  private static String describe(DistanceBias bias) {
    return switch (bias) {
      case DistanceBias.KerpleLog(List<Double> r1, List<Double> r2) ->
          "−r1 · ln(1 + r2 · ρ), by head r1 = %s, r2 = %s".formatted(numbers(r1), numbers(r2));
      case DistanceBias.KerplePower(List<Double> r1, List<Double> r2) ->
          "−r1 · ρ^r2, by head r1 = %s, r2 = %s".formatted(numbers(r1), numbers(r2));
      case DistanceBias.Sandwich(int heads, int channels) ->
          "[Σ cos(ρ / 10000^(2m/%d)) − %d] · %d / (8h), h = 1 … %d"
              .formatted(channels, channels / 2, heads, heads);
      case DistanceBias.Table table ->
          "%s × a table of %d buckets of distances and %d heads, the last for %d and more"
              .formatted(
                  number(table.factor()),
                  table.rule().buckets(),
                  table.heads(),
                  table.rule().firstOfLast());
    };
  }

  private static String numbers(List<Double> values) {
    return values.stream().map(PlanDescription::number).collect(Collectors.joining(" "));
  }

  private static String describe(QueryKeyMap map) {
    return switch (map) {
      case QueryKeyMap.Normalize(boolean queries, boolean keys) -> {
        if (!queries && !keys) {
          yield "none";
        }
        yield (queries ? keys ? "queries and keys" : "queries" : "keys")
            + " divided by their root mean square";
      }
      case QueryKeyMap.Cosine(ScoreScale lambda) -> "λ · cosine, λ " + describe(lambda);
      case QueryKeyMap.Collinear(boolean slack) ->
          slack
              ? "collinear, slack: (q ∘ R q) · R (t, t), t = max(0, mean of the halves of k)"
              : "collinear, strict: (q², 0) · (t, 0) by pairs, t = max(0, mean of the halves of k)";
      case QueryKeyMap.Decay(double gamma, double scale) ->
          "pair m decays as ((2m/r + %s)/%s)^(distance / %s)"
              .formatted(number(gamma), number(1 + gamma), number(scale));
    };
  }

  private static String describe(ScoreRule rule) {
    List<String> parts = new ArrayList<>();
    if (!rule.scale().equals(ScoreScale.ONE)) {
      parts.add(describe(rule.scale()));
    }
    if (rule.hasCap()) {
      parts.add("under a cap of " + number(rule.cap()));
    }
    if (rule.hasSinks()) {
      parts.add("with a sink in each head");
    }
    if (rule.weighting() == Weighting.SQUARED_RELU) {
      parts.add("weights max(0, score)²");
    }
    return String.join(", ", parts);
  }

  private static String describe(Retention retention) {
    if (retention.keepsAll()) {
      return "every key";
    }
    List<String> kept = new ArrayList<>();
    if (retention.prefix() > 0) {
      kept.add("the first " + retention.prefix());
    }
    if (retention.window() > 0) {
      kept.add("the last " + retention.window());
    }
    return kept.isEmpty() ? "no key" : String.join(" and ", kept) + " keys";
  }

  private static String plus(double offset) {
    return offset == 0 ? "" : " + " + number(offset);
  }

  /// Six significant digits, whole numbers in full.
  private static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return Long.toString((long) value);
    }
    return String.format(Locale.ROOT, "%.6g", value);
  }
}
