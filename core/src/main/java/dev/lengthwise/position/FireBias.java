package dev.lengthwise.position;

import java.util.List;

/// FIRE: a small network of the distance, measured by that of the query to the start of the text.
///
///     β_h(i, ρ) = f_h( ψ(ρ) / (ψ(max(i, L)) + 10⁻⁶) ),   ψ(x) = ln(|c · x| + 1),
///     L = |multiplier · threshold|,   f(x) = W₂ · relu(W₁ x + b₁) + b₂
///
/// The argument of `f` lies in `[0, 1]` at every length. Source: Li et al. 2023, "Functional
/// Interpolation for Relative Positions Improves Long Context Transformers", arXiv 2310.04418.
///
/// @param hidden `W₁` and `b₁`, each `[width]`
/// @param output `W₂`, `[heads, width]`, and `b₂`, `[heads]`
/// @param scale `c`
/// @param multiplier what the threshold is multiplied by
/// @param threshold tokens; a number that is not trained
public record FireBias(Layer hidden, Layer output, double scale, double multiplier, long threshold)
    implements ScoreBias {

  /// Name of the learned `W₁`.
  public static final String HIDDEN_WEIGHTS = "hidden.weight";

  /// Name of the learned `b₁`.
  public static final String HIDDEN_BIASES = "hidden.bias";

  /// Name of the learned `W₂`.
  public static final String OUTPUT_WEIGHTS = "output.weight";

  /// Name of the learned `b₂`.
  public static final String OUTPUT_BIASES = "output.bias";

  /// Name of the learned `c`.
  public static final String SCALE = "c";

  /// Name of the learned multiplier of the threshold.
  public static final String MULTIPLIER = "multiplier";

  /// Keeps the quotient finite at the first token.
  public static final double EPSILON = 1e-6;

  /// Weights, row by row, and biases of one layer of the network.
  public record Layer(List<Double> weights, List<Double> biases) {

    /// Copies the lists.
    public Layer {
      weights = List.copyOf(weights);
      biases = List.copyOf(biases);
    }
  }

  /// Checks the sizes.
  public FireBias {
    int width = hidden.biases().size();
    if (width == 0
        || hidden.weights().size() != width
        || output.biases().isEmpty()
        || output.weights().size() != width * output.biases().size()) {
      throw new IllegalArgumentException("the layers of a FIRE network do not fit together");
    }
  }

  /// Hidden channels of the network.
  public int width() {
    return hidden.biases().size();
  }

  /// Query heads.
  public int heads() {
    return output.biases().size();
  }

  /// `ψ(max(i, L)) + 10⁻⁶`.
  public double measure(long query) {
    return psi(Math.max((double) query, Math.abs(multiplier * threshold))) + EPSILON;
  }

  /// `ψ`.
  public double psi(double position) {
    return Math.log1p(Math.abs(scale * position));
  }

  /// What the network is given.
  public double argument(long query, double relative) {
    return psi(Math.max(0, relative)) / measure(query);
  }

  @Override
  public double at(int head, long query, double relative) {
    double argument = argument(query, relative);
    double sum = output.biases().get(head);
    for (int channel = 0; channel < width(); channel++) {
      double active =
          Math.max(0, hidden.weights().get(channel) * argument + hidden.biases().get(channel));
      sum += output.weights().get(head * width() + channel) * active;
    }
    return sum;
  }
}
