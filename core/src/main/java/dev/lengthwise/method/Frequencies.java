package dev.lengthwise.method;

import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.RotaryTable;
import java.util.function.IntToDoubleFunction;

/// What methods that rescale rotary frequencies share.
final class Frequencies {

  private Frequencies() {}

  /// The plain table whose base is `base · ratio^(d/(d−2))`: the fastest pair stays, the slowest
  /// turns `ratio` times slower.
  static RotaryTable stretchedBase(ModelShape shape, double ratio) {
    return RotaryTable.geometric(stretchedBaseOf(shape, ratio), shape.rotarySize());
  }

  /// The base of [#stretchedBase]. A table of one pair has no slower pair: its base stays.
  static double stretchedBaseOf(ModelShape shape, double ratio) {
    double size = shape.rotarySize();
    return size <= 2 ? shape.rotaryBase() : shape.rotaryBase() * Math.pow(ratio, size / (size - 2));
  }

  /// The plain table whose pair `m` turns `divisor(m)` times slower.
  static RotaryTable divided(ModelShape shape, IntToDoubleFunction divisor) {
    RotaryTable plain = shape.plainRotary();
    double[] divisors = new double[plain.pairs()];
    for (int pair = 0; pair < divisors.length; pair++) {
      divisors[pair] = divisor.applyAsDouble(pair);
    }
    return plain.dividedBy(divisors);
  }

  /// Whether `method` leaves frequencies and scores of a text of `length` tokens as they are.
  static boolean changesNothing(PositionMethod method, ModelShape shape, long length) {
    return method.parts(shape, 0, length).toPlan().equals(AttentionPlan.plain(shape.plainRotary()));
  }

  /// The identity length of a method that does not look at the length: all or nothing.
  static long identityLength(PositionMethod method, ModelShape shape) {
    return changesNothing(method, shape, shape.trainedLength()) ? Bounds.UNBOUNDED : 0;
  }
}
