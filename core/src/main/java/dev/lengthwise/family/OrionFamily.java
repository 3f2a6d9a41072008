package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;

/// Orion: Llama with layer norms.
final class OrionFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 4096;

  @Override
  public String name() {
    return "orion";
  }

  @Override
  public boolean scalesRotation(String method) {
    return false;
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("orion", "OrionForCausalLM", KeyTable.LLAMA, Names.LLAMA),
        FileFormat.gguf("orion", Names.GGUF).with(KeyTable.GGUF_LAYER_NORM));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.layer(header.number(Field.EPSILON, EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads), header.gated(header.size(Field.INNER)), Residual.before(norm));
    return header.model(
        name(), heads, header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)), norm, layer);
  }
}
