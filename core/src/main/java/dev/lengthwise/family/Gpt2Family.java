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
import java.util.Optional;

/// GPT-2: a learned vector for each place, layer norms, and matrices that Hugging Face's files hold
/// as `[inputs, outputs]`.
final class Gpt2Family implements Family {

  private static final double EPSILON = 1e-5;
  private static final int LENGTH = 1024;

  static final KeyTable KEYS =
      KeyTable.EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.HIDDEN, "n_embd")
          .with(Field.LAYERS, "n_layer")
          .with(Field.HEADS, "n_head")
          .with(Field.INNER, "n_inner")
          .with(Field.LENGTH, "n_positions")
          .with(Field.ACTIVATION, "activation_function")
          .with(Field.EPSILON, "layer_norm_epsilon")
          .with(Field.TIED, "tie_word_embeddings");

  private static final NameMap NAMES =
      NameMap.of(
              NameRow.of("transformer.wte", Slot.EMBEDDING),
              NameRow.of("transformer.wpe", Slot.PLACES),
              NameRow.of("transformer.ln_f", Slot.LAST_NORM),
              NameRow.of("lm_head", Slot.HEAD),
              NameRow.of("transformer.h.%l.ln_1", Slot.MIXER_NORM),
              NameRow.of("transformer.h.%l.attn.c_attn", Slot.QUERY, Slot.KEY, Slot.VALUE)
                  .asTransposed(),
              NameRow.of("transformer.h.%l.attn.c_proj", Slot.ATTENTION_OUTPUT).asTransposed(),
              NameRow.of("transformer.h.%l.ln_2", Slot.FEED_FORWARD_NORM),
              NameRow.of("transformer.h.%l.mlp.c_fc", Slot.UP).asTransposed(),
              NameRow.of("transformer.h.%l.mlp.c_proj", Slot.DOWN).asTransposed())
          .optionalPrefix("transformer.")
          // Older files hold masks beside the weights.
          .ignoring("(transformer\\.)?h\\.\\d+\\.attn\\.(bias|masked_bias)");

  @Override
  public String name() {
    return "gpt2";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("gpt2", "GPT2LMHeadModel", KEYS, NAMES),
        FileFormat.gguf("gpt2", Names.GGUF_JOINED).with(KeyTable.GGUF_LAYER_NORM));
  }

  // llama.cpp has no scale of scores for it.
  @Override
  public Optional<FileFormat> formatIn(Container container, ModelSpec spec) {
    return container == Container.GGUF && spec.scalesScores()
        ? Optional.empty()
        : Family.super.formatIn(container, spec);
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    int inner = header.innerOr(4);
    int places = header.places(LENGTH);
    Mixer.Attention attention = header.attention(heads).with(Mixer.Biases.ALL);
    FeedForward feedForward =
        new FeedForward.Plain(inner, header.activation(Activation.GELU_TANH), true);
    return header
        .model(
            name(),
            heads,
            RopeDeclaration.none(places, new MethodTerm("nope")),
            Optional.empty(),
            norm,
            layer ->
                new LayerSpec(
                    attention.with(scores(header, heads, layer)),
                    feedForward,
                    Residual.before(norm)))
        .withEmbedding(Embedding.PLAIN.withPlaces(places, 0))
        .withHead(Head.plain(header.isTied(true)));
  }

  private static Mixer.Scores scores(Header header, Header.Heads heads, int layer) {
    if (header.isGguf()) {
      return Mixer.Scores.PLAIN;
    }
    Settings config = header.settings();
    double scale = config.flag("scale_attn_weights", true) ? 1 : Math.sqrt(heads.size());
    boolean byLayer = config.flag("scale_attn_by_inverse_layer_idx", false);
    return Mixer.Scores.scaled(byLayer ? scale / (layer + 1) : scale);
  }
}
