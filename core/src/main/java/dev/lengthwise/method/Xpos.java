package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.QueryKeyMap;
import java.util.List;

/// xPos: rotation and a decay of each pair with the distance.
///
///     score of pair m  ×  ζ_m^(ρ/scale),  ζ_m = (2m/r + γ)/(1 + γ)
///
/// The published evaluation sees blocks of keys only; `window` on top is at least as good
/// (kexue.fm 9431).
///
/// Source: Sun et al. 2022, arXiv 2212.10554.
///
/// @param gamma `γ`
/// @param scale positions over which the fastest pair decays by `ζ_0`
public record Xpos(double gamma, double scale) implements PositionMethod {

  private static final double PUBLISHED_GAMMA = 0.4;
  private static final double PUBLISHED_SCALE = 512;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "xpos",
          "Rotation and, pair by pair, a decay of scores with the distance.",
          "Sun et al. 2022, A Length-Extrapolatable Transformer, arXiv 2212.10554",
          "For models trained with it: scores shrink to 0 with the distance, which is no mask; join"
              + " it with window.",
          List.of(
              MethodParameter.number("gamma", "0.4", "the greater, the slower the decay"),
              MethodParameter.number(
                  "scale", "512", "positions over which the fastest pair decays once")),
          (parameters, shape, declared) -> {
            Checks.rotary("xpos", shape);
            return new Xpos(
                parameters.number("gamma", PUBLISHED_GAMMA),
                parameters.number("scale", PUBLISHED_SCALE));
          });

  /// Checks the parameters.
  public Xpos {
    Checks.positive("xpos", "gamma", gamma);
    Checks.atLeast("xpos", "scale", scale, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("xpos").with("gamma", gamma).with("scale", scale));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(new QueryKeyMap.Decay(gamma, scale));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
