package dev.lengthwise.experiment.study;

import dev.lengthwise.evaluate.PerplexityTask;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.Row;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SmallModel;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architecture.Block;
import dev.lengthwise.model.Architecture.FeedForwardKind;
import dev.lengthwise.model.Architecture.NormKind;
import dev.lengthwise.model.Architecture.Placement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The tables of LM-Infinite on small twins of the families of its paper, trained on the same data
/// for the same steps from the same seed.
final class LmInfiniteFamilies implements Experiment {

  private static final int STEPS = 600;

  @Override
  public String name() {
    return "lm-infinite-families";
  }

  @Override
  public String title() {
    return "LM-Infinite on four families of one size";
  }

  @Override
  public String published() {
    return """
    Han et al., *LM-Infinite* (arXiv 2308.16137v7). Perplexity on ArXiv around a position, plain and with it:

    | | 2k | 4k | 8k | 16k | 32k |
    |---|--:|--:|--:|--:|--:|
    | LLaMA (trained at 2k) | 3.8 | 1.0e4 | 6.0e4 | 6.8e4 | 4.9e4 |
    | with it | 4.4 | 4.5 | 3.7 | 4.2 | 1.0 |
    | GPT-J (2k) | 3.9 | 1.3e3 | 1.0e3 | 1.6e3 | 2.8e2 |
    | with it | 3.8 | 3.1 | 3.0 | 3.1 | 2.1 |
    | MPT (2k, ALiBi) | 5.5 | 2.5e2 | 1.1e3 | 1.7e3 | 1.6e3 |
    | with it | 5.7 | 6.8 | 5.8 | 6.0 | 4.6 |

    The ablation (LLaMA, 8k): plain and without a ceiling explode right after the trained length, the ceiling alone rises steadily, the window alone is second worst, the whole method is flat. GPT-NeoX was asked for in the first issue of its repository, and has no numbers.
    """;
  }

  @Override
  public String differences() {
    return """
    * A million weights and 600 steps of 1,024 tokens, trained at 128: the models know frequent words and pairs of them. What lies far back is worth little to them, with or without a method.
    * Each family has its norms, its order of branches, its biases and its positions (layer norm and both branches behind one norm: GPT-J; behind two norms, with biases everywhere: GPT-NeoX; ALiBi: MPT). Two things differ from the published models: the GPT-J and GPT-NeoX here rotate all channels, not a part, and the MPT here has biases in its norms.
    * The feed-forward blocks are of one inner size, so that the three without a gate have a fifth fewer weights.
    * MPT-7B is said to be trained at 4,096 tokens in the paper and at 2,048 in its repository. Our plain ALiBi model holds, as Press et al. report; theirs explodes, which they do not explain.
    * In the paper the numbers with and without the method differ inside the trained length, where the method changes nothing; here they are the same.
    """;
  }

  private static Map<String, SmallModel> recipes(Scale scale) {
    Map<String, SmallModel> recipes = new LinkedHashMap<>();
    recipes.put("llama", SmallModel.of(scale, "rope", STEPS));
    recipes.put(
        "gpt-j",
        of(scale, "rope", Placement.PARALLEL, FeedForwardKind.GELU_WITH_BIAS, Block.ATTENTION));
    recipes.put(
        "gpt-neox",
        of(
            scale,
            "rope",
            Placement.PARALLEL_TWO_NORMS,
            FeedForwardKind.GELU_WITH_BIAS,
            Block.ATTENTION_WITH_BIAS));
    recipes.put("mpt", of(scale, "alibi", Placement.PRE, FeedForwardKind.GELU, Block.ATTENTION));
    return recipes;
  }

  private static SmallModel of(
      Scale scale, String method, Placement placement, FeedForwardKind feedForward, Block block) {
    return SmallModel.of(scale, method, STEPS)
        .withArchitecture(
            new Architecture(NormKind.LAYER_NORM, placement, feedForward, false, List.of(block)));
  }

  @Override
  public List<Trial> trials(Scale scale) {
    Suite suite =
        new Suite(
            List.of(new PerplexityTask()),
            scale.choose(List.of(128, 256, 512, 1024, 2048, 4096, 16_384), List.of(32, 64)),
            scale.choose(4, 1),
            scale.choose(64, 8),
            List.of(),
            1);
    int trained = scale.choose(128, 32);
    return TrainedTrial.grid(
        recipes(scale), List.of(1L), _ -> List.copyOf(methods(trained).values()), suite);
  }

  private static Map<String, String> methods(int trained) {
    Map<String, String> methods = new LinkedHashMap<>();
    methods.put("plain", "declared");
    methods.put("window", "window:window=" + trained);
    methods.put("no-ceiling", "lm-infinite:local=" + trained + ",global=10,ceiling=none");
    methods.put("ceiling", "rerope:window=" + trained);
    methods.put("whole", "lm-infinite:local=" + trained + ",global=10");
    return methods;
  }

  @Override
  public List<Exhibit> exhibits() {
    List<Exhibit> exhibits = new ArrayList<>();
    exhibits.add(tables("around", "Perplexity around a position", "loss_around"));
    exhibits.add(tables("prefix", "Perplexity of all targets up to a position", "loss_of_prefix"));
    for (String family : List.of("llama", "gpt-j", "gpt-neox", "mpt")) {
      exhibits.add(
          new Exhibit(
              "ablation-" + family,
              "Perplexity of the same targets by length, " + family,
              Exhibit.Across.LENGTH,
              Exhibit.Shown.PERPLEXITY,
              row -> row.variant().equals(family) && row.metric().equals("loss")));
    }
    return exhibits;
  }

  private static Exhibit tables(String file, String title, String metric) {
    return new Exhibit(
        file,
        title + ", plain and with LM-Infinite",
        Exhibit.Across.LENGTH,
        Exhibit.Shown.PERPLEXITY,
        (Row row) ->
            row.metric().equals(metric)
                && (row.method().equals("declared")
                    || row.method().matches("lm-infinite:\\D+\\d+,global=10")));
  }
}
