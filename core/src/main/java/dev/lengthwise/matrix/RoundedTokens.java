package dev.lengthwise.matrix;

/// Tokens of a product as whole numbers of 8 bits ([IntegerInput]).
interface RoundedTokens {

  /// Products of rows that lie side by side with all tokens: `sums[r · tokens + t]`.
  ///
  /// Sums of whole numbers are exact, and those of scaled parts run in the order of columns, so all
  /// kernels agree to the bit, and each token has the results that it has alone.
  ///
  /// @param first row, a multiple of [RowGroups#ROWS]
  /// @param own scratch of this thread
  void products(RowGroups groups, int first, int rows, float[] sums, Scratch own);

  /// The same products, with bias and factor, where an output wants them
  /// ([MatrixKernels#finish]).
  ///
  /// @param sums room for them
  default void multiply(
      MatrixKernels kernels,
      Output output,
      RowGroups groups,
      int first,
      int rows,
      float[] sums,
      Scratch own) {
    products(groups, first, rows, sums, own);
    kernels.finish(output, first, rows, sums);
  }

  /// `silu(gate · x) · (up · x)`, where an output wants it ([MatrixKernels#store]).
  ///
  /// @param up where it goes
  /// @param ofGate rows of the gate
  /// @param ofUp rows of `up`, with the same layout
  /// @param gates room for the products of the gate
  /// @param ups room for those of `up`
  default void multiplySilu(
      MatrixKernels kernels,
      Output up,
      RowGroups ofGate,
      RowGroups ofUp,
      int first,
      int rows,
      float[] gates,
      float[] ups,
      Scratch own) {
    products(ofGate, first, rows, gates, own);
    products(ofUp, first, rows, ups, own);
    kernels.gate(Gating.SILU, gates, ups, rows * up.target().count());
    kernels.store(up, first, rows, gates);
  }
}
