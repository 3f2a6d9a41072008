package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import java.util.List;

/// Phi-3 and Phi-4-mini: Llama with joined projections, LongRoPE, rotation of a part of each head,
/// and in Hugging Face's files a window on every layer; llama.cpp ignores the window.
final class Phi3Family implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 4096;
  private static final NameRow INNER =
      NameRow.of("model.layers.%l.mlp.gate_up_proj", Slot.GATE, Slot.UP);

  @Override
  public String name() {
    return "phi3";
  }

  @Override
  public boolean scalesRotation(String method) {
    return method.equals("longrope");
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA.without(Field.FEED_FORWARD_BIAS).with(Field.WINDOW, "sliding_window");
    NameMap names =
        Names.LLAMA.replacing(
            NameRow.of("model.layers.%l.self_attn.qkv_proj", Slot.QUERY, Slot.KEY, Slot.VALUE),
            INNER);
    NameMap gguf = Names.GGUF_JOINED.replacing(NameRow.of("blk.%l.ffn_up", Slot.GATE, Slot.UP));
    return List.of(
        FileFormat.huggingFace("phi3", "Phi3ForCausalLM", keys, names),
        FileFormat.gguf("phi3", gguf));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads), header.gated(header.size(Field.INNER)), Residual.before(norm));
    return header.model(
        name(),
        heads,
        header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)),
        LlamaFamily.hubWindow(header),
        norm,
        _ -> layer);
  }
}
