package dev.lengthwise.matrix;

/// The definition of [RowGroups]: single weights, equal to the bit to those of the codecs of
/// `quantised`.
final class GroupWeights {

  private GroupWeights() {}

  /// The weight of a row in a column.
  static float weight(RowGroups groups, int row, int column) {
    GroupLayout layout = groups.layout();
    long unit = unit(groups, row, column / layout.columns());
    int lane = row % GroupLayout.ROWS;
    int at = column % layout.columns();
    int part = at / layout.partColumns();
    int number = number(layout, unit, at, lane);
    return switch (layout) {
      case Q4_0, IQ4_NL, MXFP4, Q8_0 -> partScale(layout, unit, part, lane) * level(layout, number);
      case Q4_K, Q5_K -> {
        float scale = half(unit, lane) * scale(unit, part, lane);
        float minimum = half(unit + 32, lane) * minimum(unit, part, lane);
        yield scale * number - minimum;
      }
      case Q6_K, IQ4_XS -> {
        float scale = half(unit, lane) * (byte) scale(unit, part, lane);
        yield scale * level(layout, number);
      }
    };
  }

  /// What a number stands for: itself, or the level that it chooses.
  static int level(GroupLayout layout, int number) {
    return switch (layout) {
      case Q4_0, Q4_K, Q5_K, Q6_K, Q8_0 -> number;
      case IQ4_NL, IQ4_XS -> Levels.UNEVEN[number];
      case MXFP4 -> Levels.DOUBLED[number];
    };
  }

  /// The scale of a part of a layout whose parts have nothing above them.
  static float partScale(GroupLayout layout, long unit, int part, int lane) {
    return layout == GroupLayout.MXFP4
        ? Levels.UNITS[Memory.unsignedAt(unit + (long) part * GroupLayout.ROWS + lane)]
        : half(unit + part * 32L, lane);
  }

  /// The address of a unit of a row's group.
  static long unit(RowGroups groups, int row, int unit) {
    return groups.addressOf(row) + (long) unit * groups.layout().bytes();
  }

  /// One of 16 halves.
  static float half(long halves, int lane) {
    return Memory.halfAt(halves + lane * 2L);
  }

  /// The scale of a part of 256 weights; those of Q6_K and IQ4_XS are signed.
  static int scale(long unit, int part, int lane) {
    return Memory.unsignedAt(unit + GroupLayout.SCALES + (long) part * GroupLayout.ROWS + lane);
  }

  /// The minimum of a part of Q4_K or Q5_K.
  static int minimum(long unit, int part, int lane) {
    return Memory.unsignedAt(unit + GroupLayout.MINIMA + (long) part * GroupLayout.ROWS + lane);
  }

  /// The number of a row in column `at` of a unit.
  static int number(GroupLayout layout, long unit, int at, int lane) {
    int number = bits(layout, unit, at, lane) & ((1 << layout.bits()) - 1);
    int unused = Integer.SIZE - layout.bits();
    return layout.signed() ? (number << unused) >> unused : number;
  }

  // The bits of a number, and others above them.
  private static int bits(GroupLayout layout, long unit, int at, int lane) {
    int part = at / layout.partColumns();
    long first = unit + layout.numbers() + (long) part * layout.partBytes() + lane * 4L;
    int place = layout.place(at % layout.partColumns());
    int fields = layout.fields();
    int whole = 2 * fields * layout.vectors();
    if (place < whole) {
      int half = halfLane(first, place / (2 * fields), place / fields % 2);
      return half >> (place % fields * layout.bits());
    }
    int rest = 0;
    for (int n = 0; n < layout.vectors(); n++) {
      int half = halfLane(first, n, (place - whole) / layout.rest());
      rest |= (half >> (Short.SIZE - layout.free())) << (layout.free() * n);
    }
    return rest >> ((place - whole) % layout.rest() * layout.bits());
  }

  private static int halfLane(long lanes, int vector, int half) {
    int lane = Memory.intAt(lanes + (long) vector * GroupLayout.VECTOR);
    return (lane >> (Short.SIZE * half)) & 0xffff;
  }
}
