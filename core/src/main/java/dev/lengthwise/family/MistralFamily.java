package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.MethodTerm;
import java.util.List;
import java.util.Optional;

/// Mistral as Hugging Face files: Llama, in the first version with a window on every layer, in
/// Ministral on the layers that `layer_types` names. GGUF files of it have Llama's name, and
/// [LlamaFamily] reads them.
final class MistralFamily implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 131_072;
  private static final long WINDOW = 4096;
  private static final String MINISTRAL = "ministral";

  @Override
  public String name() {
    return "mistral";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys = KeyTable.LLAMA.with(Field.WINDOW, "sliding_window");
    return List.of(
        FileFormat.huggingFace("mistral", "MistralForCausalLM", keys, Names.LLAMA),
        FileFormat.huggingFace(MINISTRAL, "MinistralForCausalLM", keys, Names.LLAMA),
        FileFormat.gguf("llama", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads), header.gated(header.size(Field.INNER)), Residual.before(norm));
    RopeDeclaration rope = header.rope(heads, RopeDeclaration.Defaults.length(LENGTH));
    if (header.type().equals(MINISTRAL)) {
      return Qwen2Family.sliding(
          header, name(), heads, rope, norm, _ -> layer, header.sliding(_ -> true));
    }
    return header.model(name(), heads, rope, window(header), norm, _ -> layer);
  }

  // A file without the key means the first version's window; one with null means none.
  private static Optional<MethodTerm> window(Header header) {
    boolean absent = !header.settings().values().has("sliding_window");
    return absent || header.has(Field.WINDOW)
        ? Optional.of(LlamaFamily.windowOf(header.tokens(Field.WINDOW, WINDOW)))
        : Optional.empty();
  }
}
