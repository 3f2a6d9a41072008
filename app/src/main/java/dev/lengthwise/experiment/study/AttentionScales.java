package dev.lengthwise.experiment.study;

import dev.lengthwise.evaluate.PerplexityTask;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.Row;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SmallModel;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TestedModel;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.experiment.Workshop;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The factor on attention scores: what a calculation says is best, and what training says.
final class AttentionScales implements Experiment {

  private static final List<Double> FACTORS = List.of(0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0);
  private static final int STEPS = 500;
  private static final List<Long> SEEDS = List.of(1L, 2L);

  @Override
  public String name() {
    return "attention-scale";
  }

  @Override
  public String title() {
    return "The scale of attention: a calculation beside training";
  }

  @Override
  public String published() {
    return """
    J. Su, kexue.fm 9812 (2023). Attention learns fastest where `α · (1 − Σ p²)` is greatest, `α` being the factor on scores of unit variance. With a proxy in place of the mean the best factor solves `(1 + 2α²) · exp(α²) = n`: 1.71 at 128 keys, 2.01 at 512, 2.41 at 4,096. The advice is a factor of 2.5 beside `1/√d` in place of 1. No training is reported.
    """;
  }

  @Override
  public String differences() {
    return """
    * The calculation is about scores of unit variance. Our weights begin with a deviation of 0.02, so scores begin with a deviation of about 0.05, and training finds its own variance: a constant factor mostly scales the learning rate of the query and key weights.
    * AdamW's steps do not depend on the size of the gradient; an argument about the size of gradients says little of it.
    * The proxy replaces the mean of `Σ p²` by a ratio of means, which is wrong past `α ≈ √(ln n / 2)`: drawn at random, the true mean keeps rising and has no maximum.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    List<Trial> trials = new ArrayList<>();
    trials.add(
        new Theory(scale.choose(List.of(64, 128, 512, 4096), List.of(16)), scale.choose(2000, 10)));
    Suite suite =
        new Suite(
            List.of(new PerplexityTask()),
            scale.choose(List.of(128), List.of(32)),
            scale.choose(64, 2),
            64,
            List.of(),
            1);
    for (double factor : scale.choose(FACTORS, List.of(1.0, 2.0))) {
      for (long seed : scale.choose(SEEDS, List.of(1L))) {
        SmallModel recipe = SmallModel.of(scale, "rope+attention-scale:factor=" + factor, STEPS);
        trials.add(
            new TrainedTrial(
                new TestedModel.Label("factor " + factor, seed, factor),
                recipe,
                List.of("declared"),
                suite));
      }
    }
    return trials;
  }

  @Override
  public List<Exhibit> exhibits() {
    Exhibit.Across factor = new Exhibit.Across("factor", true, false);
    return List.of(
        new Exhibit(
            "theory",
            "The size of the gradient by factor: proxy, and drawn at random",
            factor,
            Exhibit.Shown.NUMBER,
            row -> row.metric().equals("softmax_gradient")),
        new Exhibit(
            "optimum",
            "The factor at which the proxy is greatest, by number of keys",
            new Exhibit.Across("keys", false, true),
            Exhibit.Shown.NUMBER,
            row -> row.metric().equals("proxy_optimum")),
        byFactor("loss", "Loss on held-out text by factor", "loss", Exhibit.Shown.NATS),
        byFactor("training", "Loss in training (last tenth)", "training_loss", Exhibit.Shown.NATS),
        byFactor(
            "first-gradient",
            "Norm of the gradient at the first step",
            "first_gradient_norm",
            Exhibit.Shown.NUMBER),
        byFactor(
            "gradient",
            "Norm of the gradient (last tenth)",
            "gradient_norm",
            Exhibit.Shown.NUMBER));
  }

  // All variants are one line: they differ in the factor alone.
  private static Exhibit byFactor(String file, String title, String metric, Exhibit.Shown shown) {
    return new Exhibit(
        file,
        title,
        new Exhibit.Across("factor", true, false),
        shown,
        row -> row.metric().equals(metric),
        Exhibit.Lines.METHODS);
  }

  /// The calculation, and its check by random draws.
  ///
  /// @param keys numbers of visible keys
  /// @param draws of each mean
  private record Theory(List<Integer> keys, int draws) implements Trial {

    private static final double LEAST = 0.25;
    private static final double STEP = 0.25;
    private static final int POINTS = 24;
    private static final long SEED = 1;
    private static final long NUMBERS_IN_THE_TIME_OF_A_TOKEN = 300;

    @Override
    public String name() {
      return "theory";
    }

    @Override
    public Map<String, Object> settings() {
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("keys", keys);
      settings.put("draws", draws);
      settings.put("seed", SEED);
      return settings;
    }

    @Override
    public long cost() {
      long numbers = keys.stream().mapToLong(Integer::longValue).sum() * draws * POINTS;
      return 1 + numbers / NUMBERS_IN_THE_TIME_OF_A_TOKEN;
    }

    @Override
    public void run(Workshop workshop, Consumer<Row> rows) {
      for (int n : keys) {
        rows.accept(
            row("proxy", "proxy_optimum", n, null, SoftmaxGradient.proxyOptimum(n), workshop));
        for (int point = 0; point < POINTS; point++) {
          double alpha = LEAST + STEP * point;
          double proxy = SoftmaxGradient.proxy(alpha, n);
          if (proxy > 0) {
            rows.accept(
                row("proxy, " + n + " keys", "softmax_gradient", n, alpha, proxy, workshop));
          }
          double drawn = SoftmaxGradient.monteCarlo(alpha, n, draws, SEED);
          rows.accept(row("drawn, " + n + " keys", "softmax_gradient", n, alpha, drawn, workshop));
        }
      }
    }

    private Row row(
        String variant,
        String metric,
        int n,
        @Nullable Double alpha,
        double value,
        Workshop workshop) {
      return new Row(
          variant, SEED, "calculation", metric, n, alpha, null, value, draws, workshop.program());
    }
  }
}
