package dev.lengthwise.attention;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The one matrix product of the attention kernel: `C[m][·] += Σ_k A(m, k) · B[k][·]`.
///
/// Lanes run over the columns of `B` and `C`; elements of `A` are broadcast and may have any
/// strides, so neither keys nor values need to be transposed. A register tile is 4 rows by 2
/// vectors: 8 accumulators, enough to hide a latency of 4 cycles on two FMA units, within the 16
/// registers of AVX2.
final class MatrixKernel {

  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  static final int LANES = SPECIES.length();

  private MatrixKernel() {}

  /// A strided view of the left factor: `A(m, k) = values[offset + m · rowStride + k ·
  // innerStride]`.
  record Left(float[] values, int offset, int rowStride, int innerStride) {}

  /// Multiplies.
  ///
  /// @param b `[inner, columns]`, row stride `columns`
  /// @param c `[rows, columns]`, row stride `columns`
  /// @param columns a multiple of [#LANES]
  /// @param accumulate whether `c` is added to or overwritten
  static void multiply(
      Left a, float[] b, float[] c, int rows, int inner, int columns, boolean accumulate) {
    int row = 0;
    for (; row + 4 <= rows; row += 4) {
      int column = 0;
      for (; column + 2 * LANES <= columns; column += 2 * LANES) {
        tile4x2(a, b, c, row, inner, column, columns, accumulate);
      }
      if (column < columns) {
        tile4x1(a, b, c, row, inner, column, columns, accumulate);
      }
    }
    for (; row < rows; row++) {
      for (int column = 0; column < columns; column += LANES) {
        tile1x1(a, b, c, row, inner, column, columns, accumulate);
      }
    }
  }

  private static void tile4x2(
      Left left, float[] b, float[] c, int row, int inner, int column, int columns, boolean add) {
    float[] a = left.values();
    int step = left.innerStride();
    int a0 = left.offset() + row * left.rowStride();
    int a1 = a0 + left.rowStride();
    int a2 = a1 + left.rowStride();
    int a3 = a2 + left.rowStride();
    int c0 = row * columns + column;
    int c1 = c0 + columns;
    int c2 = c1 + columns;
    int c3 = c2 + columns;
    FloatVector s00 = start(c, c0, add);
    FloatVector s01 = start(c, c0 + LANES, add);
    FloatVector s10 = start(c, c1, add);
    FloatVector s11 = start(c, c1 + LANES, add);
    FloatVector s20 = start(c, c2, add);
    FloatVector s21 = start(c, c2 + LANES, add);
    FloatVector s30 = start(c, c3, add);
    FloatVector s31 = start(c, c3 + LANES, add);
    int at = column;
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
      FloatVector b1 = FloatVector.fromArray(SPECIES, b, at + LANES);
      int shift = k * step;
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + shift]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + shift]);
      s10 = x1.fma(b0, s10);
      s11 = x1.fma(b1, s11);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + shift]);
      s20 = x2.fma(b0, s20);
      s21 = x2.fma(b1, s21);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + shift]);
      s30 = x3.fma(b0, s30);
      s31 = x3.fma(b1, s31);
      at += columns;
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
  }

  private static void tile4x1(
      Left left, float[] b, float[] c, int row, int inner, int column, int columns, boolean add) {
    float[] a = left.values();
    int a0 = left.offset() + row * left.rowStride();
    int a1 = a0 + left.rowStride();
    int a2 = a1 + left.rowStride();
    int a3 = a2 + left.rowStride();
    int c0 = row * columns + column;
    FloatVector s0 = start(c, c0, add);
    FloatVector s1 = start(c, c0 + columns, add);
    FloatVector s2 = start(c, c0 + 2 * columns, add);
    FloatVector s3 = start(c, c0 + 3 * columns, add);
    int at = column;
    for (int k = 0; k < inner; k++) {
      FloatVector b0 = FloatVector.fromArray(SPECIES, b, at);
      int shift = k * left.innerStride();
      s0 = FloatVector.broadcast(SPECIES, a[a0 + shift]).fma(b0, s0);
      s1 = FloatVector.broadcast(SPECIES, a[a1 + shift]).fma(b0, s1);
      s2 = FloatVector.broadcast(SPECIES, a[a2 + shift]).fma(b0, s2);
      s3 = FloatVector.broadcast(SPECIES, a[a3 + shift]).fma(b0, s3);
      at += columns;
    }
    s0.intoArray(c, c0);
    s1.intoArray(c, c0 + columns);
    s2.intoArray(c, c0 + 2 * columns);
    s3.intoArray(c, c0 + 3 * columns);
  }

  private static void tile1x1(
      Left left, float[] b, float[] c, int row, int inner, int column, int columns, boolean add) {
    float[] a = left.values();
    int a0 = left.offset() + row * left.rowStride();
    int c0 = row * columns + column;
    FloatVector sum = start(c, c0, add);
    int at = column;
    for (int k = 0; k < inner; k++) {
      FloatVector x = FloatVector.broadcast(SPECIES, a[a0 + k * left.innerStride()]);
      sum = x.fma(FloatVector.fromArray(SPECIES, b, at), sum);
      at += columns;
    }
    sum.intoArray(c, c0);
  }

  private static FloatVector start(float[] c, int at, boolean add) {
    return add ? FloatVector.fromArray(SPECIES, c, at) : FloatVector.zero(SPECIES);
  }
}
