package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.LayerRule;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/// SmolLM3: Llama whose every fourth layer does not rotate. Where a window is switched on, those
/// layers have it, or the ones that the header names.
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
        FileFormat.huggingFace(
            "smollm3",
            "SmolLM3ForCausalLM",
            KeyTable.LLAMA.with(Field.WINDOW, "sliding_window"),
            Names.LLAMA),
        FileFormat.gguf("smollm3", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(LlamaFamily.biases(header)),
            header
                .gated(header.size(Field.INNER))
                .biased(header.flag(Field.FEED_FORWARD_BIAS, false)),
            Residual.before(norm));
    RopeDeclaration.Defaults usual = new RopeDeclaration.Defaults(2_000_000, 1, LENGTH);
    ModelSpec spec =
        header
            .model(name(), heads, header.rope(heads, usual), norm, layer)
            .withHead(Head.plain(header.isTied(true)));
    Optional<List<JsonNode>> turning = header.perLayer("no_rope_layers", spec.layers().size());
    int interval = header.settings().sizeOr("no_rope_layer_interval", INTERVAL);
    IntPredicate turns =
        index ->
            turning
                .map(layers -> layers.get(index).asInt() != 0)
                .orElse((index + 1) % interval != 0);
    if (!slides(header)) {
      return LayerRules.of(
          spec, index -> turns.test(index) ? new LayerRule.Global() : new LayerRule.Unrotated());
    }
    List<Boolean> sliding = header.sliding(turns.negate());
    LayerRule.Local local = LayerRule.Local.window(header.tokens(Field.WINDOW));
    return LayerRules.of(spec, index -> rule(turns.test(index), sliding.get(index), local));
  }

  private static boolean slides(Header header) {
    return !header.isGguf()
        && header.settings().flag("use_sliding_window", false)
        && header.has(Field.WINDOW);
  }

  private static LayerRule rule(boolean turns, boolean slides, LayerRule.Local local) {
    if (slides) {
      return turns ? local : local.unrotated();
    }
    return turns ? new LayerRule.Global() : new LayerRule.Unrotated();
  }
}
