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
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Region;
import java.util.List;

/// Sliding-window attention: a query sees only its last keys.
///
///     i − j < window   φ(i) = i,  ψ(j) = j
///
/// Source: Beltagy et al. 2020, "Longformer".
///
/// @param window last keys that a query sees, itself included
public record Window(long window) implements PositionMethod {

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "window",
          "Sliding-window attention: each query sees only the last keys.",
          "Beltagy et al. 2020, Longformer, arXiv 2004.05150",
          "Constant memory, but models that use their first tokens as attention sinks break as soon"
              + " as those leave the window; remembers only the window.",
          List.of(
              MethodParameter.tokens(
                  "window", "the trained length", "last keys that a query sees")),
          (parameters, shape, declared) ->
              new Window(parameters.tokens("window", shape.trainedLength())));

  /// Checks the window.
  public Window {
    Checks.tokens("window", "window", window, 1);
  }

  /// A quarter of the trained length, rounded, at least 1: what methods with an exact near window
  /// and a compressed rest start from.
  static long quarter(ModelShape shape) {
    return Math.max(1, Math.round(shape.trainedLength() / 4.0));
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("window").with("window", window));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(Branch.identity(Region.within(Bounds.below(window))));
  }

  @Override
  public long identityLength(ModelShape shape) {
    return window;
  }
}
