package dev.lengthwise.matrix;

import java.util.ArrayList;
import java.util.List;

/// Tokens that are multiplied one by one.
///
/// @param inputs a token each
/// @param kernel multiplies one
record IntegerTokens(List<IntegerInput> inputs, Kernel kernel) implements RoundedTokens {

  /// Products of rows with one token.
  interface Kernel {
    /// `sums[r]` of each row.
    void products(
        RowGroups groups, int first, int rows, IntegerInput input, float[] sums, Scratch own);
  }

  /// Rounds tokens, into memory of a thread's scratch.
  static IntegerTokens of(GroupLayout layout, FloatRows rows, Scratch scratch, Kernel kernel) {
    List<IntegerInput> inputs = new ArrayList<>(rows.count());
    for (int token = 0; token < rows.count(); token++) {
      IntegerInput input = scratch.integers(layout, token);
      input.set(layout, rows.addressOf(token), rows.columns());
      inputs.add(input);
    }
    return new IntegerTokens(inputs, kernel);
  }

  @Override
  public void products(RowGroups groups, int first, int rows, float[] sums, Scratch own) {
    own.oneByOne(
        inputs.size(),
        rows,
        sums,
        (token, single) -> kernel.products(groups, first, rows, inputs.get(token), single, own));
  }
}
