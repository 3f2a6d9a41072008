package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// GPT-NeoX and Pythia: layer norms, attention beside or before the feed-forward block, biases, and
/// rotary positions on a part of each head.
final class GptNeoxFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final RopeDeclaration.Defaults ROPE =
      new RopeDeclaration.Defaults(10_000, 0.25, 2048);

  private static final KeyTable KEYS =
      KeyTable.LLAMA
          .without(Field.KEY_VALUE_HEADS)
          .without(Field.HEAD_SIZE)
          .with(Field.EPSILON, "layer_norm_eps")
          .with(Field.ROTARY_BASE, "rotary_emb_base")
          .with(Field.ROTARY_SHARE, "rotary_pct")
          .with(Field.PARALLEL, "use_parallel_residual")
          .with(Field.ATTENTION_BIAS, "attention_bias");

  private static final NameMap NAMES =
      NameMap.of(
              NameRow.of("gpt_neox.embed_in", Slot.EMBEDDING),
              NameRow.of("gpt_neox.final_layer_norm", Slot.LAST_NORM),
              NameRow.of("embed_out", Slot.HEAD),
              NameRow.of("gpt_neox.layers.%l.input_layernorm", Slot.MIXER_NORM),
              NameRow.of(
                      "gpt_neox.layers.%l.attention.query_key_value",
                      Slot.QUERY, Slot.KEY, Slot.VALUE)
                  .arranged(Arrangement.BY_GROUP),
              NameRow.of("gpt_neox.layers.%l.attention.dense", Slot.ATTENTION_OUTPUT),
              NameRow.of("gpt_neox.layers.%l.post_attention_layernorm", Slot.FEED_FORWARD_NORM),
              NameRow.of("gpt_neox.layers.%l.mlp.dense_h_to_4h", Slot.UP),
              NameRow.of("gpt_neox.layers.%l.mlp.dense_4h_to_h", Slot.DOWN))
          // Older files hold masks and frequencies beside the weights.
          .ignoring(".*\\.attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)");

  @Override
  public String name() {
    return "gpt-neox";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("gpt_neox", "GPTNeoXForCausalLM", KEYS, NAMES),
        FileFormat.gguf("gptneox", Names.GGUF_JOINED)
            .with(KeyTable.GGUF_LAYER_NORM.with(Field.PARALLEL, "use_parallel_residual")));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    boolean parallel = header.flag(Field.PARALLEL, true);
    Activation usual = header.isGguf() ? Activation.GELU_TANH : Activation.GELU;
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(
                    header.flag(Field.ATTENTION_BIAS, true) ? Mixer.Biases.ALL : Mixer.Biases.NONE),
            new FeedForward.Plain(header.size(Field.INNER), header.activation(usual), true),
            parallel ? Residual.parallel(norm) : Residual.before(norm));
    return header.model(name(), heads, header.rope(heads, ROPE), norm, layer);
  }
}
