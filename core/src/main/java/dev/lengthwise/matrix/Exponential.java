package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// `eˣ`, vectorised, within 2 units in the last place on `[−87, 88]`; less gives 0 and more
/// infinity.
///
/// Its own polynomial, because the result of the Vector API's operator depends on whether the code
/// that calls it is compiled yet.
final class Exponential {

  private static final float LOG2_E = (float) 1.4426950408889634;
  // ln 2 in two parts, so that x − n·ln 2 stays exact (Cody and Waite).
  private static final float LN2_HIGH = (float) 0.693359375;
  private static final float LN2_LOW = (float) -2.12194440e-4;
  private static final float LOWEST = -87.3f;
  private static final float HIGHEST = 88f;
  // Adding and subtracting 1.5·2²³ rounds to the nearest integer.
  private static final float ROUNDER = 12582912f;

  private Exponential() {}

  static FloatVector of(FloatVector x) {
    FloatVector clamped = x.max(LOWEST).min(HIGHEST);
    FloatVector n = clamped.mul(LOG2_E).add(ROUNDER).sub(ROUNDER);
    FloatVector r = n.mul(-LN2_HIGH).add(clamped);
    r = n.mul(-LN2_LOW).add(r);
    // Minimax polynomial of e^r on |r| <= ln2 / 2 (Cephes, expf).
    FloatVector p = FloatVector.broadcast(Lanes.FLOATS, (float) 1.9875691500e-4);
    p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, (float) 1.3981999507e-3));
    p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, (float) 8.3334519073e-3));
    p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, (float) 4.1665795894e-2));
    p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, (float) 1.6666665459e-1));
    p = p.fma(r, FloatVector.broadcast(Lanes.FLOATS, (float) 5.0000001201e-1));
    p = p.fma(r.mul(r), r).add(1f);
    // 2ⁿ built in the exponent bits.
    FloatVector power =
        n.convert(VectorOperators.F2I, 0)
            .reinterpretAsInts()
            .add(127)
            .lanewise(VectorOperators.LSHL, 23)
            .reinterpretAsFloats();
    FloatVector result = p.mul(power);
    return result
        .blend(0f, x.compare(VectorOperators.LT, LOWEST))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, HIGHEST));
  }
}
