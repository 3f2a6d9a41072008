package dev.lengthwise.experiment.study;

import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.Experiment;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SmallModel;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.experiment.Trial;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architecture.Block;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Linear recurrent units against attention and gated attention units, by training length.
final class Recurrence implements Experiment {

  private static final int STEPS = 1000;

  @Override
  public String name() {
    return "recurrence";
  }

  @Override
  public String title() {
    return "LRU, attention and GAU: loss by training length, and beyond it";
  }

  @Override
  public String published() {
    return """
    J. Su, kexue.fm 9554 and 9603 (2023), 100M parameters, trained at 128 and 512. Accuracy falls in this order: GAU, self-attention, RWKV, LRU, SLRU. With the longer training length recurrent models get worse and attention gets better. Linear recurrent models do not extrapolate well either.
    """;
  }

  @Override
  public String differences() {
    return """
    * A million weights and four layers, against a hundred million.
    * Both training lengths see the same number of tokens in a step; windows are fewer where they are longer.
    * A gated attention unit has no feed-forward block: with the same number of layers it has fewer weights. `config.json` has the shapes.
    """;
  }

  @Override
  public List<Trial> trials(Scale scale) {
    List<Trial> trials = new ArrayList<>();
    for (int length : scale.choose(List.of(128, 512), List.of(32))) {
      Map<String, SmallModel> recipes = new LinkedHashMap<>();
      for (Block block : List.of(Block.ATTENTION, Block.GAU, Block.LRU)) {
        Architecture architecture = Architecture.LLAMA.with(List.of(block));
        recipes.put(
            name(block) + ", trained at " + length,
            SmallModel.of(scale, "rope", STEPS)
                .withTrainedLength(length)
                .withArchitecture(architecture));
      }
      trials.addAll(
          TrainedTrial.grid(recipes, List.of(1L), _ -> List.of("declared"), Suite.small(scale)));
    }
    return trials;
  }

  private static String name(Block block) {
    return switch (block) {
      case ATTENTION, ATTENTION_WITH_BIAS -> "attention";
      case GAU, GAU_SQUARED_RELU -> "GAU";
      case LRU -> "LRU";
    };
  }

  @Override
  public List<Exhibit> exhibits() {
    return Exhibit.ofSmallModels();
  }
}
