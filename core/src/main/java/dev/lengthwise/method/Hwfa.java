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
import dev.lengthwise.position.RotaryTable;
import dev.lengthwise.position.ScoreScale;
import java.util.List;

/// Hybrid window and full attention: all layers but the last see a window and turn; the last sees
/// everything, does not turn, and has the log-n scale of the trained length.
///
/// The receptive field of the window layers, `(window − 1) · (layers − 1) + 1`, should be at most
/// three quarters of the trained length: the default is the largest such window.
///
/// Source: J. Su, kexue.fm 9603.
///
/// @param window last keys that a query of a window layer sees, itself included
/// @param base length at which the scale of the last layer is 1
public record Hwfa(long window, long base) implements PositionMethod {

  private static final double RECEPTIVE_SHARE = 0.75;

  /// The method in the catalogue.
  public static final MethodType TYPE =
      new MethodType(
          "hwfa",
          "Windows with rotation in all layers but the last, which sees all without rotation.",
          "J. Su 2023, kexue.fm 9603",
          "For models trained with it: extrapolates as it is, and remembers everything in one layer"
              + " only; a little worse at the trained length.",
          List.of(
              MethodParameter.tokens(
                  "window",
                  "the largest with a receptive field of 3/4 of the trained length",
                  "last keys that a query of a window layer sees"),
              MethodParameter.tokens(
                  "base",
                  "the trained length, at least 2",
                  "length at which the scale of the last layer is 1")),
          (parameters, shape, declared) -> {
            Checks.rotary("hwfa", shape);
            return new Hwfa(
                parameters.tokens("window", largestWindow(shape)),
                parameters.tokens("base", Math.max(2, shape.trainedLength())));
          });

  /// Checks the parameters.
  public Hwfa {
    Checks.tokens("hwfa", "window", window, 1);
    Checks.tokens("hwfa", "base", base, 2);
  }

  /// The largest window whose receptive field is at most three quarters of the trained length.
  static long largestWindow(ModelShape shape) {
    double field = RECEPTIVE_SHARE * shape.trainedLength() - 1;
    return Math.max(1, (long) (field / Math.max(1, shape.layers() - 1)) + 1);
  }

  @Override
  public MethodValue value() {
    return MethodValue.of(new MethodTerm("hwfa").with("window", window).with("base", base));
  }

  @Override
  public PlanParts parts(ModelShape shape, int layer, long currentLength) {
    return layer == shape.layers() - 1
        ? new PlanParts(
            RotaryTable.NONE,
            List.of(Branch.PLAIN),
            new ScoreScale.LogLength((double) base, 0),
            null,
            null)
        : new PlanParts(
            shape.plainRotary(),
            List.of(Branch.identity(Region.within(Bounds.below(window)))),
            null,
            null,
            null);
  }

  @Override
  public long identityLength(ModelShape shape) {
    return 0;
  }
}
