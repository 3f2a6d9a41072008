package dev.lengthwise.family;

import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.ScoreScale;
import java.util.List;

/// Mistral 3 as GGUF files: Llama with YaRN and a temperature that grows with the length of the
/// text.
final class Mistral3Family implements Family {

  private static final double SLOPE = 0.1;

  @Override
  public String name() {
    return "mistral3";
  }

  @Override
  public List<FileFormat> formats() {
    return List.of(FileFormat.gguf("mistral3", Names.GGUF).withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON));
    RopeDeclaration rope = header.rope(heads, RopeDeclaration.Defaults.length(1));
    double slope = header.settings().number("mistral3.attention.temperature_scale", 0);
    Mixer.Scores scores =
        slope == 0
            ? Mixer.Scores.PLAIN
            : new Mixer.Scores(
                new ScoreScale.LengthSteps(1, slope, 0, rope.trainedLength()), 0, false);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(scores),
            FeedForward.Gated.silu(header.size(Field.INNER)),
            Residual.before(norm));
    return header.model(name(), heads, magnitude(header, rope), norm, layer);
  }

  // A log multiplier divides the magnitude of YaRN by one of its own kind.
  private static RopeDeclaration magnitude(Header header, RopeDeclaration rope) {
    double multiplier = header.settings().number("mistral3.rope.scaling.yarn_log_multiplier", 0);
    if (multiplier == 0 || !rope.method().name().equals("yarn")) {
      return rope;
    }
    double log = Math.log(header.settings().number("mistral3.rope.scaling.factor"));
    double attention = (1 + SLOPE * log) / (1 + SLOPE * multiplier * log);
    return rope.with(rope.method().with("attention", attention));
  }
}
