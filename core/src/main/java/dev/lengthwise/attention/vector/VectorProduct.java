package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.vector.AttentionKernels.Product;
import dev.lengthwise.parallel.VectorWidth;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The matrix product of attention on the Vector API.
///
/// Lanes run over the columns of the right factor, whose vectors are loaded once for six rows;
/// elements of the left factor are broadcast. Register blocks of six rows by four vectors need 24
/// accumulators, four vectors of the right factor and one broadcast: 29 of the 32 registers of
/// AVX-512, and 24 independent sums where 8 would hide the latency. Measured on Zen 5 against the
/// FMA peak, one thread, a tile of 64 x 64 x 64: 4 x 4 76-82 %, 8 x 2 78-82 %, 12 x 2 71 %, 6 x 4
/// 86 %, 8 x 3 84-88 % (but 64 columns are no multiple of three vectors). With 16 registers (AVX2
/// and less) six rows by two vectors take 15.
final class VectorProduct {

  private static final VectorSpecies<Float> SPECIES = VectorWidth.floats();
  private static final int LANES = SPECIES.length();
  private static final boolean MANY_REGISTERS = VectorWidth.bits() == 512;

  private VectorProduct() {}

  /// See [AttentionKernels#multiply].
  static void multiply(Product product, int fromRow, int untilRow, boolean add) {
    int columns = product.columns();
    boolean single = untilRow - fromRow <= AttentionKernels.SINGLE_ROWS;
    int column = 0;
    if (MANY_REGISTERS) {
      for (; column + 4 * LANES <= columns; column += 4 * LANES) {
        if (single) {
          for (int row = fromRow; row < untilRow; row++) {
            block1x4(product, row, column, add);
          }
        } else {
          for (int row = fromRow; row < untilRow; row += AttentionKernels.ROWS) {
            block6x4(product, row, column, add);
          }
        }
      }
    }
    for (; column + 2 * LANES <= columns; column += 2 * LANES) {
      if (single) {
        for (int row = fromRow; row < untilRow; row++) {
          block1x2(product, row, column, add);
        }
      } else {
        for (int row = fromRow; row < untilRow; row += AttentionKernels.ROWS) {
          block6x2(product, row, column, add);
        }
      }
    }
    if (column < columns) {
      for (int row = fromRow; row < untilRow; row++) {
        block1x1(product, row, column, add);
      }
    }
  }

  private static FloatVector start(float[] result, int at, boolean add) {
    return add ? FloatVector.fromArray(SPECIES, result, at) : FloatVector.zero(SPECIES);
  }

  private static void block6x4(Product product, int row, int column, boolean add) {
    float[] left = product.left();
    float[] right = product.right();
    float[] result = product.result();
    int inner = product.inner();
    int columns = product.columns();
    int rightOffset = product.rightOffset(column);
    int l0 = row * inner;
    int l1 = l0 + inner;
    int l2 = l1 + inner;
    int l3 = l2 + inner;
    int l4 = l3 + inner;
    int l5 = l4 + inner;
    int r0 = row * columns + column;
    int r1 = r0 + columns;
    int r2 = r1 + columns;
    int r3 = r2 + columns;
    int r4 = r3 + columns;
    int r5 = r4 + columns;
    FloatVector s00 = start(result, r0, add);
    FloatVector s01 = start(result, r0 + LANES, add);
    FloatVector s02 = start(result, r0 + 2 * LANES, add);
    FloatVector s03 = start(result, r0 + 3 * LANES, add);
    FloatVector s10 = start(result, r1, add);
    FloatVector s11 = start(result, r1 + LANES, add);
    FloatVector s12 = start(result, r1 + 2 * LANES, add);
    FloatVector s13 = start(result, r1 + 3 * LANES, add);
    FloatVector s20 = start(result, r2, add);
    FloatVector s21 = start(result, r2 + LANES, add);
    FloatVector s22 = start(result, r2 + 2 * LANES, add);
    FloatVector s23 = start(result, r2 + 3 * LANES, add);
    FloatVector s30 = start(result, r3, add);
    FloatVector s31 = start(result, r3 + LANES, add);
    FloatVector s32 = start(result, r3 + 2 * LANES, add);
    FloatVector s33 = start(result, r3 + 3 * LANES, add);
    FloatVector s40 = start(result, r4, add);
    FloatVector s41 = start(result, r4 + LANES, add);
    FloatVector s42 = start(result, r4 + 2 * LANES, add);
    FloatVector s43 = start(result, r4 + 3 * LANES, add);
    FloatVector s50 = start(result, r5, add);
    FloatVector s51 = start(result, r5 + LANES, add);
    FloatVector s52 = start(result, r5 + 2 * LANES, add);
    FloatVector s53 = start(result, r5 + 3 * LANES, add);
    for (int k = 0; k < inner; k++) {
      int at = rightOffset + k * AttentionKernels.STRIDE;
      FloatVector b0 = FloatVector.fromArray(SPECIES, right, at);
      FloatVector b1 = FloatVector.fromArray(SPECIES, right, at + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, right, at + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, right, at + 3 * LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, left[l0 + k]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      s02 = x0.fma(b2, s02);
      s03 = x0.fma(b3, s03);
      FloatVector x1 = FloatVector.broadcast(SPECIES, left[l1 + k]);
      s10 = x1.fma(b0, s10);
      s11 = x1.fma(b1, s11);
      s12 = x1.fma(b2, s12);
      s13 = x1.fma(b3, s13);
      FloatVector x2 = FloatVector.broadcast(SPECIES, left[l2 + k]);
      s20 = x2.fma(b0, s20);
      s21 = x2.fma(b1, s21);
      s22 = x2.fma(b2, s22);
      s23 = x2.fma(b3, s23);
      FloatVector x3 = FloatVector.broadcast(SPECIES, left[l3 + k]);
      s30 = x3.fma(b0, s30);
      s31 = x3.fma(b1, s31);
      s32 = x3.fma(b2, s32);
      s33 = x3.fma(b3, s33);
      FloatVector x4 = FloatVector.broadcast(SPECIES, left[l4 + k]);
      s40 = x4.fma(b0, s40);
      s41 = x4.fma(b1, s41);
      s42 = x4.fma(b2, s42);
      s43 = x4.fma(b3, s43);
      FloatVector x5 = FloatVector.broadcast(SPECIES, left[l5 + k]);
      s50 = x5.fma(b0, s50);
      s51 = x5.fma(b1, s51);
      s52 = x5.fma(b2, s52);
      s53 = x5.fma(b3, s53);
    }
    s00.intoArray(result, r0);
    s01.intoArray(result, r0 + LANES);
    s02.intoArray(result, r0 + 2 * LANES);
    s03.intoArray(result, r0 + 3 * LANES);
    s10.intoArray(result, r1);
    s11.intoArray(result, r1 + LANES);
    s12.intoArray(result, r1 + 2 * LANES);
    s13.intoArray(result, r1 + 3 * LANES);
    s20.intoArray(result, r2);
    s21.intoArray(result, r2 + LANES);
    s22.intoArray(result, r2 + 2 * LANES);
    s23.intoArray(result, r2 + 3 * LANES);
    s30.intoArray(result, r3);
    s31.intoArray(result, r3 + LANES);
    s32.intoArray(result, r3 + 2 * LANES);
    s33.intoArray(result, r3 + 3 * LANES);
    s40.intoArray(result, r4);
    s41.intoArray(result, r4 + LANES);
    s42.intoArray(result, r4 + 2 * LANES);
    s43.intoArray(result, r4 + 3 * LANES);
    s50.intoArray(result, r5);
    s51.intoArray(result, r5 + LANES);
    s52.intoArray(result, r5 + 2 * LANES);
    s53.intoArray(result, r5 + 3 * LANES);
  }

  private static void block6x2(Product product, int row, int column, boolean add) {
    float[] left = product.left();
    float[] right = product.right();
    float[] result = product.result();
    int inner = product.inner();
    int columns = product.columns();
    int rightOffset = product.rightOffset(column);
    int l0 = row * inner;
    int l1 = l0 + inner;
    int l2 = l1 + inner;
    int l3 = l2 + inner;
    int l4 = l3 + inner;
    int l5 = l4 + inner;
    int r0 = row * columns + column;
    int r1 = r0 + columns;
    int r2 = r1 + columns;
    int r3 = r2 + columns;
    int r4 = r3 + columns;
    int r5 = r4 + columns;
    FloatVector s00 = start(result, r0, add);
    FloatVector s01 = start(result, r0 + LANES, add);
    FloatVector s10 = start(result, r1, add);
    FloatVector s11 = start(result, r1 + LANES, add);
    FloatVector s20 = start(result, r2, add);
    FloatVector s21 = start(result, r2 + LANES, add);
    FloatVector s30 = start(result, r3, add);
    FloatVector s31 = start(result, r3 + LANES, add);
    FloatVector s40 = start(result, r4, add);
    FloatVector s41 = start(result, r4 + LANES, add);
    FloatVector s50 = start(result, r5, add);
    FloatVector s51 = start(result, r5 + LANES, add);
    for (int k = 0; k < inner; k++) {
      int at = rightOffset + k * AttentionKernels.STRIDE;
      FloatVector b0 = FloatVector.fromArray(SPECIES, right, at);
      FloatVector b1 = FloatVector.fromArray(SPECIES, right, at + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, left[l0 + k]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      FloatVector x1 = FloatVector.broadcast(SPECIES, left[l1 + k]);
      s10 = x1.fma(b0, s10);
      s11 = x1.fma(b1, s11);
      FloatVector x2 = FloatVector.broadcast(SPECIES, left[l2 + k]);
      s20 = x2.fma(b0, s20);
      s21 = x2.fma(b1, s21);
      FloatVector x3 = FloatVector.broadcast(SPECIES, left[l3 + k]);
      s30 = x3.fma(b0, s30);
      s31 = x3.fma(b1, s31);
      FloatVector x4 = FloatVector.broadcast(SPECIES, left[l4 + k]);
      s40 = x4.fma(b0, s40);
      s41 = x4.fma(b1, s41);
      FloatVector x5 = FloatVector.broadcast(SPECIES, left[l5 + k]);
      s50 = x5.fma(b0, s50);
      s51 = x5.fma(b1, s51);
    }
    s00.intoArray(result, r0);
    s01.intoArray(result, r0 + LANES);
    s10.intoArray(result, r1);
    s11.intoArray(result, r1 + LANES);
    s20.intoArray(result, r2);
    s21.intoArray(result, r2 + LANES);
    s30.intoArray(result, r3);
    s31.intoArray(result, r3 + LANES);
    s40.intoArray(result, r4);
    s41.intoArray(result, r4 + LANES);
    s50.intoArray(result, r5);
    s51.intoArray(result, r5 + LANES);
  }

  private static void block1x4(Product product, int row, int column, boolean add) {
    float[] left = product.left();
    float[] right = product.right();
    float[] result = product.result();
    int inner = product.inner();
    int columns = product.columns();
    int rightOffset = product.rightOffset(column);
    int l0 = row * inner;
    int r0 = row * columns + column;
    FloatVector s00 = start(result, r0, add);
    FloatVector s01 = start(result, r0 + LANES, add);
    FloatVector s02 = start(result, r0 + 2 * LANES, add);
    FloatVector s03 = start(result, r0 + 3 * LANES, add);
    for (int k = 0; k < inner; k++) {
      int at = rightOffset + k * AttentionKernels.STRIDE;
      FloatVector b0 = FloatVector.fromArray(SPECIES, right, at);
      FloatVector b1 = FloatVector.fromArray(SPECIES, right, at + LANES);
      FloatVector b2 = FloatVector.fromArray(SPECIES, right, at + 2 * LANES);
      FloatVector b3 = FloatVector.fromArray(SPECIES, right, at + 3 * LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, left[l0 + k]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
      s02 = x0.fma(b2, s02);
      s03 = x0.fma(b3, s03);
    }
    s00.intoArray(result, r0);
    s01.intoArray(result, r0 + LANES);
    s02.intoArray(result, r0 + 2 * LANES);
    s03.intoArray(result, r0 + 3 * LANES);
  }

  private static void block1x2(Product product, int row, int column, boolean add) {
    float[] left = product.left();
    float[] right = product.right();
    float[] result = product.result();
    int inner = product.inner();
    int columns = product.columns();
    int rightOffset = product.rightOffset(column);
    int l0 = row * inner;
    int r0 = row * columns + column;
    FloatVector s00 = start(result, r0, add);
    FloatVector s01 = start(result, r0 + LANES, add);
    for (int k = 0; k < inner; k++) {
      int at = rightOffset + k * AttentionKernels.STRIDE;
      FloatVector b0 = FloatVector.fromArray(SPECIES, right, at);
      FloatVector b1 = FloatVector.fromArray(SPECIES, right, at + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, left[l0 + k]);
      s00 = x0.fma(b0, s00);
      s01 = x0.fma(b1, s01);
    }
    s00.intoArray(result, r0);
    s01.intoArray(result, r0 + LANES);
  }

  private static void block1x1(Product product, int row, int column, boolean add) {
    float[] left = product.left();
    float[] right = product.right();
    float[] result = product.result();
    int inner = product.inner();
    int columns = product.columns();
    int rightOffset = product.rightOffset(column);
    int l0 = row * inner;
    int r0 = row * columns + column;
    FloatVector s00 = start(result, r0, add);
    for (int k = 0; k < inner; k++) {
      int at = rightOffset + k * AttentionKernels.STRIDE;
      FloatVector b0 = FloatVector.fromArray(SPECIES, right, at);
      FloatVector x0 = FloatVector.broadcast(SPECIES, left[l0 + k]);
      s00 = x0.fma(b0, s00);
    }
    s00.intoArray(result, r0);
  }
}
