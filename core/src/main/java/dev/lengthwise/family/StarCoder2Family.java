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
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// StarCoder2: layer norms, biases on everything, a feed-forward block without gate; Hugging Face's
/// files may have a window on every layer.
final class StarCoder2Family implements Family {

  @Override
  public String name() {
    return "starcoder2";
  }

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 4096;

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.HEAD_SIZE)
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.EPSILON, "norm_epsilon")
            .with(Field.ATTENTION_BIAS, "use_bias")
            .with(Field.WINDOW, "sliding_window");
    NameMap names =
        Names.LLAMA.replacing(
            NameRow.of("model.layers.%l.mlp.c_fc", Slot.UP),
            NameRow.of("model.layers.%l.mlp.c_proj", Slot.DOWN));
    return List.of(
        FileFormat.huggingFace("starcoder2", "Starcoder2ForCausalLM", keys, names),
        FileFormat.gguf("starcoder2", Names.GGUF).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    boolean biased = header.flag(Field.ATTENTION_BIAS, true);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biased ? Mixer.Biases.ALL : Mixer.Biases.NONE),
            new FeedForward.Plain(
                header.size(Field.INNER), header.activation(Activation.GELU_TANH), biased),
            Residual.before(norm));
    Optional<MethodTerm> window =
        header.isGguf()
            ? Optional.empty()
            : header.positive(Field.WINDOW).map(tokens -> LlamaFamily.windowOf(tokens.longValue()));
    return header
        .model(
            name(),
            heads,
            header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
            window,
            norm,
            _ -> layer)
        .withHead(Head.plain(header.isTied(true)));
  }
}
