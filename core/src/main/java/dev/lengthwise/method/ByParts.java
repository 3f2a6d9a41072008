package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodArguments;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.RotaryTable;
import java.util.List;

/// The NTK-by-parts rule of YaRN: fast pairs keep their frequency, slow ones turn `s` times slower,
/// and those between follow a ramp.
///
///     θ'_m = θ_m · (γ_m + (1 − γ_m)/s)
///
/// Over a text of the trained length `N`, pair `m` makes `r_m = N·θ_m/2π` turns. With [Ramp#TURNS]
/// (paper), `γ_m = clamp((r_m − low)/(high − low))`. With [Ramp#INDEX] (released code, Hugging Face
/// and llama.cpp), the ramp is linear in the pair index between the pairs that make `high` and
/// `low` turns, `index(r) = d·ln(N/2πr)/(2·ln base)`.
///
/// Source: Peng et al. 2023, "YaRN", with jquesnelle/yarn and Hugging Face's `rope_utils`.
///
/// @param original tokens that the frequencies were trained for, `N`
/// @param low turns below which a pair is slowed fully, β_slow
/// @param high turns above which a pair is left alone, β_fast
/// @param ramp what the ramp is linear in
/// @param truncate whether an index ramp begins and ends at whole pairs
public record ByParts(long original, double low, double high, Ramp ramp, boolean truncate) {

  /// What the ramp is linear in.
  public enum Ramp {
    /// The pair index.
    INDEX,
    /// The turns that a pair makes.
    TURNS
  }

  static final double DEFAULT_LOW = 1;
  static final double DEFAULT_HIGH = 32;

  /// Width of a ramp whose ends fall on the same pair.
  private static final double LEAST_WIDTH = 0.001;

  /// Checks the constants.
  public ByParts {
    Checks.tokens("by-parts scaling", "original", original, 1);
    Checks.positive("by-parts scaling", "low", low);
    Checks.positive("by-parts scaling", "high", high);
    Checks.below("by-parts scaling", "low", low, "high", high);
  }

  static List<MethodParameter> parameters() {
    return List.of(
        MethodParameter.original(),
        MethodParameter.number("low", "1", "turns below which a pair is slowed fully (β_slow)"),
        MethodParameter.number("high", "32", "turns above which a pair is left alone (β_fast)"),
        MethodParameter.word(
            "ramp",
            "what the ramp between is linear in: the pair index (code) or the turns (paper)",
            List.of("index", "turns")),
        MethodParameter.flag(
            "truncate", true, "whether an index ramp begins and ends at whole pairs"));
  }

  static ByParts of(MethodArguments parameters, ModelShape shape) {
    return new ByParts(
        parameters.tokens("original", shape.trainedLength()),
        parameters.number("low", DEFAULT_LOW),
        parameters.number("high", DEFAULT_HIGH),
        parameters.word("ramp").equals("turns") ? Ramp.TURNS : Ramp.INDEX,
        parameters.flag("truncate", true));
  }

  MethodTerm write(MethodTerm term) {
    return term.with("original", original)
        .with("low", low)
        .with("high", high)
        .with("ramp", ramp == Ramp.TURNS ? "turns" : "index")
        .with("truncate", truncate);
  }

  /// The frequencies of a model stretched by `factor`; the plain ones for a factor of 1.
  public RotaryTable table(ModelShape shape, double factor) {
    if (factor == 1) {
      return shape.plainRotary();
    }
    RotaryTable plain = shape.plainRotary();
    return Frequencies.divided(
        shape, pair -> divisor(kept(shape, pair, plain.frequency(pair)), factor));
  }

  /// The first and the last pair of an index ramp.
  public double[] rampEnds(ModelShape shape) {
    double first = index(shape, high);
    double last = index(shape, low);
    if (truncate) {
      first = Math.floor(first);
      last = Math.ceil(last);
    }
    first = Math.max(first, 0);
    last = Math.max(first, Math.min(last, shape.rotarySize() - 1.0));
    return new double[] {first, last};
  }

  /// `γ` of a pair: the share of its own frequency that it keeps.
  private double kept(ModelShape shape, int pair, double frequency) {
    return switch (ramp) {
      case TURNS -> clamp((original * frequency / (2 * Math.PI) - low) / (high - low));
      case INDEX -> {
        double[] ends = rampEnds(shape);
        double width = ends[0] == ends[1] ? LEAST_WIDTH : ends[1] - ends[0];
        yield 1 - clamp((pair - ends[0]) / width);
      }
    };
  }

  private static double divisor(double kept, double factor) {
    if (kept == 0 || kept == 1) {
      return kept == 0 ? factor : 1;
    }
    return 1 / (kept + (1 - kept) / factor);
  }

  private double index(ModelShape shape, double turns) {
    return shape.rotarySize()
        * Math.log(original / (2 * Math.PI * turns))
        / (2 * Math.log(shape.rotaryBase()));
  }

  private static double clamp(double value) {
    return Math.clamp(value, 0, 1);
  }
}
