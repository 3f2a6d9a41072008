package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.OwnLayers;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.Retention;
import dev.lengthwise.position.RotaryTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a Hugging Face configuration says about positions, as keys and tensors of GGUF.
///
/// What llama.cpp has no word for becomes a remark.
final class GgufRope {

  private static final double TEMPERATURE_SLOPE = 0.1;

  private final Checkpoint checkpoint;
  private final ModelSpec spec;
  private final Settings config;
  private final String architecture;
  private final List<String> remarks = new ArrayList<>();

  GgufRope(Checkpoint checkpoint, ModelSpec spec, Settings config, String architecture) {
    this.checkpoint = checkpoint;
    this.spec = spec;
    this.config = config;
    this.architecture = architecture;
  }

  private Optional<Settings> block() {
    return RopeDeclaration.block(config);
  }

  private String type() {
    return block()
        .flatMap(block -> block.text("rope_type").or(() -> block.text("type")))
        .orElse("default");
  }

  /// Puts the keys of the scaling and of a window; returns what they cannot say.
  List<String> put(GgufMetadata metadata) {
    block().ifPresent(block -> putScaling(block, metadata));
    if (spec.declared() instanceof OwnLayers(PositionMethod _, List<LayerRule> rules)) {
      putWindow(rules, metadata);
    } else {
      putWindow(metadata);
    }
    if (config.has("length_extrapolation")) {
      remarks.add(
          "The file does not hold the \"length_extrapolation\" of config.json; name the method with"
              + " --method.");
    }
    return remarks;
  }

  // One window of all layers.
  private void putWindow(GgufMetadata metadata) {
    Retention seen = declared().retention();
    if (!seen.keepsAll() && seen.prefix() == 0) {
      metadata.putWhole(key("attention.sliding_window"), seen.window());
      remarks.add(
          "llama.cpp ignores the attention window of %d tokens that this model declares."
              .formatted(seen.window()));
    }
  }

  // The window of layers that have one; which they are the architecture knows.
  private void putWindow(List<LayerRule> rules, GgufMetadata metadata) {
    for (LayerRule rule : rules) {
      if (rule instanceof LayerRule.Local(Region region, LayerRule.Rotation rotation)) {
        metadata.putWhole(key("attention.sliding_window"), region.retention().window());
        if (rotation instanceof LayerRule.Rotation.Plain(double base)
            && base != spec.shape().rotaryBase()) {
          metadata.putFloat(key("rope.freq_base_swa"), base);
        }
        return;
      }
    }
  }

  private AttentionPlan declared() {
    PositionMethod method = spec.declared();
    return new PlanFunction(spec.shape(), method, method).plan(0, spec.shape().trainedLength());
  }

  private void putScaling(Settings block, GgufMetadata metadata) {
    switch (type()) {
      case "linear" ->
          metadata
              .putText(key("rope.scaling.type"), "linear")
              .putFloat(key("rope.scaling.factor"), block.number("factor"));
      case "dynamic" ->
          remarks.add(
              "GGUF has no dynamic NTK scaling: up to %d tokens the file is the model, beyond them it has plain rotary positions."
                  .formatted(spec.shape().trainedLength()));
      case "yarn" -> putYarn(block, metadata);
      case "longrope", "su" -> putLongRope(block, metadata);
      case "llama3" -> putOriginal(metadata);
      default -> {}
    }
  }

  private void putOriginal(GgufMetadata metadata) {
    metadata.putWhole(key("rope.scaling.original_context_length"), spec.shape().trainedLength());
  }

  private void putYarn(Settings block, GgufMetadata metadata) {
    double factor = block.number("factor");
    metadata.putText(key("rope.scaling.type"), "yarn").putFloat(key("rope.scaling.factor"), factor);
    putOriginal(metadata);
    if (block.has("beta_slow")) {
      metadata.putFloat(key("rope.scaling.yarn_beta_slow"), block.number("beta_slow"));
    }
    if (block.has("beta_fast")) {
      metadata.putFloat(key("rope.scaling.yarn_beta_fast"), block.number("beta_fast"));
    }
    double usual = temperature(1, factor);
    double attention = yarnAttention(block, factor);
    if (isLatent(spec) && attention == 1) {
      metadata.putFloat(
          key("rope.scaling.yarn_log_multiplier"),
          TEMPERATURE_SLOPE * block.number("mscale_all_dim", 0));
    } else if (attention != usual) {
      metadata.putFloat(key("rope.scaling.attn_factor"), attention / usual);
    }
    if (!block.flag("truncate", true)) {
      remarks.add("GGUF cannot say \"truncate\": false; frequencies near the ramp will differ.");
    }
  }

  /// Whether it has DeepSeek's attention, whose scores have the magnitude of YaRN in place of the
  /// rotation.
  static boolean isLatent(ModelSpec spec) {
    return spec.layers().stream().anyMatch(layer -> layer.mixer() instanceof Mixer.LatentAttention);
  }

  // Hugging Face: attention_factor, or else a quotient of two temperatures, or else the usual one.
  private static double yarnAttention(Settings block, double factor) {
    boolean both = block.number("mscale", 0) != 0 && block.number("mscale_all_dim", 0) != 0;
    double computed =
        both
            ? temperature(block.number("mscale"), factor)
                / temperature(block.number("mscale_all_dim"), factor)
            : temperature(1, factor);
    return block.number("attention_factor", computed);
  }

  private static double temperature(double slope, double factor) {
    return factor <= 1 ? 1 : 1 + TEMPERATURE_SLOPE * slope * Math.log(factor);
  }

  private void putLongRope(Settings block, GgufMetadata metadata) {
    long original = spec.shape().trainedLength();
    long context = config.tokens("max_position_embeddings", original);
    double computed = RopeDeclaration.longRopeAttention((double) context / original, original);
    metadata
        .putText(key("rope.scaling.type"), "longrope")
        .putFloat(key("rope.scaling.factor"), (double) context / original)
        .putFloat(key("rope.scaling.attn_factor"), block.number("attention_factor", computed));
    putOriginal(metadata);
  }

  private String key(String part) {
    return architecture + "." + part;
  }

  /// The divisors of the frequencies, where the scaling is one that GGUF keeps as tensors.
  List<GgufParts.Part> tensors() {
    List<GgufParts.Part> tensors =
        switch (type()) {
          case "llama3" -> List.of(factors("rope_freqs.weight", divisors()));
          case "longrope", "su" -> longRopeTensors();
          default -> List.of();
        };
    if (!tensors.isEmpty() && !architecture.equals("llama")) {
      throw new LengthwiseException(
          "%s declares the scaling %s, which llama.cpp does not know for the architecture %s."
              .formatted(checkpoint.path(), type(), architecture));
    }
    return tensors;
  }

  private List<GgufParts.Part> longRopeTensors() {
    Settings block = block().orElseThrow();
    return List.of(
        factors("rope_factors_long.weight", block.numbers("long_factor")),
        factors("rope_factors_short.weight", block.numbers("short_factor")));
  }

  private static GgufParts.Part factors(String name, List<Double> factors) {
    float[] values = new float[factors.size()];
    for (int pair = 0; pair < values.length; pair++) {
      values[pair] = factors.get(pair).floatValue();
    }
    return new GgufParts.Part(name, TensorEntry.ofFloats(name, values));
  }

  // How much slower than without scaling each pair turns.
  private List<Double> divisors() {
    ModelShape shape = spec.shape();
    RotaryTable plain = shape.plainRotary();
    RotaryTable scaled = spec.declared().parts(shape, 0, shape.trainedLength()).rotary();
    List<Double> divisors = new ArrayList<>();
    for (int pair = 0; scaled != null && pair < plain.pairs(); pair++) {
      divisors.add(plain.frequency(pair) / scaled.frequency(pair));
    }
    return divisors;
  }
}
