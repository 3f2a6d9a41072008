package dev.lengthwise.method;

import dev.lengthwise.method.syntax.Checks;
import dev.lengthwise.method.syntax.MethodArguments;
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

/// Self-Extend: exact positions within a window, and positions by groups of tokens beyond it.
///
///     i − j < window   φ(i) = i,                                        ψ(j) = j
///     i − j ≥ window   φ(i) = ⌊i/group⌋ + window − ⌊window/group⌋,       ψ(j) = ⌊j/group⌋
///
/// Source: Jin et al. 2024, "LLM Maybe LongLM: Self-Extend".
///
/// @param group tokens that share a position
/// @param window distance from which positions are shared
public record SelfExtend(long group, long window) implements PositionMethod {

  private static final long GROUP_WITHOUT_TARGET = 8;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "self-extend",
          "Exact positions within a window, shared ones for groups of tokens beyond it.",
          "Jin et al. 2024, Self-Extend, arXiv 2401.01325",
          "At most (trained length − window) · group + window tokens, best up to half of that; sees"
              + " every key, far ones in groups.",
          List.of(
              MethodParameter.tokens(
                  "group",
                  "the smallest that keeps window + (target length − window)/group within half of"
                      + " the trained length; without a target length 8",
                  "tokens that share a position"),
              MethodParameter.tokens(
                  "window",
                  "a quarter of the trained length",
                  "distance from which positions are shared")),
          (parameters, shape, declared) -> {
            long window = parameters.tokens("window", Window.quarter(shape));
            return new SelfExtend(
                parameters.tokens("group", defaultGroup(parameters, shape, window)), window);
          });

  /// Checks the parameters.
  public SelfExtend {
    Checks.tokens("self-extend", "group", group, 1);
    Checks.tokens("self-extend", "window", window, 1);
  }

  /// The published rule of thumb: relative positions stay within half to two thirds of the trained
  /// length; here the stricter half. A window that leaves no room below the half takes one
  /// position.
  private static long defaultGroup(MethodArguments parameters, ModelShape shape, long window) {
    if (parameters.targetLength().isEmpty()) {
      return GROUP_WITHOUT_TARGET;
    }
    long room = Math.max(1, shape.trainedLength() / 2 - window);
    return Math.max(1, Math.ceilDiv(parameters.targetLength().getAsLong() - window, room));
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(
        new MethodTerm("self-extend").with("group", group).with("window", window));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return PlanParts.of(
        Branch.identity(Region.within(Bounds.below(window))),
        new Branch(
            Region.within(Bounds.atLeast(window)),
            new PositionMap.Grouped(group, (double) (window - window / group)),
            new PositionMap.Grouped(group, 0)));
  }

  /// One more token than the window: the one pair at distance `window`, that of query `window` and
  /// key 0, has its true positions in the far branch too.
  @Override
  public long identityLength(ModelShape shape) {
    return group == 1 ? Bounds.UNBOUNDED : window + 1;
  }
}
