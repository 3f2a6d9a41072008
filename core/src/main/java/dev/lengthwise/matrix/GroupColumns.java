package dev.lengthwise.matrix;

/// The order in which the columns of a part go to the four sums of [GroupDot]: first all of the
/// first sum, then those of the second, and so on.
final class GroupColumns {

  /// Sums of a part.
  static final int SUMS = 4;

  /// Columns of each sum with numbers of 4, 5 and 6 bits.
  static final int[] EIGHTS = {8, 8, 8, 8};

  static final int[] FIVES = {10, 10, 6, 6};
  static final int[] SIXES = {6, 4, 3, 3};

  private static final int[] EIGHT_COLUMNS = {
    0, 4, 8, 12, 16, 20, 24, 28, 1, 5, 9, 13, 17, 21, 25, 29, 2, 6, 10, 14, 18, 22, 26, 30, 3, 7,
    11, 15, 19, 23, 27, 31
  };
  private static final int[] FIVE_COLUMNS = {
    0, 4, 6, 10, 12, 16, 18, 22, 24, 28, 1, 5, 7, 11, 13, 17, 19, 23, 25, 29, 2, 8, 14, 20, 26, 30,
    3, 9, 15, 21, 27, 31
  };
  private static final int[] SIX_COLUMNS = {0, 4, 5, 9, 10, 14, 1, 6, 11, 15, 2, 7, 12, 3, 8, 13};

  private GroupColumns() {}

  /// The columns of a part.
  static int[] order(GroupLayout layout) {
    return switch (layout) {
      case Q4_0, Q4_K, IQ4_NL, IQ4_XS, MXFP4 -> EIGHT_COLUMNS;
      case Q5_K -> FIVE_COLUMNS;
      case Q6_K -> SIX_COLUMNS;
      case Q8_0 -> throw new IllegalArgumentException(layout + " has no float products");
    };
  }
}
