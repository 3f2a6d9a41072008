package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
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
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.MethodTerm;
import java.util.ArrayList;
import java.util.List;

/// GPT-Neo and TinyStories: learned places, scores that are not scaled, and a window on the layers
/// that `attention_types` calls local: a list of `[[type, …], repetitions]`.
final class GptNeoFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 2048;
  private static final long WINDOW = 256;
  private static final String TYPES = "attention_types";

  private static final KeyTable KEYS =
      KeyTable.EMPTY
          .with(Field.VOCABULARY, "vocab_size")
          .with(Field.HIDDEN, "hidden_size")
          .with(Field.INNER, "intermediate_size")
          .with(Field.LAYERS, "num_layers")
          .with(Field.HEADS, "num_heads")
          .with(Field.ACTIVATION, "activation_function")
          .with(Field.LENGTH, "max_position_embeddings")
          .with(Field.EPSILON, "layer_norm_epsilon")
          .with(Field.LOCAL_LAYERS, TYPES)
          .with(Field.LOCAL_WINDOW, "window_size")
          .with(Field.TIED, "tie_word_embeddings");

  private static final NameMap NAMES =
      Names.GPT2.replacing(
          NameRow.of("transformer.h.%l.attn.attention.q_proj", Slot.QUERY),
          NameRow.of("transformer.h.%l.attn.attention.k_proj", Slot.KEY),
          NameRow.of("transformer.h.%l.attn.attention.v_proj", Slot.VALUE),
          NameRow.of("transformer.h.%l.attn.attention.out_proj", Slot.ATTENTION_OUTPUT));

  @Override
  public String name() {
    return "gpt-neo";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(FileFormat.huggingFace("gpt_neo", "GPTNeoForCausalLM", KEYS, NAMES));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    int places = header.places(LENGTH);
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(new Mixer.Biases(false, false, false, true))
                .with(Mixer.Scores.scaled(Math.sqrt(heads.size()))),
            new FeedForward.Plain(header.innerOr(4), header.activation(Activation.GELU_TANH), true),
            Residual.before(norm));
    ModelSpec spec =
        header
            .model(name(), heads, RopeDeclaration.none(places, new MethodTerm("nope")), norm, layer)
            .withEmbedding(Embedding.PLAIN.withPlaces(places, 0))
            .withHead(Head.plain(header.isTied(true)));
    LayerRule local = LayerRule.Local.window(header.tokens(Field.LOCAL_WINDOW, WINDOW));
    return LayerRules.of(spec, local(header, spec.layers().size()), local, new LayerRule.Global());
  }

  private static List<Boolean> local(Header header, int layers) {
    List<Boolean> local = new ArrayList<>();
    if (!header.has(Field.LOCAL_LAYERS)) {
      for (int layer = 0; layer < layers; layer++) {
        local.add(layer % 2 == 1);
      }
      return local;
    }
    String expected =
        "a list of [[\"global\" or \"local\", …], repetitions] for %d layers".formatted(layers);
    for (JsonNode part : header.settings().values().path(TYPES)) {
      int times = Math.min(part.path(1).asInt(), layers + 1);
      for (int n = 0; n < times && local.size() <= layers; n++) {
        for (JsonNode type : part.path(0)) {
          local.add(
              switch (type.asText()) {
                case "global" -> false;
                case "local" -> true;
                default -> throw header.bad(Field.LOCAL_LAYERS, expected);
              });
        }
      }
    }
    if (local.size() != layers) {
      throw header.bad(Field.LOCAL_LAYERS, expected);
    }
    return local;
  }
}
