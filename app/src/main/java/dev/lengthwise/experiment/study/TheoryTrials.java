package dev.lengthwise.experiment.study;

import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.experiment.Row;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.experiment.Workshop;
import dev.lengthwise.parallel.Workers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The trials of [Theory] that need no model.
final class TheoryTrials {

  private static final long SEED = 1;

  private TheoryTrials() {}

  /// The bound on scores beside the greatest of those that are drawn.
  ///
  /// @param distances how many, ascending
  /// @param draws pairs of a query and a key
  record Bound(List<Integer> distances, int draws) implements Trial {

    private static final int SCORES_IN_THE_TIME_OF_A_TOKEN = 400;

    @Override
    public String name() {
      return "bound";
    }

    @Override
    public Map<String, Object> settings() {
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("distances", distances);
      settings.put("draws", draws);
      settings.put("apart", "the best of 0.5, 0.71, 1, …");
      settings.put("seed", SEED);
      return settings;
    }

    @Override
    public long cost() {
      long scores = (long) distances.getLast() * draws * ScoreBound.Family.values().length;
      return 1 + scores / SCORES_IN_THE_TIME_OF_A_TOKEN;
    }

    @Override
    public void run(Workshop workshop, Consumer<Row> rows) {
      for (ScoreBound.Family family : ScoreBound.Family.values()) {
        ScoreBound bound = family.upTo(distances.getLast(), new ScoreBound.Draws(draws, SEED));
        for (int n : distances) {
          report(family, "bound", n, bound.bound(n), workshop, rows);
          report(family, "greatest", n, bound.greatest(n), workshop, rows);
          report(family, "apart", n, (double) bound.apart(n), workshop, rows);
        }
      }
    }

    private void report(
        ScoreBound.Family family,
        String metric,
        int n,
        double value,
        Workshop workshop,
        Consumer<Row> rows) {
      String variant = metric.equals("apart") ? "calculation" : metric;
      rows.accept(
          new Row(
              variant,
              SEED,
              family.method(),
              metric,
              n,
              null,
              null,
              value,
              draws,
              workshop.program()));
    }
  }

  /// The layer that was written by hand, at some positions.
  ///
  /// @param tokens of the text
  record ByHand(int tokens) implements Trial {

    @Override
    public String name() {
      return "by-hand";
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of("tokens", tokens, "told", "1 / output");
    }

    @Override
    public long cost() {
      return tokens;
    }

    @Override
    public void run(Workshop workshop, Consumer<Row> rows) {
      try (Workers workers = new Workers(1)) {
        List<Float> outputs = PositionLayer.outputs(new VectorAttention(workers), tokens);
        for (int position = 1; position <= tokens; position *= 2) {
          double output = outputs.get(position - 1);
          rows.accept(row("output", position, output, workshop));
          rows.accept(row("expected", position, 1.0 / position, workshop));
          rows.accept(row("position_told", position, 1 / output, workshop));
        }
        double greatest = 0;
        for (int index = 0; index < tokens; index++) {
          double expected = 1.0 / (index + 1);
          greatest = Math.max(greatest, Math.abs(outputs.get(index) - expected) / expected);
        }
        rows.accept(row("greatest_relative_deviation", tokens, greatest, workshop));
      }
    }

    private static Row row(String metric, int length, double value, Workshop workshop) {
      return new Row(
          "by hand", SEED, "nope", metric, length, null, null, value, 1, workshop.program());
    }
  }
}
