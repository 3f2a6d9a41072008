package dev.lengthwise.experiment.study;

import dev.lengthwise.evaluate.PerplexityTask;
import dev.lengthwise.experiment.CheckpointTrial;
import dev.lengthwise.experiment.DiagnosisTrial;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.Row;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SmallModel;
import dev.lengthwise.experiment.StatesTrial;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TestedModel;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.experiment.Workshop;
import java.util.ArrayList;
import java.util.List;

/// The theorems and diagnostics of LM-Infinite: scores that must grow, positions without
/// encodings, and what a real model shows of both past its trained length.
final class Theory implements Experiment {

  private static final int STEPS = 600;

  private static final CheckpointTrial.Source BUNDLED =
      new CheckpointTrial.Source(
          "java-5m", workshop -> workshop.bundledModel("java-5m"), Workshop::heldOutText);

  @Override
  public String name() {
    return "theory";
  }

  @Override
  public String title() {
    return "Why models fail past their trained length: theorems and diagnostics";
  }

  @Override
  public String published() {
    return """
    Han et al., *LM-Infinite* (arXiv 2308.16137v7), with Llama-2-7B (trained at 4,096 tokens) on texts of 8,192.

    * **Scores must grow** (theorem 2). A family of scores of pseudo-dimension `r` that tells `α(n)` distances apart by `ε` has `sup |w| ≥ (α(n)/2)^(1/2r) · ε/4e`. Figure: the running maximum of `|logit|` over distances, mean over heads, lies at 0 to 1 up to the trained length, near 2 at 5k and near 8 at 8k (upper band near 17).
    * **Entropy grows** with the number of keys: 5.2 nats at position 250, 6.7 at 2k, 7.7 at 4k, 8.8 at 8k. With scores within `B` of 0 it is at least `ln n − 2B`.
    * **Positions without encoding** (theorem of Kazemnejad et al. 2023): one causal layer without positions can write a function of the position. Figure: in the joint plane of 32 texts the first 25 tokens lie far from all others, from layer 2 on, not in layer 1.
    """;
  }

  @Override
  public String differences() {
    return """
    * The theorem speaks of the whole family of possible queries and keys. We draw 48 pairs with channels of variance 1 and take the greatest score among them, which is at most the supremum: where that is above the bound, the theorem holds.
    * `α` is that of a greedy walk, at most twice from the best choice, and `ε` the best of 0.5, 0.71, 1, …; the table of T5 is made up, since no trained one is at hand: it falls by 1/8 for each bucket.
    * java-5m has 48 heads and was trained at 256 tokens from anywhere in a text; Llama-2 has 1,024, was trained at 4,096, and its texts begin with a begin token, which draws a large part of the weights.
    * The paper's curves are of one text after the other; our running maxima are averaged over 16 pieces of text, their deviation is over heads alone. Entropies are of the first of these pieces.
    * The two small models (0.9 million weights, 600 steps of 1,024 tokens) have learnt little more than how frequent tokens and short runs of them are.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    List<Trial> trials = new ArrayList<>();
    trials.add(
        new TheoryTrials.Bound(
            scale.choose(List.of(16, 64, 256, 1024, 4096), List.of(16, 32)), scale.choose(48, 4)));
    trials.add(new TheoryTrials.ByHand(scale.choose(4096, 64)));
    trials.add(
        new DiagnosisTrial(
            BUNDLED,
            List.of("declared", "lm-infinite", "rerope"),
            scale.choose(16, 1),
            scale.choose(1024, 64)));
    List<Integer> layers = List.of(1, 2, 3, 5, 6);
    int texts = scale.choose(32, 2);
    trials.add(new StatesTrial(BUNDLED, layers, texts, scale.choose(256, 16)));
    for (String method : List.of("nope", "rope")) {
      TrainedTrial trained =
          new TrainedTrial(
              new TestedModel.Label("small-" + method, 1, null),
              SmallModel.of(scale, method, STEPS),
              List.of("declared"),
              loss(scale));
      trials.add(trained);
      trials.add(
          new StatesTrial(trained.source(), List.of(1, 2, 3, 4), texts, scale.choose(128, 16)));
    }
    return trials;
  }

  private static Suite loss(Scale scale) {
    return new Suite(
        List.of(new PerplexityTask()),
        scale.choose(List.of(128, 256, 512, 1024), List.of(32, 64)),
        scale.choose(16, 1),
        scale.choose(64, 8),
        List.of(),
        1);
  }

  @Override
  public List<Exhibit> exhibits() {
    Exhibit.Across layer = new Exhibit.Across("layer", true, false);
    return List.of(
        new Exhibit(
            "bound",
            "The bound of the theorem and the greatest score drawn, by number of distances",
            new Exhibit.Across("distances", false, true),
            Exhibit.Shown.NUMBER,
            row -> row.metric().equals("bound") || row.metric().equals("greatest")),
        new Exhibit(
            "apart",
            "Distances that are told apart by 1, by number of distances",
            new Exhibit.Across("distances", false, true),
            Exhibit.Shown.NUMBER,
            Exhibit.metric("apart")),
        new Exhibit(
            "by-hand",
            "The position that the layer written by hand tells, 1 / its output, at each position",
            new Exhibit.Across("position", false, true),
            Exhibit.Shown.NUMBER,
            Exhibit.metric("position_told"),
            Exhibit.Lines.METRICS),
        growth("growth-plain", "the plain model", "declared"),
        growth("growth-lm-infinite", "LM-Infinite", "lm-infinite"),
        growth("growth-rerope", "ReRoPE (a ceiling alone)", "rerope"),
        new Exhibit(
            "entropy",
            "Entropy of the weights by position, java-5m, nats",
            new Exhibit.Across("position", false, true),
            Exhibit.Shown.NUMBER,
            Exhibit.metric(DiagnosisTrial.ENTROPY)),
        new Exhibit(
            "plane",
            "java-5m: distance from the middle of all tokens in the joint plane, by position",
            new Exhibit.Across("position", false, true),
            Exhibit.Shown.NUMBER,
            row -> row.metric().equals(StatesTrial.APART) && row.variant().equals("java-5m")),
        new Exhibit(
            "plane-nope",
            "The same of the small model that was trained without positions",
            new Exhibit.Across("position", false, true),
            Exhibit.Shown.NUMBER,
            row -> row.metric().equals(StatesTrial.APART) && row.variant().equals("small-nope")),
        new Exhibit(
            "share",
            "Variance of hidden states that goes with the position, by layer",
            layer,
            Exhibit.Shown.PERCENT,
            Exhibit.metric(StatesTrial.SHARE)),
        new Exhibit(
            "read",
            "How much of the position's logarithm a line through the states reads, by layer",
            layer,
            Exhibit.Shown.PERCENT,
            Exhibit.metric(StatesTrial.READ)),
        new Exhibit(
            "small-loss",
            "Perplexity of the small models by length",
            Exhibit.Across.LENGTH,
            Exhibit.Shown.PERPLEXITY,
            Exhibit.metric("loss")));
  }

  private static Exhibit growth(String file, String name, String method) {
    return new Exhibit(
        file,
        "Running maximum of |score| by distance, java-5m under " + name,
        Exhibit.Across.DISTANCE,
        Exhibit.Shown.NUMBER,
        (Row row) -> row.metric().startsWith("score_growth") && row.method().equals(method),
        Exhibit.Lines.METRICS);
  }
}
