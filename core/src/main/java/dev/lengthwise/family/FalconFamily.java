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
import java.util.stream.Stream;

/// Falcon: attention and feed-forward block side by side behind one norm (7B) or two (40B), few key
/// and value heads; the first models (rw) in sequence, with a bias that falls with the distance and
/// is divided by the root of the head size.
final class FalconFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 2048;

  private static final KeyTable KEYS =
      KeyTable.EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.HIDDEN, "hidden_size")
          .alsoReading(Field.HIDDEN, "n_embed")
          .with(Field.LAYERS, "num_hidden_layers")
          .alsoReading(Field.LAYERS, "n_layer")
          .with(Field.HEADS, "num_attention_heads")
          .alsoReading(Field.HEADS, "n_head")
          .with(Field.KEY_VALUE_HEADS, "num_kv_heads")
          .alsoReading(Field.KEY_VALUE_HEADS, "n_head_kv")
          .with(Field.INNER, "ffn_hidden_size")
          .with(Field.LENGTH, "max_position_embeddings")
          .with(Field.ACTIVATION, "activation")
          .with(Field.EPSILON, "layer_norm_epsilon")
          .with(Field.ROTARY_BASE, "rope_theta")
          .with(Field.ATTENTION_BIAS, "bias")
          .with(Field.ALIBI, "alibi")
          .with(Field.PARALLEL, "parallel_attn")
          .with(Field.PARALLEL_NORMS, "num_ln_in_parallel_attn")
          .with(Field.MULTI_QUERY, "multi_query")
          .with(Field.GROUPED, "new_decoder_architecture")
          .with(Field.TIED, "tie_word_embeddings");

  private static final FileFormat HUGGING_FACE =
      FileFormat.huggingFace("falcon", "FalconForCausalLM", KEYS, Names.BLOOM)
          .alsoReading("RefinedWebModel", "RefinedWeb");
  private static final FileFormat GGUF =
      FileFormat.gguf("falcon", Names.GGUF_JOINED).with(KeyTable.GGUF_LAYER_NORM);

  @Override
  public String name() {
    return "falcon";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(withTwoNorms(HUGGING_FACE), withTwoNorms(GGUF));
  }

  @Override
  public Optional<FileFormat> formatIn(Container container, ModelSpec spec) {
    Residual.Order order = spec.layers().getFirst().residual().order();
    boolean two = order == Residual.Order.PARALLEL;
    // llama.cpp has neither ALiBi nor branches one after the other for it.
    boolean known = container != Container.GGUF || (spec.shape().hasRotary() && order.isParallel());
    return Stream.of(HUGGING_FACE, GGUF)
        .filter(format -> known && format.container() == container)
        .map(format -> two ? withTwoNorms(format) : format)
        .findFirst();
  }

  // Where branches side by side have norms of their own, these are called otherwise.
  private static FileFormat withTwoNorms(FileFormat format) {
    boolean gguf = format.container() == Container.GGUF;
    String attention = gguf ? "blk.%l.attn_norm_2" : "transformer.h.%l.ln_attn";
    String feedForward = gguf ? "blk.%l.attn_norm" : "transformer.h.%l.ln_mlp";
    return format.with(
        format
            .names()
            .with(
                NameRow.of(attention, Slot.MIXER_NORM),
                NameRow.of(feedForward, Slot.FEED_FORWARD_NORM)));
  }

  @Override
  public ModelSpec spec(Header header) {
    boolean newest = !header.isGguf() && header.flag(Field.GROUPED, false);
    boolean alibi = !header.isGguf() && header.flag(Field.ALIBI, false);
    Header.Heads heads = heads(header, newest);
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    boolean biased = header.flag(Field.ATTENTION_BIAS, false);
    Activation usual = header.isGguf() ? Activation.GELU_TANH : Activation.GELU;
    int inner = header.innerOr(4);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(biased ? Mixer.Biases.ALL : Mixer.Biases.NONE),
            new FeedForward.Plain(inner, header.activation(usual), biased),
            residual(header, newest, norm));
    RopeDeclaration positions =
        alibi
            ? RopeDeclaration.none(header.tokens(Field.LENGTH, LENGTH), alibi(heads))
            : header.rope(heads, RopeDeclaration.Defaults.length(LENGTH));
    return header
        .model(name(), heads, positions, norm, layer)
        .withHead(Head.plain(header.isTied(true)));
  }

  // One key head for all queries, unless the header says otherwise.
  private static Header.Heads heads(Header header, boolean newest) {
    int queries = header.size(Field.HEADS);
    if (header.isGguf() || newest) {
      return header.heads(queries);
    }
    boolean one = header.flag(Field.MULTI_QUERY, true);
    return new Header.Heads(queries, one ? 1 : queries, header.heads(1).size());
  }

  private static Residual residual(Header header, boolean newest, Norm norm) {
    if (header.isGguf()) {
      return header.hasTensor("blk.0.attn_norm_2.weight")
          ? Residual.parallel(norm)
          : Residual.parallelShared(norm);
    }
    if (newest) {
      boolean one = header.sizeOr(Field.PARALLEL_NORMS, 2) == 1;
      return one ? Residual.parallelShared(norm) : Residual.parallel(norm);
    }
    return header.flag(Field.PARALLEL, true)
        ? Residual.parallelShared(norm)
        : Residual.before(norm);
  }

  private static MethodTerm alibi(Header.Heads heads) {
    return new MethodTerm("alibi").with("factor", 1 / Math.sqrt(heads.size()));
  }
}
