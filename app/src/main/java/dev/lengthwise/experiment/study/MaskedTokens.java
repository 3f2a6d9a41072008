package dev.lengthwise.experiment.study;

import dev.lengthwise.evaluate.MaskedTokensTask;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SmallModel;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architecture.Block;
import dev.lengthwise.model.Architecture.Direction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Masked tokens filled in beyond the trained length, with and without log-n.
final class MaskedTokens implements Experiment {

  private static final int STEPS = 1500;

  @Override
  public String name() {
    return "masked";
  }

  @Override
  public String title() {
    return "Bidirectional models: masked tokens beyond the trained length";
  }

  @Override
  public String published() {
    return """
    J. Su, kexue.fm 8823 (2021): RoFormer of small size, trained on masked tokens at 64. Accuracy without → with the scale `log n`:

    | tokens | 64 | 128 | 256 | 512 | 1,024 |
    |---|--:|--:|--:|--:|--:|
    | without | 43.27 | 36.53 | 23.02 | 15.12 | 11.54 |
    | with | 43.11 | 41.17 | 34.04 | 20.15 | 13.58 |

    * kexue.fm 9019: weights of squared relu transfer badly to other lengths, and can have no log-n version, since a factor on all scores only scales them.
    * ReRoPE (kexue.fm 9708) was not tested in bidirectional models.
    """;
  }

  @Override
  public String differences() {
    return """
    * A million weights and one and a half million tokens of Java; Chinese text there, whole words masked.
    * In training at one length a bidirectional model has the same `n` everywhere, so `log n` to the base of the trained length changes nothing there: our models are trained once and run without and with it. The source trained one model for each.
    * Every length fills in the same masked tokens here, so only the context differs.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    int length = scale.choose(64, 32);
    Map<String, SmallModel> recipes = new LinkedHashMap<>();
    for (Block block : List.of(Block.ATTENTION, Block.GAU, Block.GAU_SQUARED_RELU)) {
      recipes.put(
          name(block),
          SmallModel.of(scale, "rope", STEPS)
              .withTrainedLength(length)
              .withArchitecture(
                  Architecture.LLAMA.with(List.of(block)).with(Direction.BIDIRECTIONAL)));
    }
    String window = Integer.toString(length / 2);
    List<String> methods = new ArrayList<>();
    for (String method : List.of("rope", "window:window=" + window, "rerope:window=" + window)) {
      methods.add(method);
      methods.add(method + "+log-n");
    }
    methods.add("dynamic-ntk:factor=4");
    Suite suite =
        new Suite(
            List.of(new MaskedTokensTask()),
            scale.choose(List.of(64, 128, 256, 512, 1024), List.of(32, 64)),
            scale.choose(16, 1),
            1,
            List.of(0.5),
            1);
    List<Long> seeds = scale.choose(List.of(1L, 2L), List.of(1L));
    return TrainedTrial.grid(recipes, seeds, _ -> methods, suite);
  }

  private static String name(Block block) {
    return switch (block) {
      case ATTENTION, ATTENTION_WITH_BIAS -> "attention";
      case GAU -> "GAU";
      case GAU_SQUARED_RELU -> "GAU, squared relu";
      case LRU -> throw new IllegalArgumentException("a recurrence runs forwards only");
    };
  }

  @Override
  public List<Exhibit> exhibits() {
    return List.of(
        new Exhibit(
            "accuracy",
            "Masked tokens filled in rightly, by length",
            Exhibit.Across.LENGTH,
            Exhibit.Shown.PERCENT,
            Exhibit.metric("masked_accuracy")),
        new Exhibit(
            "loss",
            "Loss of masked tokens, by length",
            Exhibit.Across.LENGTH,
            Exhibit.Shown.NATS,
            Exhibit.metric("masked_loss")));
  }
}
