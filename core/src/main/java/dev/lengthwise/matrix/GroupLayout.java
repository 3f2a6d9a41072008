package dev.lengthwise.matrix;

import org.jspecify.annotations.Nullable;

/// How weights of a type lie in [RowGroups]: every stride of packing, definition and kernels.
///
/// A group is cut into units of columns, and a unit into parts that share a scale:
///
/// ```
/// Q4_0, 64 weights:   2 × 16 halves d │ 2 × 4 vectors                   576 bytes (file 576)
/// Q4_K, 256 weights:  16 halves d │ 16 halves dmin │ 8 × 16 bytes scales │ 8 × 16 bytes minima
///                     │ 8 × 4 vectors                                  2368 bytes (file 2304)
/// Q5_K, 256 weights:  the same with 8 × 5 vectors                      2880 bytes (file 2816)
/// Q6_K, 256 weights:  16 halves d, 32 bytes unused │ 16 × 16 bytes scales │ 16 × 3 vectors
///                                                                      3392 bytes (file 3360)
/// IQ4_NL: as Q4_0
/// IQ4_XS, 256 weights: 16 halves d, 32 bytes unused │ 8 × 16 bytes scales │ 8 × 4 vectors
///                                                                      2240 bytes (file 2176)
/// MXFP4, 64 weights:   2 × 16 bytes exponents, 32 bytes unused │ 2 × 4 vectors
///                                                                      576 bytes (file 544)
/// Q8_0, 64 weights:    2 × 16 halves d │ 2 × 8 vectors                 1088 bytes (file 1088)
/// ```
///
/// A vector is 16 lanes of two halves; a half holds 4 numbers of 4 bits, 3 of 5, 2 of 6 or 2 of 8,
/// from its last bit on. The first half has the first numbers of a vector, the second the next. The
/// one bit that 5 leaves free and the four that 6 leaves free are, over the vectors of a part, the
/// last numbers of the part: the first half has the first of them. Numbers of Q4_0, Q6_K and Q8_0
/// are signed; those of IQ4_NL, IQ4_XS and MXFP4 choose from a table ([Levels]). `kernels.c` knows
/// all this, too.
enum GroupLayout {
  /// See [WeightType#Q4_0].
  Q4_0(4, true, 8, 64, 32, 64),
  /// See [WeightType#Q4_K].
  Q4_K(4, false, 0, 256, 32, 320),
  /// See [WeightType#Q5_K].
  Q5_K(5, false, 16, 256, 32, 320),
  /// See [WeightType#Q6_K].
  Q6_K(6, true, 32, 256, 16, 320),
  /// See [WeightType#IQ4_NL].
  IQ4_NL(4, false, 0, 64, 32, 64),
  /// See [WeightType#IQ4_XS].
  IQ4_XS(4, false, 0, 256, 32, 192),
  /// See [WeightType#MXFP4].
  MXFP4(4, false, 0, 64, 32, 64),
  /// See [WeightType#Q8_0].
  Q8_0(8, true, 128, 64, 32, 64);

  /// Rows of a group.
  static final int ROWS = 16;

  /// Bytes of a vector.
  static final int VECTOR = 4 * ROWS;

  /// Where the scales of the parts of a unit of 256 weights begin, a byte for each row.
  static final int SCALES = 64;

  /// Where the minima of the parts of Q4_K and Q5_K begin, a byte for each row.
  static final int MINIMA = 192;

  // Columns of a part of Q6_K: so each vector has one for each of the four sums of
  // `GroupDot`, whose order is that of a lane with five numbers of 6 bits.
  private static final int[] SIX = {0, 1, 2, 3, 4, 6, 7, 8, 5, 11, 12, 13, 9, 10, 14, 15};

  private static final int[] NO_FLIPS = new int[5];

  // The uppermost bit of each number: of those of 6 bits in free bits the second of the second
  // vector, and the last of the third.
  private static final int[] FOUR_FLIPS = {0x88888888, 0x88888888, 0x88888888, 0x88888888};
  private static final int[] SIX_FLIPS = {0x08200820, 0x28202820, 0x88208820};

  private final int bits;
  private final boolean signed;
  private final int zero;
  private final int columns;
  private final int partColumns;
  private final int numbers;

  GroupLayout(int bits, boolean signed, int zero, int columns, int partColumns, int numbers) {
    this.bits = bits;
    this.signed = signed;
    this.zero = zero;
    this.columns = columns;
    this.partColumns = partColumns;
    this.numbers = numbers;
  }

  /// The layout of a type; `null` where it has none.
  static @Nullable GroupLayout of(WeightType type) {
    return switch (type) {
      case Q4_0 -> Q4_0;
      case Q4_K -> Q4_K;
      case Q5_K -> Q5_K;
      case Q6_K -> Q6_K;
      case IQ4_NL -> IQ4_NL;
      case IQ4_XS -> IQ4_XS;
      case MXFP4 -> MXFP4;
      case Q8_0 -> Q8_0;
      case F32, BF16, F16, F8_E4M3, F8_E5M2, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, TQ1_0, TQ2_0 -> null;
    };
  }

  /// Bits of a number.
  int bits() {
    return bits;
  }

  /// Whether numbers are signed.
  boolean signed() {
    return signed;
  }

  /// Whether numbers choose from a table of 16 levels.
  boolean hasLevels() {
    return switch (this) {
      case IQ4_NL, IQ4_XS, MXFP4 -> true;
      case Q4_0, Q4_K, Q5_K, Q6_K, Q8_0 -> false;
    };
  }

  /// Whether the products of 16 numbers with activations of 8 bits fit 16 bits, so that the Vector
  /// API multiplies them in lanes of 16 bits ([IntegerDot]).
  boolean fitsSixteenBits() {
    return !hasLevels() && this != Q8_0;
  }

  /// Whether there are products with f32 activations. Those of Q8_0 are as fast with rows as they
  /// lie in the file.
  boolean hasFloatProducts() {
    return this != Q8_0;
  }

  /// What is taken from the numbers, read without sign, before whole numbers are summed: half of
  /// their range where they are signed, and where 16 products would not fit 16 bits otherwise.
  int zero() {
    return zero;
  }

  /// Bits that turn the sign of every number of a vector around, for each vector of a part: numbers
  /// without sign are then [#zero] more than those with it. None where there are no signs.
  int[] flips() {
    return switch (this) {
      case Q4_0 -> FOUR_FLIPS;
      case Q4_K, Q5_K, IQ4_NL, IQ4_XS, MXFP4, Q8_0 -> NO_FLIPS;
      case Q6_K -> SIX_FLIPS;
    };
  }

  /// By how much half a lane is shifted last: to the last number, or to the upper two of four free
  /// bits.
  int lastShift() {
    return bits == 6 ? 14 : 3 * bits;
  }

  /// Columns of a unit.
  int columns() {
    return columns;
  }

  /// Columns of a part.
  int partColumns() {
    return partColumns;
  }

  /// Parts of a unit.
  int parts() {
    return columns / partColumns;
  }

  /// Where the numbers of a unit begin.
  int numbers() {
    return numbers;
  }

  /// Whole numbers of half a lane.
  int fields() {
    return Short.SIZE / bits;
  }

  /// Bits of half a lane that no whole number takes.
  int free() {
    return Short.SIZE % bits;
  }

  /// Vectors of a part.
  int vectors() {
    return partColumns * bits / Integer.SIZE;
  }

  /// Numbers of a part in the free bits of each half.
  int rest() {
    return vectors() * free() / bits;
  }

  /// Bytes of the numbers of a part.
  int partBytes() {
    return vectors() * VECTOR;
  }

  /// Bytes of a unit.
  int bytes() {
    return numbers + parts() * partBytes();
  }

  /// Bytes of a group of rows with so many columns.
  long groupBytes(int rowColumns) {
    return (long) (rowColumns / columns) * bytes();
  }

  /// The column of a part at a place: places go through the vectors of a part, both halves of each,
  /// then through the numbers in free bits.
  int column(int place) {
    return this == Q6_K ? SIX[place] : place;
  }

  /// The place of a column of a part.
  int place(int column) {
    int place = 0;
    while (column(place) != column) {
      place++;
    }
    return place;
  }
}
