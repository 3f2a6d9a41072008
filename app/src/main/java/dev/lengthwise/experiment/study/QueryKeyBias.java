package dev.lengthwise.experiment.study;

import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SmallModel;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TrainedScores;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architecture.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A bias on queries and keys beside rotary positions, in attention and in gated attention units.
final class QueryKeyBias implements Experiment {

  private static final int STEPS = 1000;

  @Override
  public String name() {
    return "query-key-bias";
  }

  @Override
  public String title() {
    return "RoPE with a bias on queries and keys";
  }

  @Override
  public String published() {
    return """
    J. Su, kexue.fm 9577 (2023): 100M parameters, gated attention units, trained at 512; accuracy in per cent.

    | | 512 | 1,024 | 2,048 | 4,096 |
    |---|--:|--:|--:|--:|
    | without bias | 52.37 | 33.15 | 22.85 | 17.87 |
    | with bias | 52.75 | 50.99 | 45.25 | 39.55 |

    A later note of the author says that the gain does not reproduce reliably.
    """;
  }

  @Override
  public String differences() {
    return """
    * The effect depends on architecture and settings, as the author says himself; three seeds show by how much ours varies.
    * Our models have a million weights and four layers, his a hundred million and 24.
    * Our optimiser is AdamW, which does not decay biases; his is Tiger.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    Map<String, SmallModel> recipes = new LinkedHashMap<>();
    for (Block block : List.of(Block.ATTENTION, Block.GAU)) {
      for (boolean bias : List.of(false, true)) {
        Architecture llama = Architecture.LLAMA;
        Architecture architecture =
            new Architecture(
                llama.norm(), llama.placement(), llama.feedForward(), bias, List.of(block));
        recipes.put(
            variant(block, bias),
            SmallModel.of(scale, "rope", STEPS).withArchitecture(architecture));
      }
    }
    List<Trial> trained =
        TrainedTrial.grid(
            recipes,
            scale.choose(List.of(1L, 2L, 3L), List.of(1L)),
            _ -> List.of("declared"),
            Suite.small(scale));
    List<Trial> trials = new ArrayList<>(trained);
    List<String> all = List.copyOf(recipes.keySet());
    trials.addAll(TrainedScores.of(trained, all, List.of("declared"), scale.choose(512, 64)));
    return trials;
  }

  private static String variant(Block block, boolean bias) {
    return (block == Block.GAU ? "GAU" : "attention") + (bias ? ", bias" : "");
  }

  @Override
  public List<Exhibit> exhibits() {
    List<Exhibit> exhibits = new ArrayList<>(Exhibit.ofSmallModels());
    exhibits.add(TrainedScores.exhibit(TrainedScores.TOTAL));
    for (Block block : List.of(Block.ATTENTION, Block.GAU)) {
      for (int layer = 1; layer <= SmallModel.Shape.SMALL.layers(); layer++) {
        exhibits.add(terms(variant(block, true), layer));
      }
    }
    return exhibits;
  }

  // The four terms of a layer.
  private static Exhibit terms(String variant, int layer) {
    String slug = variant.toLowerCase(Locale.ROOT).replace(", bias", "");
    return new Exhibit(
        "terms-%s-layer-%d".formatted(slug, layer),
        "The four terms of the scores by distance: %s, layer %d".formatted(variant, layer),
        Exhibit.Across.DISTANCE,
        Exhibit.Shown.NUMBER,
        row ->
            row.variant().equals(variant)
                && row.metric().startsWith("score_")
                && row.parameter() != null
                && row.parameter() == layer,
        Exhibit.Lines.METRICS);
  }
}
