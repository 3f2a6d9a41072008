package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Embedding;
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

/// OPT: learned places, whose table has two rows before the first, and ReLU. In the model of 350
/// million parameters norms come after the sums; its embedding of fewer channels is refused.
final class OptFamily implements Family {

  private static final double EPSILON = 1e-5; // files do not say
  private static final long LENGTH = 2048;
  private static final int FIRST_PLACE = 2;
  private static final String EMBEDDED = "word_embed_proj_dim";
  private static final String BARE_END = "_remove_final_layer_norm";

  private static final KeyTable KEYS =
      KeyTable.EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.HIDDEN, "hidden_size")
          .with(Field.INNER, "ffn_dim")
          .with(Field.LAYERS, "num_hidden_layers")
          .with(Field.HEADS, "num_attention_heads")
          .with(Field.ACTIVATION, "activation_function")
          .with(Field.LENGTH, "max_position_embeddings")
          .with(Field.NORM_BEFORE, "do_layer_norm_before")
          .with(Field.NORM_GAIN, "layer_norm_elementwise_affine", true)
          .with(Field.FEED_FORWARD_BIAS, "enable_bias")
          .with(Field.TIED, "tie_word_embeddings");

  private static final NameMap NAMES =
      NameMap.of(
              NameRow.of("model.decoder.embed_tokens", Slot.EMBEDDING),
              NameRow.of("model.decoder.embed_positions", Slot.PLACES),
              NameRow.of("model.decoder.final_layer_norm", Slot.LAST_NORM),
              NameRow.of("lm_head", Slot.HEAD),
              NameRow.of("model.decoder.layers.%l.self_attn_layer_norm", Slot.MIXER_NORM),
              NameRow.of("model.decoder.layers.%l.self_attn.q_proj", Slot.QUERY),
              NameRow.of("model.decoder.layers.%l.self_attn.k_proj", Slot.KEY),
              NameRow.of("model.decoder.layers.%l.self_attn.v_proj", Slot.VALUE),
              NameRow.of("model.decoder.layers.%l.self_attn.out_proj", Slot.ATTENTION_OUTPUT),
              NameRow.of("model.decoder.layers.%l.final_layer_norm", Slot.FEED_FORWARD_NORM),
              NameRow.of("model.decoder.layers.%l.fc1", Slot.UP),
              NameRow.of("model.decoder.layers.%l.fc2", Slot.DOWN))
          .optionalPrefix("model.");

  @Override
  public String name() {
    return "opt";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(FileFormat.huggingFace("opt", "OPTForCausalLM", KEYS, NAMES));
  }

  @Override
  public ModelSpec spec(Header header) {
    Settings settings = header.settings();
    int hidden = header.size(Field.HIDDEN);
    if (settings.sizeOr(EMBEDDED, hidden) != hidden) {
      throw settings.bad(EMBEDDED, "the hidden size, %d, the only one supported".formatted(hidden));
    }
    Header.Heads heads = header.heads();
    boolean gain = header.flag(Field.NORM_GAIN, true);
    Norm norm = Norm.layer(EPSILON).with(gain, gain);
    boolean biased = header.flag(Field.FEED_FORWARD_BIAS, true);
    boolean before = header.flag(Field.NORM_BEFORE, true);
    int places = header.places(LENGTH);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biased ? Mixer.Biases.ALL : Mixer.Biases.NONE),
            new FeedForward.Plain(
                header.size(Field.INNER), header.activation(Activation.RELU), biased),
            before ? Residual.before(norm) : Residual.afterSum(norm));
    boolean normedEnd = before && !settings.flag(BARE_END, false);
    return header
        .model(
            name(),
            heads,
            RopeDeclaration.none(places, new MethodTerm("nope")),
            normedEnd ? norm : Norm.NONE,
            layer)
        .withEmbedding(Embedding.PLAIN.withPlaces(places + FIRST_PLACE, FIRST_PLACE))
        .withHead(Head.plain(header.isTied(true)));
  }
}
