package dev.lengthwise.experiment;

import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Architecture.Block;
import java.util.LinkedHashMap;
import java.util.List;
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
        String name = (block == Block.GAU ? "GAU" : "attention") + (bias ? ", bias" : "");
        recipes.put(name, SmallModel.of(scale, "rope", STEPS).withArchitecture(architecture));
      }
    }
    return TrainedTrial.grid(
        recipes,
        scale.choose(List.of(1L, 2L, 3L), List.of(1L)),
        _ -> List.of("declared"),
        Suite.small(scale));
  }

  @Override
  public List<Exhibit> exhibits() {
    return Exhibit.ofSmallModels();
  }
}
