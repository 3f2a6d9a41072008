package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Region;
import java.util.List;

/// Leaky ReRoPE: beyond a window, relative positions grow `factor` times slower.
///
///     i − j < window   φ(i) = i,                            ψ(j) = j
///     i − j ≥ window   φ(i) = window + (i − window)/factor,  ψ(j) = j/factor
///
/// A factor below 1 stretches instead: [InverseLeaky] trains with it.
///
/// Source: J. Su, kexue.fm 9708.
///
/// @param window distance from which positions are compressed
/// @param factor by how much
public record LeakyRerope(long window, double factor) implements PositionMethod {

  private static final double PUBLISHED_FACTOR = 16;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "leaky-rerope",
          "Exact positions within a window, compressed ones beyond it.",
          "J. Su 2023, kexue.fm 9708",
          "Good while window + (length − window)/factor stays within half of the trained length;"
              + " sees every key, in order.",
          List.of(
              MethodParameter.tokens(
                  "window",
                  "a quarter of the trained length",
                  "distance from which positions are compressed"),
              MethodParameter.number(
                  "factor",
                  "16",
                  "by how much; below 1 stretches, which inverse-leaky does in training")),
          (parameters, shape, declared) ->
              new LeakyRerope(
                  parameters.tokens("window", Window.quarter(shape)),
                  parameters.number("factor", PUBLISHED_FACTOR)));

  /// Checks the parameters.
  public LeakyRerope {
    Checks.tokens("leaky-rerope", "window", window, 1);
    Checks.positive("leaky-rerope", "factor", factor);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("leaky-rerope").with("window", window).with("factor", factor));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(
        Branch.identity(Region.within(Bounds.below(window))),
        new Branch(
            Region.within(Bounds.atLeast(window)), far(), new PositionMap.Divided(factor, 0)));
  }

  private PositionMap far() {
    return new PositionMap.Divided(factor, window - window / factor);
  }

  /// One more token than the window where rounding gives query `window` its true position in the
  /// far branch.
  @Override
  public long identityLength(ModelShape shape) {
    if (factor == 1) {
      return Bounds.UNBOUNDED;
    }
    return far().at(window) == window ? window + 1 : window;
  }
}
