package dev.lengthwise.encode;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What is done to a pooled vector, on its way to that of the text.
public sealed interface VectorStep {

  /// A vector after this step.
  float[] apply(float[] vector);

  /// Numbers of a vector after this step.
  ///
  /// @param before numbers before it
  int size(int before);

  /// The vector divided by its Euclidean length; one of length 0 stays.
  record Normalize() implements VectorStep {

    @Override
    public float[] apply(float[] vector) {
      double squares = 0;
      for (float number : vector) {
        squares += (double) number * number;
      }
      if (squares == 0) {
        return vector;
      }
      double length = Math.sqrt(squares);
      float[] normed = new float[vector.length];
      for (int n = 0; n < normed.length; n++) {
        normed[n] = (float) (vector[n] / length);
      }
      return normed;
    }

    @Override
    public int size(int before) {
      return before;
    }
  }

  /// `activation(W x + b)`.
  ///
  /// @param weight `[outputs, inputs]`, row by row
  /// @param bias one for each output; empty for none
  /// @param activation of the sums
  @SuppressWarnings("ArrayRecordComponent") // weights of one model, never compared
  record Dense(float[] weight, float[] bias, int outputs, int inputs, Activation activation)
      implements VectorStep {

    /// What is made of the sums.
    public enum Activation {
      /// Nothing.
      IDENTITY,
      /// `tanh x`.
      TANH,
      /// `max(x, 0)`.
      RELU,
      /// `1 / (1 + e⁻ˣ)`.
      SIGMOID;

      private static final Map<String, Activation> NAMES =
          Map.of("identity", IDENTITY, "tanh", TANH, "relu", RELU, "sigmoid", SIGMOID);

      /// The activation that a class of PyTorch computes, where it is one of these.
      ///
      /// @param name such as `torch.nn.modules.activation.Tanh`
      static Optional<Activation> ofClass(String name) {
        String simple = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return Optional.ofNullable(NAMES.get(simple));
      }

      private double of(double x) {
        return switch (this) {
          case IDENTITY -> x;
          case TANH -> Math.tanh(x);
          case RELU -> Math.max(x, 0);
          case SIGMOID -> 1 / (1 + Math.exp(-x));
        };
      }
    }

    /// Checks the sizes.
    public Dense {
      if (weight.length != outputs * inputs || (bias.length != 0 && bias.length != outputs)) {
        throw new IllegalArgumentException(
            "%d weights and %d biases for %d × %d"
                .formatted(weight.length, bias.length, outputs, inputs));
      }
    }

    @Override
    public float[] apply(float[] vector) {
      float[] result = new float[outputs];
      for (int row = 0; row < outputs; row++) {
        double sum = bias.length == 0 ? 0 : bias[row];
        for (int column = 0; column < inputs; column++) {
          sum += (double) weight[row * inputs + column] * vector[column];
        }
        result[row] = (float) activation.of(sum);
      }
      return result;
    }

    @Override
    public int size(int before) {
      return outputs;
    }
  }
}
