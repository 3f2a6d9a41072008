package dev.lengthwise.train;

import dev.lengthwise.model.WeightRole;
import dev.lengthwise.parallel.CounterRandom;

/// The first weights: `initialisation` of `train.json`. Gains start at 1 and biases at 0; matrices
/// are normal, or normal cut at two deviations, with the deviation of the chosen rule.
///
/// In the formulas, `N` is the number of layers, `d` the hidden size, `n` the inputs of a matrix
/// (`d` for the embedding).
public enum Initialisation {
  /// 0.02, and `0.02 / √(2N)` for projections back to the residual stream (Radford et al. 2019,
  /// GPT-2).
  GPT2,

  /// 0.02 everywhere: the `initializer_range` of Llama and GPT-NeoX in Hugging Face's library.
  NORMAL,

  /// `√(2 / (5d))` (Nguyen and Salazar 2019, "small init"), and `2 / (N √d)` for projections back
  /// to the residual stream (Wang and Komatsuzaki 2021, GPT-J): GPT-NeoX-20B (Black et al. 2022).
  SMALL_WANG,

  /// DeepNorm's rule for optimisers whose steps are as large as the weights, such as Tiger and LAMB
  /// (Su, kexue.fm 8978): `(2N)^(−1/p) / √n` in a branch that multiplies `p` trained factors, so
  /// that each of the `2N` branches starts with the gain `1 / 2N`; `p = 2` for values and output of
  /// attention, 3 for a gated feed-forward block. `1 / √n` elsewhere. Cut at two deviations.
  DEEP_NORM,

  /// The rule of GAU-α (Su, kexue.fm 9052): `N^(−1/3) / √n` everywhere, since a gated attention
  /// unit multiplies three trained factors. Cut at two deviations.
  GAU_ALPHA;

  private static final double DEVIATION = 0.02;

  /// One over the standard deviation of a standard normal number that is cut at ±2.
  private static final double WIDENING = 1.13684723;

  /// The standard deviation of a matrix.
  ///
  /// @param inputs its inputs; the hidden size for an embedding
  /// @param hiddenSize channels of the residual stream
  /// @param layers blocks of the model
  double deviation(WeightRole role, int inputs, int hiddenSize, int layers) {
    return switch (this) {
      case GPT2 -> role.isOutput() ? DEVIATION / Math.sqrt(2.0 * layers) : DEVIATION;
      case NORMAL -> DEVIATION;
      case SMALL_WANG ->
          role.isOutput() ? 2 / (layers * Math.sqrt(hiddenSize)) : Math.sqrt(0.4 / hiddenSize);
      case DEEP_NORM ->
          switch (role) {
            case VALUE, ATTENTION_OUTPUT -> branchGain(2 * layers, 2) / Math.sqrt(inputs);
            case GATED, FEED_FORWARD_OUTPUT -> branchGain(2 * layers, 3) / Math.sqrt(inputs);
            default -> 1 / Math.sqrt(inputs);
          };
      case GAU_ALPHA -> branchGain(layers, 3) / Math.sqrt(inputs);
    };
  }

  /// What each of `factors` trained factors of a branch is multiplied by, so that all `branches`
  /// together start with the gain 1: `branches^(−1/factors)`.
  static double branchGain(int branches, int factors) {
    return Math.pow(branches, -1.0 / factors);
  }

  /// Random values of a mean of 0.
  ///
  /// @param deviation their standard deviation, after the cut if there is one
  float[] values(int count, double deviation, CounterRandom random) {
    boolean cut = this == DEEP_NORM || this == GAU_ALPHA;
    float[] values = new float[count];
    for (int index = 0; index < count; index++) {
      values[index] = (float) (deviation * (cut ? WIDENING * cutNormal(random) : normal(random)));
    }
    return values;
  }

  private static double cutNormal(CounterRandom random) {
    double value = normal(random);
    while (Math.abs(value) > 2) {
      value = normal(random);
    }
    return value;
  }

  // Box and Muller 1958.
  private static double normal(CounterRandom random) {
    double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
    return radius * Math.cos(2 * Math.PI * random.nextDouble());
  }
}
