package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;

/// Norms of one row on the Vector API.
final class VectorNorms {

  private VectorNorms() {}

  /// See [Normalization.Kind#RMS].
  ///
  /// @param gain address, or 0 for none
  static void rms(long input, int columns, double epsilon, long gain, long output, boolean bf16) {
    int whole = Lanes.whole(columns);
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      FloatVector x = at(input, c);
      sum = x.fma(x, sum);
    }
    float squares = Lanes.sum(sum);
    for (int c = whole; c < columns; c++) {
      float x = Memory.floatAt(input + (long) c * Float.BYTES);
      squares += x * x;
    }
    float factor = (float) (1 / Math.sqrt(squares / columns + epsilon));
    if (gain == 0) {
      for (int c = 0; c < whole; c += Lanes.COUNT) {
        VectorMatrixKernels.put(at(input, c).mul(factor), output, c, bf16);
      }
    } else {
      for (int c = 0; c < whole; c += Lanes.COUNT) {
        VectorMatrixKernels.put(at(input, c).mul(factor).mul(at(gain, c)), output, c, bf16);
      }
    }
    ScalarMatrixKernels.scale(input, gain, whole, columns, factor, output, bf16);
  }

  /// See [Normalization.Kind#LAYER].
  ///
  /// The second pass also sums the deviations from the rounded mean: what they leave corrects both
  /// mean and variance (Chan, Golub and LeVeque, 1983, "corrected two-pass algorithm").
  static void layer(long input, int columns, Normalization norm, long output, boolean bf16) {
    int whole = Lanes.whole(columns);
    float mean = sum(input, columns) / columns;
    FloatVector rests = FloatVector.zero(Lanes.FLOATS);
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      FloatVector deviation = at(input, c).sub(mean);
      rests = rests.add(deviation);
      sum = deviation.fma(deviation, sum);
    }
    float rest = Lanes.sum(rests);
    float squares = Lanes.sum(sum);
    for (int c = whole; c < columns; c++) {
      float deviation = Memory.floatAt(input + (long) c * Float.BYTES) - mean;
      rest += deviation;
      squares += deviation * deviation;
    }
    double shift = (double) rest / columns;
    double variance = Math.max(0, squares / columns - shift * shift);
    float factor = (float) (1 / Math.sqrt(variance + norm.epsilon()));
    long gain = norm.gainAddress();
    long bias = norm.biasAddress();
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      FloatVector y = at(input, c).sub(mean).sub((float) shift).mul(factor);
      y = gain == 0 ? y : y.mul(at(gain, c));
      VectorMatrixKernels.put(bias == 0 ? y : y.add(at(bias, c)), output, c, bf16);
    }
    ScalarMatrixKernels.centre(input, whole, columns, mean + shift, factor, norm, output, bf16);
  }

  private static float sum(long input, int columns) {
    int whole = Lanes.whole(columns);
    FloatVector sums = FloatVector.zero(Lanes.FLOATS);
    for (int c = 0; c < whole; c += Lanes.COUNT) {
      sums = sums.add(at(input, c));
    }
    float sum = Lanes.sum(sums);
    for (int c = whole; c < columns; c++) {
      sum += Memory.floatAt(input + (long) c * Float.BYTES);
    }
    return sum;
  }

  private static FloatVector at(long numbers, int index) {
    return Lanes.floats(numbers + (long) index * Float.BYTES);
  }
}
