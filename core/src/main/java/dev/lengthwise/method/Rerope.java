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

/// ReRoPE: relative positions are cut off at a window, `ρ = min(i − j, window)`.
///
///     i − j < window   φ(i) = i,       ψ(j) = j
///     i − j ≥ window   φ(i) = window,  ψ(j) = 0
///
/// Source: J. Su, kexue.fm 9708.
///
/// @param window distance from which all keys appear equally far
public record Rerope(long window) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "rerope",
          "Exact positions within a window, and one and the same distance beyond it.",
          "J. Su 2023, kexue.fm 9708",
          "No upper length in principle, and sees every key; far keys have no order. Joined with"
              + " log-n it is better still.",
          List.of(
              MethodParameter.tokens(
                  "window",
                  "a quarter of the trained length",
                  "distance from which all keys appear equally far; a quarter to a half of the"
                      + " trained length works")),
          (parameters, shape, declared) ->
              new Rerope(parameters.tokens("window", Window.quarter(shape))));

  /// Checks the window.
  public Rerope {
    Checks.tokens("rerope", "window", window, 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("rerope").with("window", window));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(
        Branch.identity(Region.within(Bounds.below(window))),
        new Branch(
            Region.within(Bounds.atLeast(window)),
            new PositionMap.Fixed((double) window),
            new PositionMap.Fixed(0)));
  }

  /// One more token than the window: the one pair at distance `window`, that of query `window` and
  /// key 0, has its true positions in the far branch too.
  @Override
  public long identityLength(ModelShape shape) {
    return window + 1;
  }
}
