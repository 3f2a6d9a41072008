package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;

/// OLMo 1: Llama with layer norms that have no trained numbers, and clamped queries, keys and
/// values.
final class OlmoFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 2048;

  @Override
  public String name() {
    return "olmo";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.EPSILON)
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.CLAMP, "clip_qkv");
    return List.of(
        FileFormat.huggingFace("olmo", "OlmoForCausalLM", keys, Names.LLAMA),
        FileFormat.gguf("olmo", Names.GGUF).with(KeyTable.GGUF_LAYER_NORM).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON)).with(false, false);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(LlamaFamily.biases(header)).with(header.clamp(false)),
            header.gated(header.size(Field.INNER)),
            Residual.before(norm));
    return header.model(
        name(), heads, header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)), norm, layer);
  }
}
