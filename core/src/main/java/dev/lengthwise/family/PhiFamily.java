package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// Phi-1, 1.5 and 2: attention and feed-forward block side by side behind one norm, biases
/// everywhere, also on the head, and rotary positions on a part of each head. Queries and
/// keys may have a layer norm.
final class PhiFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(10_000, 0.5, 2048);

  private static final NameMap NAMES =
      Names.LLAMA.replacing(
          NameRow.of("model.layers.%l.self_attn.q_layernorm", Slot.QUERY_NORM),
          NameRow.of("model.layers.%l.self_attn.k_layernorm", Slot.KEY_NORM),
          NameRow.of("model.final_layernorm", Slot.LAST_NORM),
          NameRow.of("model.layers.%l.self_attn.dense", Slot.ATTENTION_OUTPUT),
          NameRow.of("model.layers.%l.mlp.fc1", Slot.UP),
          NameRow.of("model.layers.%l.mlp.fc2", Slot.DOWN));

  @Override
  public String name() {
    return "phi";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.HEAD_SIZE)
            .without(Field.ATTENTION_BIAS)
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.ROTARY_SHARE, "partial_rotary_factor")
            .with(Field.EPSILON, "layer_norm_eps")
            .with(Field.HEAD_NORM, "qk_layernorm", false);
    return List.of(
        FileFormat.huggingFace("phi", "PhiForCausalLM", keys, NAMES),
        FileFormat.gguf("phi2", Names.GGUF_JOINED).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    Activation activation = header.activation(Activation.GELU_TANH);
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(Mixer.Biases.ALL)
                .with(
                    header.flag(Field.HEAD_NORM, false)
                        ? new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.HEAD)
                        : Mixer.HeadNorm.NONE),
            new FeedForward.Plain(header.size(Field.INNER), activation, true),
            Residual.parallelShared(norm));
    return header
        .model(name(), heads, header.rope(heads, ROPE), norm, layer)
        .withHead(new Head(header.isTied(false), true, 1, 0));
  }
}
