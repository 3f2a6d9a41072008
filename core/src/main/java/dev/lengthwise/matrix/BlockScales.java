package dev.lengthwise.matrix;

/// Factors that lie beside the numbers of a [WeightMatrix], one for each block of rows and columns:
/// a weight is its stored number times its factor, rounded once.
///
/// @param values factors, by rows of blocks; not copied, must not change
/// @param height rows of a block
/// @param width columns of a block; the last of a row may be narrower
/// @param across blocks in a row of blocks
/// @param firstRow row of the whole that is row 0 of the matrix
@SuppressWarnings("ArrayRecordComponent") // as large as a vector of the model
public record BlockScales(float[] values, int height, int width, int across, int firstRow) {

  /// The factor of a weight.
  public float of(int row, int column) {
    return values[(firstRow + row) / height * across + column / width];
  }

  /// The factors of the rows from `first` on.
  BlockScales from(int first) {
    return new BlockScales(values, height, width, across, firstRow + first);
  }

  /// The factors of rows in another order.
  ///
  /// @param order for each new row, which row it was
  public BlockScales ordered(int[] order) {
    float[] ordered = new float[order.length * across];
    for (int row = 0; row < order.length; row++) {
      System.arraycopy(
          values, (firstRow + order[row]) / height * across, ordered, row * across, across);
    }
    return new BlockScales(ordered, 1, width, across, 0);
  }

  /// Multiplies numbers of one row, which stand at `numbers[at …]`, with their factors.
  ///
  /// @param from column of the first
  void apply(int row, int from, int count, float[] numbers, int at) {
    for (int column = from; column < from + count; ) {
      int until = Math.min(from + count, (column / width + 1) * width);
      float factor = of(row, column);
      for (; column < until; column++) {
        numbers[at + column - from] *= factor;
      }
    }
  }

  /// A factor that is not finite, or 0 when all are finite.
  float notFinite() {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return value;
      }
    }
    return 0;
  }
}
