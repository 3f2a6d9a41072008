package dev.lengthwise.matrix;

/// The definition of [RowGroups]: single weights, equal to the bit to those of the codecs of
/// `quantised`.
final class GroupWeights {

  private GroupWeights() {}

  /// The weight of a row in a column.
  static float weight(RowGroups groups, int row, int column) {
    WeightType type = groups.weight().type();
    int size = RowGroups.unit(type);
    long unit = groups.addressOf(row) + (long) (column / size) * RowGroups.unitBytes(type);
    int lane = row % RowGroups.ROWS;
    int at = column % size;
    return switch (type) {
      case Q4_0 -> {
        int number = number(4, 32, unit + RowGroups.VECTOR, at, lane);
        yield half(unit + at / 32 * 32L, lane) * signed(4, number);
      }
      case Q4_K -> affine(4, unit, at, lane);
      case Q5_K -> affine(5, unit, at, lane);
      case Q6_K -> {
        int number = number(6, 16, unit + RowGroups.NUMBERS, at, lane);
        float scale =
            half(unit, lane) * Memory.byteAt(unit + RowGroups.SCALES + at / 16 * 16L + lane);
        yield scale * signed(6, number);
      }
      default -> throw new IllegalArgumentException(type + " has no groups of rows");
    };
  }

  private static float affine(int bits, long unit, int at, int lane) {
    long place = unit + at / 32 * (long) RowGroups.ROWS + lane;
    float scale = half(unit, lane) * Memory.unsignedAt(place + RowGroups.SCALES);
    float minimum = half(unit + 32, lane) * Memory.unsignedAt(place + RowGroups.MINIMA);
    return scale * number(bits, 32, unit + RowGroups.NUMBERS, at, lane) - minimum;
  }

  private static float half(long halves, int lane) {
    return Memory.halfAt(halves + lane * 2L);
  }

  private static int signed(int bits, int number) {
    return (number << (Integer.SIZE - bits)) >> (Integer.SIZE - bits);
  }

  // Number `at` of parts of `count`.
  private static int number(int bits, int count, long vectors, int at, int lane) {
    int lanes = count * bits / Integer.SIZE;
    long part = vectors + (long) (at / count) * lanes * RowGroups.VECTOR + lane * 4L;
    int each = Integer.SIZE / bits;
    int index = at % count;
    if (index < each * lanes) {
      return (lane(part, index / each) >> (index % each * bits)) & ((1 << bits) - 1);
    }
    int rest = 0;
    int free = Integer.SIZE - each * bits;
    for (int n = 0; n < lanes; n++) {
      rest |= (lane(part, n) >>> (Integer.SIZE - free)) << (free * n);
    }
    return (rest >> (bits * (index - each * lanes))) & ((1 << bits) - 1);
  }

  private static int lane(long part, int vector) {
    return Memory.intAt(part + (long) vector * RowGroups.VECTOR);
  }
}
