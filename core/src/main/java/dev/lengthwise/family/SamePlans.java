package dev.lengthwise.family;

import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;

/// Whether two methods are the same on a model, however they are written: `yarn over window` and
/// `window over yarn` are.
final class SamePlans {

  /// Texts of these multiples of the trained length are planned alike: what depends on the length
  /// has one or two numbers, or a border at the trained length.
  private static final long[] LENGTHS = {1, 2, 3, 8, 64};

  private SamePlans() {}

  /// Whether both have the same plans, in training as well, and learn the same.
  static boolean of(ModelShape shape, PositionMethod one, PositionMethod other) {
    return one.equals(other)
        || (running(shape, one, other)
            && running(shape, one.training(), other.training())
            && one.weights(shape).equals(other.weights(shape))
            && one.drawsPositions() == other.drawsPositions());
  }

  private static boolean running(ModelShape shape, PositionMethod one, PositionMethod other) {
    PlanFunction first = new PlanFunction(shape, one, one);
    PlanFunction second = new PlanFunction(shape, other, other);
    for (long times : LENGTHS) {
      for (long length : new long[] {1, times * shape.trainedLength() + times - 1}) {
        for (int layer = 0; layer < shape.layers(); layer++) {
          if (!first.plan(layer, length).equals(second.plan(layer, length))) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /// Whether positions are plain rotary ones, which every program computes.
  static boolean isPlain(ModelSpec spec) {
    return spec.declared().identityLength(spec.shape()) == Bounds.UNBOUNDED
        && spec.declared().training().equals(spec.declared());
  }
}
