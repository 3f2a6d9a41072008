package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.LayerRule;
import java.util.List;
import java.util.Optional;

/// SmolLM3: Llama whose every fourth layer does not rotate.
final class SmolLm3Family implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 32_768;
  private static final int INTERVAL = 4;

  @Override
  public String name() {
    return "smollm3";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("smollm3", "SmolLM3ForCausalLM", KeyTable.LLAMA, Names.LLAMA),
        FileFormat.gguf("smollm3", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    header.requireActivation(Activation.SILU);
    if (header.settings().flag("use_sliding_window", false)) {
      throw header.settings().bad("use_sliding_window", "false, the only value supported");
    }
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(LlamaFamily.biases(header)),
            FeedForward.Gated.silu(header.size(Field.INNER))
                .biased(header.flag(Field.FEED_FORWARD_BIAS, false)),
            Residual.before(norm));
    RopeDeclaration.Defaults usual = new RopeDeclaration.Defaults(2_000_000, 1, LENGTH);
    ModelSpec spec =
        header
            .model(name(), heads, header.rope(heads, usual), norm, layer)
            .withHead(Head.plain(header.isTied(true)));
    Optional<List<JsonNode>> turning = header.perLayer("no_rope_layers", spec.layers().size());
    int interval = header.settings().sizeOr("no_rope_layer_interval", INTERVAL);
    return LayerRules.of(
        spec,
        layerIndex -> {
          boolean turns =
              turning.isEmpty()
                  ? (layerIndex + 1) % interval != 0
                  : turning.get().get(layerIndex).asInt() != 0;
          return turns ? new LayerRule.Global() : new LayerRule.Unrotated();
        });
  }
}
