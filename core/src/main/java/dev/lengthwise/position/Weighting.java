package dev.lengthwise.position;

/// How the scores of a query become the weights of the values.
public enum Weighting {
  /// `exp(score)`, divided by the sum over the keys that the query sees.
  SOFTMAX,

  /// `max(0, score)²`, divided by the number of keys that the query sees: in plain causal attention
  /// by `t`, never by the length of the text.
  ///
  /// Source: W. Hua et al. 2022, "Transformer quality in linear time"; J. Su, kexue.fm 8934.
  SQUARED_RELU
}
