package dev.lengthwise.family;

import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.position.ScoreScale;
import java.util.List;

/// Mistral 3: Llama with YaRN and a temperature that grows with the length of the text. Files of
/// Hugging Face are those of its text model alone, `ministral3`.
final class Mistral3Family implements Family {

  private static final double SLOPE = 0.1; // of YaRN's temperature
  private static final double EPSILON = 1e-5;
  private static final long LENGTH = 262_144;

  @Override
  public String name() {
    return "mistral3";
  }

  @Override
  public List<FileFormat> formats() {
    KeyTable keys =
        KeyTable.LLAMA
            .without(Field.ATTENTION_BIAS)
            .without(Field.FEED_FORWARD_BIAS)
            .with(Field.WINDOW, "sliding_window");
    return List.of(
        FileFormat.huggingFace("ministral3", "Ministral3ForCausalLM", keys, Names.LLAMA),
        FileFormat.gguf("mistral3", Names.GGUF)
            .with(KeyTable.GGUF.with(Field.TEMPERATURE, "attention.temperature_scale"))
            .withInterleavedPairs());
  }

  @Override
  public ModelSpec spec(Header header) {
    Header.Heads heads = header.heads();
    Norm norm = Norm.rms(header.number(Field.EPSILON, EPSILON));
    RopeDeclaration rope = header.rope(heads, RopeDeclaration.Defaults.length(LENGTH));
    double slope = slope(header);
    Mixer.Scores scores =
        slope == 0
            ? Mixer.Scores.PLAIN
            : new Mixer.Scores(
                new ScoreScale.LengthSteps(1, slope, 0, rope.trainedLength()), 0, false);
    LayerSpec layer =
        new LayerSpec(
            header.attention(heads).with(scores),
            header.gated(header.size(Field.INNER)),
            Residual.before(norm));
    return header.model(
        name(), heads, magnitude(header, rope), LlamaFamily.hubWindow(header), norm, _ -> layer);
  }

  private static double slope(Header header) {
    return header.isGguf()
        ? header.number(Field.TEMPERATURE, 0)
        : RopeDeclaration.block(header.settings())
            .map(block -> block.number("llama_4_scaling_beta", 0))
            .orElse(0.0);
  }

  // A log multiplier divides the magnitude of YaRN by one of its own kind.
  private static RopeDeclaration magnitude(Header header, RopeDeclaration rope) {
    if (!header.isGguf()) {
      return rope; // there it is in the block of YaRN
    }
    double multiplier = header.settings().number("mistral3.rope.scaling.yarn_log_multiplier", 0);
    if (multiplier == 0 || !rope.method().name().equals("yarn")) {
      return rope;
    }
    double log = Math.log(header.settings().number("mistral3.rope.scaling.factor"));
    double attention = (1 + SLOPE * log) / (1 + SLOPE * multiplier * log);
    return rope.with(rope.method().with("attention", attention));
  }
}
