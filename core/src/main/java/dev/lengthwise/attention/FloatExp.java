package dev.lengthwise.attention;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// `eˣ` for softmax: vectorised, within 2 units in the last place of `Math.exp` on `[−87, 0]`,
/// 0 below.
final class FloatExp {

  private static final float LOG2_E = (float) 1.4426950408889634;
  // ln 2 in two parts, so that x − n·ln 2 stays exact (Cody and Waite).
  private static final float LN2_HIGH = (float) 0.693359375;
  private static final float LN2_LOW = (float) -2.12194440e-4;
  private static final float LOWEST = -87.3f;
  // Adding and subtracting 1.5·2²³ rounds to the nearest integer.
  private static final float ROUNDER = 12582912f;

  private FloatExp() {}

  /// `eˣ` in every lane; lanes below −87.3 give 0. Lanes must not be above 88.
  static FloatVector of(FloatVector x) {
    FloatVector clamped = x.max(LOWEST);
    FloatVector n = clamped.mul(LOG2_E).add(ROUNDER).sub(ROUNDER);
    FloatVector r = n.mul(-LN2_HIGH).add(clamped);
    r = n.mul(-LN2_LOW).add(r);
    // Minimax polynomial of e^r on |r| <= ln2 / 2.
    FloatVector p = FloatVector.broadcast(x.species(), (float) 1.9875691500e-4);
    p = p.fma(r, FloatVector.broadcast(x.species(), (float) 1.3981999507e-3));
    p = p.fma(r, FloatVector.broadcast(x.species(), (float) 8.3334519073e-3));
    p = p.fma(r, FloatVector.broadcast(x.species(), (float) 4.1665795894e-2));
    p = p.fma(r, FloatVector.broadcast(x.species(), (float) 1.6666665459e-1));
    p = p.fma(r, FloatVector.broadcast(x.species(), (float) 5.0000001201e-1));
    p = p.fma(r.mul(r), r).add(1f);
    // 2ⁿ built in the exponent bits.
    FloatVector power =
        n.convert(VectorOperators.F2I, 0)
            .reinterpretAsInts()
            .add(127)
            .lanewise(VectorOperators.LSHL, 23)
            .reinterpretAsFloats();
    FloatVector result = p.mul(power);
    return result.blend(0f, x.compare(VectorOperators.LT, LOWEST));
  }
}
