package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;

/// Qwen3: Llama with a norm on each head of queries and keys, before they turn.
final class Qwen3Family implements Family {

  private static final double EPSILON = 1e-6;
  private static final long LENGTH = 32_768;

  @Override
  public String name() {
    return "qwen3";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace(
            "qwen3",
            "Qwen3ForCausalLM",
            KeyTable.LLAMA.with(Field.WINDOW, "sliding_window"),
            Names.LLAMA_WITH_HEAD_NORMS),
        FileFormat.gguf("qwen3", Names.GGUF));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header
                .attention(heads)
                .with(LlamaFamily.biases(header))
                .with(new Mixer.HeadNorm(norm, Mixer.HeadNorm.Extent.HEAD)),
            header.gated(header.size(Field.INNER)),
            Residual.before(norm));
    return Qwen2Family.model(
        header,
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        norm,
        _ -> layer);
  }
}
