package dev.lengthwise.method;

import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.DistanceBias;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreBias;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// KERPLE: no rotation, and a bias that falls with the distance as each head has learned.
///
///     log:    β_h(ρ) = −r1_h · ln(1 + r2_h · ρ)
///     power:  β_h(ρ) = −r1_h · ρ^r2_h,  0 < r2_h ≤ 2
///
/// All layers share one set of numbers, as in the published code. They start evenly distributed in
/// `(0, 2)` (r1 of the logarithm, the exponent) and `(0, 1)` (r2 of the logarithm, r1 of the
/// power), and are kept at 0.01 or more.
///
/// Source: Chi et al. 2022, "KERPLE: Kernelized Relative Positional Embedding for Length
/// Extrapolation".
///
/// @param kind the function of the distance
/// @param learned `r1` and `r2`, one number for each head
public record Kerple(Kind kind, LearnedWeights learned) implements PositionMethod {

  private static final double LEAST = 0.01;
  private static final double MOST_EXPONENT = 2;

  /// Functions of the distance.
  public enum Kind {
    /// Logarithm.
    LOG,
    /// Power.
    POWER;

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "kerple",
          "No rotation; scores fall by a logarithm or power of the distance that each head learns.",
          "Chi et al. 2022, KERPLE, arXiv 2205.09921",
          "For models trained with it: flat or falling loss at many times the trained length; the"
              + " logarithm remembers more than the power. On another checkpoint it destroys the"
              + " model.",
          List.of(
              MethodParameter.word("kind", "function of the distance", List.of("log", "power"))),
          (parameters, shape, declared) -> {
            Kind kind = Kind.valueOf(parameters.word("kind").toUpperCase(Locale.ROOT));
            return LearnedWeights.partsOf(declared)
                .filter(part -> part instanceof Kerple known && known.kind() == kind)
                .findFirst()
                .orElseGet(() -> new Kerple(kind, LearnedWeights.NONE));
          });

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("kerple").with("kind", kind.word()));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    List<Double> first = learned.of(r1(shape));
    List<Double> second = learned.of(r2(shape));
    ScoreBias bias =
        switch (kind) {
          case LOG -> new DistanceBias.KerpleLog(first, second);
          case POWER -> new DistanceBias.KerplePower(first, second);
        };
    return new PlanParts(RotaryTable.NONE, null, null, bias, null);
  }

  @Override
  public List<LearnedParameter> weights(ModelShape shape) {
    return List.of(r1(shape), r2(shape));
  }

  private LearnedParameter r1(ModelShape shape) {
    return LearnedParameter.vector(
        DistanceBias.R1,
        shape.heads(),
        new LearnedParameter.Start.Uniform(0, kind == Kind.LOG ? 2 : 1),
        new LearnedParameter.Range(LEAST, Double.POSITIVE_INFINITY));
  }

  private LearnedParameter r2(ModelShape shape) {
    return LearnedParameter.vector(
        DistanceBias.R2,
        shape.heads(),
        new LearnedParameter.Start.Uniform(0, kind == Kind.LOG ? 1 : 2),
        new LearnedParameter.Range(
            LEAST, kind == Kind.LOG ? Double.POSITIVE_INFINITY : MOST_EXPONENT));
  }

  @Override
  public Kerple withWeights(Map<String, double[]> values) {
    return new Kerple(kind, LearnedWeights.of(values));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
