package dev.lengthwise.matrix;

/// The definition of products of [RowGroups] with activations of 8 bits, one row at a time.
final class GroupIntegers {

  private GroupIntegers() {}

  /// The product of a row with a token.
  static float product(RowGroups groups, int row, IntegerInput input) {
    GroupLayout layout = groups.layout();
    float total = 0;
    for (int n = 0; n < groups.units(); n++) {
      long unit = GroupWeights.unit(groups, row, n);
      int lane = row % GroupLayout.ROWS;
      total =
          switch (layout) {
            case Q4_0, IQ4_NL, MXFP4, Q8_0 -> even(layout, unit, lane, n, input, total);
            case Q4_K, Q5_K -> affine(layout, unit, lane, n, input, total);
            case Q6_K, IQ4_XS -> signed(layout, unit, lane, n, input, total);
          };
    }
    return total;
  }

  private static float even(
      GroupLayout layout, long unit, int lane, int n, IntegerInput input, float before) {
    float total = before;
    for (int part = 0; part < 2; part++) {
      float dot = dot(layout, unit, lane, n, part, input);
      total = Math.fma(dot, GroupWeights.partScale(layout, unit, part, lane), total);
    }
    return total;
  }

  private static float affine(
      GroupLayout layout, long unit, int lane, int n, IntegerInput input, float before) {
    float upper = 0;
    float lower = 0;
    for (int part = 0; part < layout.parts(); part++) {
      float dot = dot(layout, unit, lane, n, part, input);
      upper = Math.fma(dot, GroupWeights.scale(unit, part, lane), upper);
      float sum = input.sums()[n * layout.parts() + part];
      lower = Math.fma(GroupWeights.minimum(unit, part, lane), sum, lower);
    }
    float total = Math.fma(GroupWeights.half(unit, lane), upper, before);
    return total - GroupWeights.half(unit + 32, lane) * lower;
  }

  private static float signed(
      GroupLayout layout, long unit, int lane, int n, IntegerInput input, float before) {
    float all = 0;
    for (int part = 0; part < layout.parts(); part++) {
      float dot = dot(layout, unit, lane, n, part, input);
      all = Math.fma(dot, (byte) GroupWeights.scale(unit, part, lane), all);
    }
    return Math.fma(GroupWeights.half(unit, lane), all, before);
  }

  // The whole sum of a part, times the scale of its activations.
  private static float dot(
      GroupLayout layout, long unit, int lane, int n, int part, IntegerInput input) {
    int first = part * layout.partColumns();
    int sum = 0;
    for (int at = first; at < first + layout.partColumns(); at++) {
      int number = input.numbers()[n * layout.columns() + at];
      sum += GroupWeights.level(layout, GroupWeights.number(layout, unit, at, lane)) * number;
    }
    return sum * input.scales()[(n * layout.columns() + first) / IntegerInput.BLOCK];
  }
}
