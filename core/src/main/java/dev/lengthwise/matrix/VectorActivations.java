package dev.lengthwise.matrix;

import jdk.incubator.vector.FloatVector;

/// The activations of feed-forward blocks on the Vector API: one loop for each function, so that
/// none decides anything between two vectors.
final class VectorActivations {

  private VectorActivations() {}

  /// `values[i] = activation(values[i])`.
  static void activate(Activation activation, float[] values, int count) {
    int whole = Lanes.whole(count);
    switch (activation) {
      case SILU -> logistic(1, values, whole);
      case SIGMOID_1702 -> logistic((float) Activation.SLOPE, values, whole);
      case GELU -> gelu(values, whole);
      case GELU_TANH -> geluTanh(values, whole);
      case TANH -> tanh(values, whole);
      case RELU -> relu(values, whole);
      case RELU_SQUARED -> reluSquared(values, whole);
    }
    for (int i = whole; i < count; i++) {
      values[i] = (float) activation.of(values[i]);
    }
  }

  /// `gate[i] = gating(gate[i], up[i])`, in a few passes within the first-level cache; the second
  /// products may be changed.
  static void gate(Gating gating, float[] gate, float[] up, int count) {
    if (!gating.isUnlimited()) {
      limit(gate, up, (float) gating.limit(), count);
    }
    activate(gating.activation(), gate, count);
    float offset = (float) gating.offset();
    int whole = Lanes.whole(count);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      at(gate, i).mul(at(up, i).add(offset)).intoArray(gate, i);
    }
    for (int i = whole; i < count; i++) {
      gate[i] *= up[i] + offset;
    }
  }

  private static void limit(float[] gate, float[] up, float limit, int count) {
    int whole = Lanes.whole(count);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      at(gate, i).min(limit).intoArray(gate, i);
      at(up, i).min(limit).max(-limit).intoArray(up, i);
    }
    for (int i = whole; i < count; i++) {
      gate[i] = Math.min(gate[i], limit);
      up[i] = Math.max(-limit, Math.min(up[i], limit));
    }
  }

  private static FloatVector at(float[] values, int index) {
    return FloatVector.fromArray(Lanes.FLOATS, values, index);
  }

  /// `x · sigmoid(slope · x)`.
  private static void logistic(float slope, float[] values, int whole) {
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector x = at(values, i);
      x.div(Exponential.of(x.mul(-slope)).add(1f)).intoArray(values, i);
    }
  }

  // Φ(x) = ½ erfc(−x / √2)
  private static void gelu(float[] values, int whole) {
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector x = at(values, i);
      FloatVector erfc = ErrorFunction.complement(x.mul((float) -Math.sqrt(0.5)));
      x.mul(0.5f).mul(erfc).intoArray(values, i);
    }
  }

  // 1 + tanh(u) = 2 / (1 + e^(−2u)), which cancels nothing where u is negative.
  private static void geluTanh(float[] values, int whole) {
    float linear = (float) (-2 * Math.sqrt(2 / Math.PI));
    float cubic = (float) (-2 * Math.sqrt(2 / Math.PI) * Activation.CUBIC);
    FloatVector constant = FloatVector.broadcast(Lanes.FLOATS, linear);
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector x = at(values, i);
      FloatVector exponent = x.mul(x).mul(cubic).add(constant).mul(x);
      x.div(Exponential.of(exponent).add(1f)).intoArray(values, i);
    }
  }

  // Heads run it on one row of a text: not worth a vector.
  private static void tanh(float[] values, int whole) {
    for (int i = 0; i < whole; i++) {
      values[i] = (float) Math.tanh(values[i]);
    }
  }

  private static void relu(float[] values, int whole) {
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      at(values, i).max(0f).intoArray(values, i);
    }
  }

  private static void reluSquared(float[] values, int whole) {
    for (int i = 0; i < whole; i += Lanes.COUNT) {
      FloatVector x = at(values, i).max(0f);
      x.mul(x).intoArray(values, i);
    }
  }
}
