package dev.lengthwise.matrix;

import dev.lengthwise.parallel.VectorWidth;
import java.lang.foreign.MemorySegment;

/// The inner loops. [ScalarMatrixKernels] is the specification, [VectorMatrixKernels] its twin on
/// the Vector API; both run through the same tests.
///
/// Addresses are absolute and not checked: [MatrixProducts] gives only what its arguments cover.
/// How the work is grouped changes no bit: every output has its own sum, in the order of columns.
interface MatrixKernels {

  /// Most columns of a column block of decoded weights: four rows of them and those of four tokens
  /// take two thirds of a first-level cache of 48 KiB.
  int COLUMN_BLOCK = 1024;

  /// What this processor runs.
  static MatrixKernels best() {
    return VectorWidth.vectorised() ? new VectorMatrixKernels() : new ScalarMatrixKernels();
  }

  /// Products of some rows with one token: `sums[at + r] = Σ_c row_r[c] · input[c]`.
  ///
  /// @param weights address of the first row
  /// @param input address of `columns` floats
  void dot(
      WeightType type,
      long weights,
      int rows,
      int columns,
      long input,
      float[] sums,
      int at,
      Scratch scratch);

  /// The same of rows that lie side by side.
  ///
  /// @param first row, a multiple of [RowGroups#ROWS]
  void dot(
      RowGroups groups, int first, int rows, long input, float[] sums, int at, Scratch scratch);

  /// Whether there are products of a layout with activations of 8 bits.
  boolean rounds(GroupLayout layout);

  /// Rounds activations to 8 bits, for products with a layout that [#rounds].
  ///
  /// @param scratch holds the tokens until the next call with the same layout
  RoundedTokens round(GroupLayout layout, FloatRows inputs, Scratch scratch);

  /// Products with f32 activations of several tokens, each as alone to the bit: `sums[r · tokens +
  /// t]`.
  void dot(RowGroups groups, int first, int rows, FloatRows inputs, float[] sums, Scratch scratch);

  /// The same of rows as they lie in the file, of a type that [#isTogether].
  ///
  /// @param weights address of the first row
  /// @param inputs at least [#leastTogether] tokens
  void dot(
      WeightType type, long weights, int rows, FloatRows inputs, float[] sums, Scratch scratch);

  /// Whether rows of a type, as they lie in the file, are unpacked once for several tokens.
  boolean isTogether(WeightType type);

  /// From so many tokens on, rows are unpacked once for all of them; before, that costs more than
  /// it spares.
  int leastTogether();

  /// Most tokens that are multiplied one by one, each with a task's rows in the cache; for more,
  /// rows are decoded once for all tokens. At least 1.
  int mostAlone(WeightType type);

  /// Decodes `count` neighbouring weights, whole blocks, to `values` from index `at` on.
  void decode(WeightType type, long weights, int count, float[] values, int at);

  /// Adds the products of decoded rows with tokens: `sums[r · tokens + t] += Σ_c column block[r ·
  /// stride + c] · input_t[c]`, for a column block of `count` columns.
  ///
  /// @param columnBlock `[rows, stride]`
  /// @param inputs address of the first column of the first token
  /// @param inputStride floats from one token to the next
  /// @param sums `[rows, tokens]` from index `at` on
  void addColumnBlock(
      float[] columnBlock,
      int stride,
      int rows,
      int count,
      long inputs,
      long inputStride,
      int tokens,
      float[] sums,
      int at);

  /// Normalises one row.
  ///
  /// @param output f32: may be the input
  /// @param bf16 whether the output is rounded to bf16; otherwise it is f32
  void norm(long input, int columns, Normalization norm, long output, boolean bf16);

  /// `values[i] = activation(values[i])`.
  void activate(Activation activation, float[] values, int count);

  /// `gate[i] = gating(gate[i], up[i])`; afterwards `up` may hold something else.
  void gate(Gating gating, float[] gate, float[] up, int count);

  /// Stores floats in memory.
  ///
  /// @param bf16 whether they are rounded to bf16
  default void put(float[] values, int count, long target, boolean bf16) {
    if (bf16) {
      narrow(values, count, target);
    } else {
      MemorySegment.copy(values, 0, Memory.ALL, Memory.FLOAT, target, count);
    }
  }

  /// Rounds floats to bf16, to the nearest and to even on a tie.
  void narrow(float[] values, int count, long target);

  /// Rounds floats in memory to bf16.
  void narrow(long values, int count, long target);

  /// Stores products of some rows with some tokens where an output wants them, or adds them to what
  /// is there.
  ///
  /// @param first row
  /// @param sums `[rows, tokens]`
  default void store(Output output, int first, int rows, float[] sums) {
    int[] places = output.places();
    int tokens = output.target().count();
    if (tokens == 1 && places == null && !output.add()) {
      long target = output.target().addressOf(0) + (long) first * Float.BYTES;
      MemorySegment.copy(sums, 0, Memory.ALL, Memory.FLOAT, target, rows);
      return;
    }
    for (int token = 0; token < tokens; token++) {
      long target = output.target().addressOf(token);
      for (int row = 0; row < rows; row++) {
        int column = places == null ? first + row : places[first + row];
        long address = target + (long) column * Float.BYTES;
        float sum = sums[row * tokens + token];
        Memory.put(address, output.add() ? Memory.floatAt(address) + sum : sum);
      }
    }
  }

  /// Adds the bias of an output to products, multiplies them with its factor, and stores them.
  ///
  /// @param first row
  /// @param sums `[rows, tokens]`
  default void finish(Output output, int first, int rows, float[] sums) {
    int tokens = output.target().count();
    addBias(output, first, rows, sums);
    if (output.factor() != 1) {
      for (int n = 0; n < rows * tokens; n++) {
        sums[n] *= output.factor();
      }
    }
    store(output, first, rows, sums);
  }

  /// Adds the bias of an output to products.
  ///
  /// @param first row
  /// @param sums `[rows, tokens]`
  static void addBias(Output output, int first, int rows, float[] sums) {
    float[] bias = output.bias();
    int tokens = output.target().count();
    for (int row = 0; bias != null && row < rows; row++) {
      for (int token = 0; token < tokens; token++) {
        sums[row * tokens + token] += bias[first + row];
      }
    }
  }

  /// A weight or scale that is not finite, or 0 when all are finite.
  ///
  /// @param address of the first of `count` neighbours, whole blocks
  default float notFinite(WeightType type, long address, long count) {
    return NotFinite.find(type, address, count);
  }

  /// Packs some rows side by side ([RowGroups]), 16 but in the last group of a matrix.
  default void pack(WeightMatrix weight, GroupLayout layout, int first, int rows, long to) {
    RowPacking.pack(weight, layout, first, rows, to);
  }

  /// Stores products times a factor as f32, or adds them to what is there:
  /// `target[i] (+)= factor · products[i]`.
  ///
  /// @param bf16 whether the products are bf16; otherwise they are f32
  void store(long products, boolean bf16, int count, long target, boolean add, float factor);
}
