package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.MethodTerm;
import java.util.List;

/// Refact as GGUF files: Llama with ALiBi in place of the rotation, and one key head.
final class RefactFamily implements Family {

  @Override
  public String name() {
    return "refact";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(FileFormat.gguf("refact", Names.GGUF));
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON));
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads),
            FeedForward.Gated.silu(header.size(Field.INNER)),
            Residual.before(norm));
    RopeDeclaration positions =
        RopeDeclaration.none(header.tokens(Field.LENGTH), new MethodTerm("alibi"));
    return header.model(name(), heads, positions, norm, layer);
  }
}
