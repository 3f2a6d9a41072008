package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodArguments;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// YaRN: the frequencies of [ByParts] and a temperature, the amplitude of what turns.
///
///     amplitude = attention = 0.1·ln(factor) + 1
///
/// Scores of heads that turn whole are multiplied by its square. Of other heads, channels that do
/// not turn keep their part of the score, as in Hugging Face's code and llama.cpp. DeepSeek instead
/// multiplies whole scores ([RotaryTable#sharpness]).
///
/// Source: Peng et al. 2023, "YaRN"; Hugging Face's type `yarn`.
///
/// @param factor by how much slow pairs slow down
/// @param rule which pairs are slow
/// @param attention the amplitude; Hugging Face's `attention_factor`
/// @param scores the sharpness
public record Yarn(double factor, ByParts rule, double attention, double scores)
    implements PositionMethod {

  private static final double TEMPERATURE_SLOPE = 0.1;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "yarn",
          "NTK-by-parts frequencies and a temperature that sharpens attention.",
          "Peng et al. 2023, YaRN, arXiv 2309.00071",
          "The best of the methods that change only frequencies: factor × the trained length, also"
              + " without training. Remembers everything.",
          parameters(),
          (parameters, shape, declared) -> {
            Checks.rotary("yarn", shape);
            ByParts rule = ByParts.of(parameters, shape);
            double factor = parameters.factor(rule.original());
            return new Yarn(
                factor, rule, attention(parameters, factor), parameters.number("scores", 1));
          });

  /// Checks the parameters.
  public Yarn {
    Checks.atLeast("yarn", "factor", factor, 1);
    Checks.positive("yarn", "attention", attention);
    Checks.positive("yarn", "scores", scores);
  }

  /// `0.1 · weight · ln(factor) + 1`, and 1 for a factor of at most 1.
  ///
  /// @param weight Hugging Face's `mscale`; 1 in the paper
  public static double temperature(double factor, double weight) {
    return factor <= 1 ? 1 : TEMPERATURE_SLOPE * weight * Math.log(factor) + 1;
  }

  private static List<MethodParameter> parameters() {
    List<MethodParameter> all = new ArrayList<>();
    all.add(MethodParameter.stretch());
    all.addAll(ByParts.parameters());
    all.add(
        MethodParameter.number(
            "attention", "0.1·ln(factor) + 1", "factor on turned channels of queries and keys"));
    all.add(
        MethodParameter.number(
            "mscale", "not used", "with mscale_all_dim: weight of ln(factor) in the numerator"));
    all.add(
        MethodParameter.number(
            "mscale_all_dim", "not used", "with mscale: the weight in the denominator"));
    all.add(
        MethodParameter.number(
            "scores", "1", "factor on whole scores, as checkpoints of DeepSeek declare it"));
    return List.copyOf(all);
  }

  private static double attention(MethodArguments parameters, double factor) {
    OptionalDouble attention = parameters.number("attention");
    if (attention.isPresent()) {
      return attention.getAsDouble();
    }
    return attention(
        factor, parameters.number("mscale", 0), parameters.number("mscale_all_dim", 0));
  }

  /// The attention factor of Hugging Face's keys `mscale` and `mscale_all_dim` (DeepSeek): the
  /// ratio of two temperatures where both are given and not 0, the published temperature otherwise.
  public static double attention(double factor, double mscale, double mscaleAllDim) {
    return mscale != 0 && mscaleAllDim != 0
        ? temperature(factor, mscale) / temperature(factor, mscaleAllDim)
        : temperature(factor, 1);
  }

  @Override
  public MethodValue value() {
    MethodTerm term =
        rule.write(new MethodTerm("yarn").with("factor", factor)).with("attention", attention);
    return MethodValue.of(scores == 1 ? term : term.with("scores", scores));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(rule.table(shape, factor).withAmplitude(attention).withSharpness(scores));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Frequencies.identityLength(this, shape);
  }
}
