package dev.lengthwise.family;

import dev.lengthwise.family.NameRow.Arrangement;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.position.MethodTerm;
import java.util.List;

/// Baichuan and Baichuan2: Llama with one fused projection for queries, keys and values.
///
/// The 7B models have rotary positions, the 13B models ALiBi. Headers of Hugging Face differ in one
/// place: a rotary model has `max_position_embeddings`, an ALiBi model only `model_max_length`. In
/// GGUF the number of layers decides, as in llama.cpp. The head of Baichuan2, known by its
/// vocabulary of 125,696 tokens, has rows of length 1 ([Head#unitRows]), in training too.
final class BaichuanFamily implements Family {

  /// Vocabulary of the models whose heads have rows of length 1.
  private static final int NORMALISED_VOCABULARY = 125_696;

  private static final double EPSILON = 1e-6;
  private static final int ROTARY_LAYERS = 32;
  private static final int ALIBI_LAYERS = 40;

  @Override
  public String name() {
    return "baichuan";
  }

  @Override
  public boolean scalesRotation(String method) {
    return false;
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(
            "baichuan",
            "BaichuanForCausalLM",
            KeyTable.LLAMA.without(Field.HEAD_SIZE).without(Field.KEY_VALUE_HEADS),
            Names.LLAMA.replacing(
                NameRow.of("model.layers.%l.self_attn.W_pack", Slot.QUERY, Slot.KEY, Slot.VALUE)
                    .arranged(Arrangement.STACKED))),
        FileFormat.gguf("baichuan", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads), header.gated(header.size(Field.INNER)), Residual.before(norm));
    ModelSpec spec = header.model(name(), heads, positions(header, heads), norm, layer);
    return spec.vocabularySize() == NORMALISED_VOCABULARY
        ? spec.withHead(spec.head().withUnitRows())
        : spec;
  }

  private static RopeDeclaration positions(Header header, Header.Heads heads) {
    if (isRotary(header)) {
      return header.rope(heads, RopeDeclaration.Defaults.length(1));
    }
    long length =
        header.isGguf()
            ? header.tokens(Field.LENGTH)
            : header.settings().tokens("model_max_length");
    return RopeDeclaration.none(length, new MethodTerm("alibi"));
  }

  private static boolean isRotary(Header header) {
    if (!header.isGguf()) {
      return header.has(Field.LENGTH);
    }
    return switch (header.size(Field.LAYERS)) {
      case ROTARY_LAYERS -> true;
      case ALIBI_LAYERS -> false;
      default ->
          throw header.bad(
              Field.LAYERS,
              "%d (rotary positions) or %d (ALiBi)".formatted(ROTARY_LAYERS, ALIBI_LAYERS));
    };
  }
}
