package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodParameter;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanParts;
import dev.lengthwise.position.PositionMethod;
import java.util.List;

/// Inverse leaky ReRoPE: training with stretched distances beyond a window, running with plain
/// ones.
///
///     in training, i − j ≥ window   ρ = window + (i − j − window) · factor
///     otherwise                     ρ = i − j
///
/// So that no relative position is new at up to about `factor/2` times the trained length. The
/// published variant with a base 8 times as great is `model.rotaryBase` of the training
/// configuration.
///
/// Source: J. Su, kexue.fm 9728.
///
/// @param window distance from which training stretches
/// @param factor by how much
public record InverseLeaky(long window, double factor) implements PositionMethod {

  private static final double PUBLISHED_FACTOR = 16;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "inverse-leaky",
          "Trains with distances stretched beyond a window; runs with plain rotary positions.",
          "J. Su 2023, kexue.fm 9728",
          "For training: a factor of twice the wanted extension; costs a second score matrix in"
              + " training and nothing afterwards.",
          List.of(
              MethodParameter.tokens(
                  "window", "a quarter of the trained length", "distance from which it stretches"),
              MethodParameter.number(
                  "factor", "16", "by how much: twice the target length / trained length")),
          (parameters, shape, declared) -> {
            Checks.rotary("inverse-leaky", shape);
            return new InverseLeaky(
                parameters.tokens("window", Window.quarter(shape)),
                parameters.number("factor", PUBLISHED_FACTOR));
          });

  /// Checks the parameters.
  public InverseLeaky {
    Checks.tokens("inverse-leaky", "window", window, 1);
    Checks.atLeast("inverse-leaky", "factor", factor, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("inverse-leaky").with("window", window).with("factor", factor));
  }

  @Override
  public PositionMethod training() {
    return new LeakyRerope(window, 1 / factor);
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return new Rope().parts(shape, layer, currentLength);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return Bounds.UNBOUNDED;
  }
}
