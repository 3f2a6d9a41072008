package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import java.util.List;

/// Arcee (AFM-4.5B): Llama without gates, whose inner channels are squared after a ReLU.
final class ArceeFamily implements Family {

  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 4096;

  @Override
  public String name() {
    return "arcee";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(
        FileFormat.huggingFace("arcee", "ArceeForCausalLM", KeyTable.LLAMA, Names.LLAMA),
        FileFormat.gguf("arcee", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    Activation activation = header.activation(Activation.RELU_SQUARED);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(LlamaFamily.biases(header)),
            new FeedForward.Plain(
                header.size(Field.INNER), activation, header.flag(Field.FEED_FORWARD_BIAS, false)),
            Residual.before(norm));
    return header.model(
        name(), heads, header.rope(heads, RopeDeclaration.Defaults.length(LENGTH)), norm, layer);
  }
}
