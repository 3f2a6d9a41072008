package dev.lengthwise.matrix;

/// How exact activations are in products of few tokens with weights that lie 16 rows side by side.
/// Everywhere else they are f32. So they are for Q8_0, IQ4_NL, IQ4_XS and MXFP4 where there are no
/// kernels in C, which are for Linux on x86-64.
public enum ActivationPrecision {
  /// As they are.
  F32,
  /// [#Q8], but f32 with weights of Q8_0: a text that is written alone gains nothing by their copy.
  MIXED,
  /// Whole numbers of 8 bits in blocks of 32 with one scale each, as llama.cpp has them: faster,
  /// not exact.
  Q8
}
