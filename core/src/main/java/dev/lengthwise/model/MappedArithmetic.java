package dev.lengthwise.model;

import dev.lengthwise.matrix.MatrixProducts;

/// How a decoder on weights in place computes.
///
/// @param products kernels for a few tokens, and what shares out their work
/// @param bf16 whether products of many tokens run in bf16; otherwise in f32
/// @param examine called when a hidden state is not finite, to find the reason
public record MappedArithmetic(MatrixProducts products, boolean bf16, Runnable examine) {}
