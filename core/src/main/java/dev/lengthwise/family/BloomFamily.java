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

/// BLOOM: ALiBi, a norm after the embedding, and rows of queries, keys and values head by head.
final class BloomFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 2048;

  private static final KeyTable KEYS =
      KeyTable.EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.HIDDEN, "hidden_size")
          .alsoReading(Field.HIDDEN, "n_embed")
          .with(Field.LAYERS, "n_layer")
          .alsoReading(Field.LAYERS, "num_hidden_layers")
          .with(Field.HEADS, "n_head")
          .alsoReading(Field.HEADS, "num_attention_heads")
          .with(Field.LENGTH, "seq_length")
          .with(Field.EPSILON, "layer_norm_epsilon")
          .with(Field.TIED, "tie_word_embeddings")
          .with(Field.FROM_NORMED, "apply_residual_connection_post_layernorm", false);

  private static final NameMap NAMES =
      Names.BLOOM
          .with(NameRow.of("transformer.word_embeddings_layernorm", Slot.EMBEDDING_NORM))
          .optionalPrefix("transformer.");

  @Override
  public String name() {
    return "bloom";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("bloom", "BloomForCausalLM", KEYS, NAMES),
        FileFormat.gguf("bloom", Names.GGUF_JOINED).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(Mixer.Biases.ALL),
            new FeedForward.Plain(header.innerOr(4), Activation.GELU_TANH, true),
            header.flag(Field.FROM_NORMED, false)
                ? Residual.fromNormed(norm)
                : Residual.before(norm));
    RopeDeclaration positions =
        RopeDeclaration.none(header.tokens(Field.LENGTH, LENGTH), new MethodTerm("alibi"));
    return header
        .model(name(), heads, positions, norm, layer)
        .withEmbedding(Embedding.normed(norm))
        .withHead(Head.plain(header.isTied(true)));
  }
}
