package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
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

/// GPT-BigCode (StarCoder, SantaCoder): GPT-2 whose query heads may share one key and one value.
final class GptBigCodeFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 1024;

  private static final NameMap NAMES =
      Names.GPT2.replacing(
          NameRow.of("transformer.h.%l.attn.c_attn", Slot.QUERY, Slot.KEY, Slot.VALUE)
              .arranged(Arrangement.BY_GROUP));

  @Override
  public String name() {
    return "gpt-bigcode";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(
            "gpt_bigcode",
            "GPTBigCodeForCausalLM",
            KeyTable.GPT2.with(Field.MULTI_QUERY, "multi_query"),
            NAMES),
        FileFormat.gguf("starcoder", Names.GGUF_JOINED).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public ModelSpec spec(Header header) {
    int count = header.size(Field.HEADS);
    boolean shared = !header.isGguf() && header.flag(Field.MULTI_QUERY, true);
    Header.Heads heads = header.heads(shared ? 1 : count);
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    int places = header.places(LENGTH);
    boolean scaled = header.isGguf() || header.settings().flag("scale_attn_weights", true);
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(Mixer.Biases.ALL)
                .with(scaled ? Mixer.Scores.PLAIN : Mixer.Scores.scaled(Math.sqrt(heads.size()))),
            new FeedForward.Plain(header.innerOr(4), header.activation(Activation.GELU_TANH), true),
            Residual.before(norm));
    return header
        .model(name(), heads, RopeDeclaration.none(places, new MethodTerm("nope")), norm, layer)
        .withEmbedding(Embedding.PLAIN.withPlaces(places, 0))
        .withHead(Head.plain(header.isTied(true)));
  }
}
