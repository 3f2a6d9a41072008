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
  private static final long LENGTH = 1024;

  private static final NameMap NAMES =
      Names.GPT2.transposed(Slot.QUERY, Slot.ATTENTION_OUTPUT, Slot.UP, Slot.DOWN);

  @Override
  public String name() {
    return "gpt2";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("gpt2", "GPT2LMHeadModel", KeyTable.GPT2, NAMES),
        FileFormat.gguf("gpt2", Names.GGUF_JOINED).with(KeyTable.GGUF_LAYER_NORM));
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
