package dev.lengthwise.matrix;

/// How exact activations are in products of few tokens with weights that lie 16 rows side by side.
/// Everywhere else they are f32, also where weights choose from a table (IQ4_NL, IQ4_XS, MXFP4).
public enum ActivationPrecision {
  /// As they are.
  F32,
  /// Whole numbers of 8 bits in blocks of 32 with one scale each, as llama.cpp has them: faster,
  /// not exact.
  Q8
}
